package relay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// document is openapi.json as far as the tests read it.
type document struct {
	OpenAPI    string                                `json:"openapi"`
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Responses map[string]response `json:"responses"`
		Schemas   map[string]schema   `json:"schemas"`
		Headers   map[string]struct {
			Schema schema `json:"schema"`
		} `json:"headers"`
	} `json:"components"`
}

type operation struct {
	Responses   map[string]response `json:"responses"`
	RequestBody struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
}

type response struct {
	Ref     string         `json:"$ref"`
	Headers map[string]any `json:"headers"`
	Content map[string]struct {
		Schema schema `json:"schema"`
	} `json:"content"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Const      string            `json:"const"`
	Required   []string          `json:"required"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
}

func readDocument(t *testing.T) document {
	t.Helper()
	b, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(d.OpenAPI, "3.1.") {
		t.Errorf("openapi is %q", d.OpenAPI)
	}
	return d
}

// operations returns every operation by "METHOD /path".
func (d document) operations(t *testing.T) map[string]operation {
	all := make(map[string]operation)
	for path, item := range d.Paths {
		for method, raw := range item {
			if method == "parameters" {
				continue
			}
			var op operation
			if err := json.Unmarshal(raw, &op); err != nil {
				t.Fatalf("%s %s: %v", method, path, err)
			}
			for status, r := range op.Responses {
				if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
					if op.Responses[status], ok = d.Components.Responses[name]; !ok {
						t.Errorf("%s %s: no response %s", method, path, name)
					}
				}
			}
			all[strings.ToUpper(method)+" "+path] = op
		}
	}
	return all
}

func (d document) schema(t *testing.T, s schema) schema {
	t.Helper()
	if s.Ref == "" {
		return s
	}
	got, ok := d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	if !ok {
		t.Errorf("no schema %s", s.Ref)
	}
	return got
}

func TestOpenAPI_Routes(t *testing.T) {
	var want []string
	for path, methods := range relay.Routes() {
		for _, m := range methods {
			want = append(want, m+" "+path)
			if m == "GET" {
				want = append(want, "HEAD "+path)
			}
		}
		if path != wire.HealthPath && path != wire.ReadyPath {
			want = append(want, "OPTIONS "+path)
		}
	}
	slices.Sort(want)
	ops := readDocument(t).operations(t)
	if got := slices.Sorted(maps.Keys(ops)); !slices.Equal(got, want) {
		t.Errorf("the document has\n%v, the handler\n%v", got, want)
	}
	for name, op := range ops {
		if path, ok := strings.CutPrefix(name, "HEAD "); ok {
			get := ops["GET "+path]
			if a, b := slices.Sorted(maps.Keys(op.Responses)), slices.Sorted(maps.Keys(get.Responses)); !slices.Equal(a, b) {
				t.Errorf("%s has %v, GET %v", name, a, b)
			}
		}
	}
}

// TestOpenAPI_Schemas compares every type of package wire with its schema:
// names, types, and what may be missing.
func TestOpenAPI_Schemas(t *testing.T) {
	d := readDocument(t)
	types := map[string]any{
		"Create": wire.Create{}, "Passcode": wire.Passcode{}, "File": wire.File{}, "Change": wire.Change{}, "Status": wire.Status{},
		"Receipts": wire.Receipts{}, "SealedReceipt": wire.SealedReceipt{}, "Receipt": wire.Receipt{}, "ManifestRequest": wire.ManifestRequest{},
		"OpenMailbox": wire.OpenMailbox{}, "MailboxStatus": wire.MailboxStatus{}, "MailboxNote": wire.MailboxNote{}, "Deposit": wire.Deposit{},
		"Deposited": wire.Deposited{}, "Entries": wire.Entries{}, "Entry": wire.Entry{}, "Acknowledge": wire.Acknowledge{}, "About": wire.About{}, "Push": wire.Push{},
		"Manifest": wire.Manifest{}, "ManifestFile": wire.ManifestFile{}, "Problem": wire.Problem{}, "Work": wire.Work{}, "Health": relay.Health{},
	}
	for name := range d.Components.Schemas {
		if _, ok := types[name]; !ok && name != "JWE" && name != "Sealed" && name != "Base64Of32" {
			t.Errorf("%s is in the document and in no package", name)
		}
	}
	for name, v := range types {
		want := schemaOf(reflect.TypeOf(v))
		got := d.Components.Schemas[name]
		slices.Sort(got.Required)
		if !slices.Equal(got.Required, want.Required) {
			t.Errorf("%s: required %v, want %v", name, got.Required, want.Required)
		}
		if a, b := slices.Sorted(maps.Keys(got.Properties)), slices.Sorted(maps.Keys(want.Properties)); !slices.Equal(a, b) {
			t.Errorf("%s: properties %v, want %v", name, a, b)
			continue
		}
		for p, w := range want.Properties {
			g := got.Properties[p]
			if w.Ref != "" && g.Ref != w.Ref || w.Items != nil && (g.Items == nil || g.Items.Ref != w.Items.Ref) {
				t.Errorf("%s.%s: got %+v, want %+v", name, p, g, w)
			}
			if g := d.schema(t, g); g.Type != w.Type {
				t.Errorf("%s.%s is %q, want %q", name, p, g.Type, w.Type)
			}
		}
	}
}

// schemaOf says what encoding/json makes of a type.
func schemaOf(typ reflect.Type) schema {
	s := schema{Type: "object", Properties: make(map[string]schema), Required: []string{}}
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		ft := f.Type
		if ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		var p schema
		switch ft.Kind() {
		case reflect.String:
			p.Type = "string"
		case reflect.Bool:
			p.Type = "boolean"
		case reflect.Int, reflect.Int64:
			p.Type = "integer"
		case reflect.Slice:
			p.Type, p.Items = "array", &schema{}
			if ft.Elem().Kind() == reflect.Struct {
				p.Items.Ref = "#/components/schemas/" + ft.Elem().Name()
			}
		case reflect.Struct:
			p.Type, p.Ref = "object", "#/components/schemas/"+ft.Name()
		default:
			panic(name)
		}
		s.Properties[name] = p
		if !strings.Contains(options, "omitempty") {
			s.Required = append(s.Required, name)
		}
	}
	slices.Sort(s.Required)
	return s
}

// TestHTTPContract runs the whole contract, and then all the troubles there are,
// and compares every answer with openapi.json: its status, its headers, its
// type. What the document says and nobody saw is an error too.
func TestHTTPContract(t *testing.T) {
	d := readDocument(t)
	w := &watcher{t: t, d: d, ops: d.operations(t), seen: make(map[string]bool)}
	watch := func(edit func(*relay.Options)) *world {
		world := newWorld(t, func(o *relay.Options) {
			o.Push = newPush(t, new(pushService))
			if edit != nil {
				edit(o)
			}
		})
		world.HTTP = &http.Client{Transport: &watching{w, world.HTTP.Transport}}
		return world
	}
	storetest.RunHTTP(t, watch(nil).Client)

	everyPushAnswer(t, watch(nil), watch(func(o *relay.Options) { o.Push = nil }))

	// A page of somebody else's; bodies that are too large.
	world := watch(nil)
	o := world.Create(t, "", "U", nil)
	box := storetest.Mailbox{Client: world.Client, ID: o.ID, Token: o.Token}
	box.Put(t, storetest.NewOpenMailbox(o.Token))
	large := strings.Repeat(" ", relay.MaxUpload+1)
	for name, op := range w.ops {
		method, path, _ := strings.Cut(name, " ")
		path = strings.ReplaceAll(path, "{id}", o.ID)
		if strings.HasPrefix(path, "/v1/") {
			world.Do(t, method, path, nil, storetest.Headers{"Origin", "https://evil.example"})
		}
		if op.RequestBody.Content != nil {
			h := storetest.Headers{"Authorization", "Bearer " + o.Token, wire.SequenceHeader, "77", "If-None-Match", "*"}
			world.Try(method, path, large, h)
		}
	}
	// An engine with WebSockets.
	box.Client = watch(func(o *relay.Options) { o.WebSocket = true }).Client
	box.Put(t, storetest.NewOpenMailbox(o.Token))
	box.Call(t, "GET", "/live", nil)
	// A network that asks too much, a store that fails, a program that does.
	for _, edit := range []func(*relay.Options){
		func(o *relay.Options) {
			o.Limits = relay.Limits{Data: relay.Rate{PerMinute: 1, Burst: 1}, Control: relay.Rate{PerMinute: 1, Burst: 1}}
			o.RemoteAddr = func(r *http.Request) string { return "" }
		},
		func(o *relay.Options) { o.Store = &dead{} },
		func(o *relay.Options) { o.Store = &dead{panics: true} },
	} {
		world := watch(edit)
		ticket := keyring(t, [32]byte{1}).Ticket(strings.Repeat("ab", 32), strings.Repeat("cd", 32), world.clock.now().Add(wire.TicketLife))
		create := storetest.NewCreate(o.Token, "U")
		for name := range w.ops {
			method, path, _ := strings.Cut(name, " ")
			path = strings.NewReplacer("{id}", o.ID, "{ticket}", ticket).Replace(path)
			h := storetest.Headers{"Authorization", "Bearer " + o.Token, wire.SequenceHeader, "77", "If-None-Match", "*"}
			var body any
			switch name {
			case "PUT /v1/links/{id}":
				body = create
			case "PUT /v1/links/{id}/file":
				body = create.File
			case "PATCH /v1/links/{id}":
				body = `{"addUses":1}`
			case "POST /l/{id}":
				body = `{}`
			case "PUT /v1/mailboxes/{id}":
				body = storetest.NewOpenMailbox(o.Token)
			case "POST /v1/mailboxes/{id}/ack":
				body = `{"seqs":[1]}`
			}
			for range 2 {
				world.Do(t, method, path, body, h)
			}
		}
	}
	for name, op := range w.ops {
		for status := range op.Responses {
			if !w.seen[name+" "+status] && !strings.HasPrefix(name, "HEAD ") {
				t.Errorf("%s: %s is in the document, but no answer was that", name, status)
			}
		}
	}
}

// dead is a store that fails, or panics, whatever it is asked.
type dead struct {
	relay.Store
	panics bool
}

func (d *dead) err() error {
	if d.panics {
		panic("dead")
	}
	return errors.New("dead")
}

func (d *dead) Live(context.Context, relay.Reader) (relay.Link, error) { return relay.Link{}, d.err() }

func (d *dead) Owned(context.Context, string, string) (relay.Link, error) {
	return relay.Link{}, d.err()
}

func (d *dead) Create(context.Context, relay.Link, []byte, int64) (bool, error) {
	return false, d.err()
}

func (d *dead) Change(context.Context, relay.Claim, relay.Terms) (relay.Link, error) {
	return relay.Link{}, d.err()
}

func (d *dead) Revoke(context.Context, relay.Claim, int64) error { return d.err() }

func (d *dead) Mailbox(context.Context, string, int64) (relay.Mailbox, error) {
	return relay.Mailbox{}, d.err()
}

func (d *dead) OwnedMailbox(context.Context, string, string, int64) (relay.Mailbox, error) {
	return relay.Mailbox{}, d.err()
}

func (d *dead) OpenMailbox(context.Context, relay.Mailbox, int64) (bool, error) {
	return false, d.err()
}

func (d *dead) CloseMailbox(context.Context, string, string, int64) error { return d.err() }

// watching reports every answer to its watcher.
type watching struct {
	*watcher
	next http.RoundTripper
}

func (w *watching) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.next.RoundTrip(r)
	if err == nil {
		w.check(r, res)
	}
	return res, err
}

type watcher struct {
	t    *testing.T
	d    document
	ops  map[string]operation
	mu   sync.Mutex // guards seen
	seen map[string]bool
}

// pattern finds the documented path of a request.
func (w *watcher) pattern(path string) (string, bool) {
	for p := range w.d.Paths {
		before, after, param := strings.Cut(p, "{")
		_, after, _ = strings.Cut(after, "}")
		rest, ok := strings.CutPrefix(path, before)
		rest, ok2 := strings.CutSuffix(rest, after)
		if ok && ok2 && (param && rest != "" && !strings.Contains(rest, "/") || !param && rest == "") {
			return p, true
		}
	}
	return "", false
}

func (w *watcher) check(r *http.Request, res *http.Response) {
	path, ok := w.pattern(r.URL.Path)
	if !ok {
		if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusMethodNotAllowed {
			w.t.Errorf("an unknown path: %d", res.StatusCode)
		}
		return
	}
	name, status := r.Method+" "+path, strconv.Itoa(res.StatusCode)
	op, ok := w.ops[name]
	if !ok {
		if res.StatusCode != http.StatusMethodNotAllowed && res.StatusCode != http.StatusForbidden {
			w.t.Errorf("%s is not in the document: %s", name, status)
		}
		return
	}
	doc, ok := op.Responses[status]
	if !ok {
		w.t.Errorf("%s: %s is not in the document", name, status)
		return
	}
	w.mu.Lock()
	w.seen[name+" "+status] = true
	w.mu.Unlock()
	for h := range doc.Headers {
		got := res.Header.Get(h)
		if want := w.d.Components.Headers[h].Schema.Const; got == "" || want != "" && got != want {
			w.t.Errorf("%s %s: header %s is %q, want %q", name, status, h, got, want)
		}
	}
	typ := res.Header.Get("Content-Type")
	if len(doc.Content) == 0 && typ != "" {
		w.t.Errorf("%s %s: has a body of %s", name, status, typ)
	}
	if _, ok := doc.Content[typ]; !ok && len(doc.Content) != 0 {
		w.t.Errorf("%s %s: is %q, want one of %v", name, status, typ, fmt.Sprint(slices.Collect(maps.Keys(doc.Content))))
	}
}
