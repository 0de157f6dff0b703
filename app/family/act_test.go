package family_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/family"
	"potli/app/record"
	"potli/crypto/chain"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

// acts are one operation of each kind.
var acts = []family.Act{
	&family.Found{Fields: family.Fields{"name": "आशा <b>", "birth": "2010-05-01"}, Public: []byte("public")},
	&family.Details{Fields: family.Fields{"blood": "B+", "name": ""}},
	&family.Add{User: "father", Role: family.Admin, Public: []byte("public"), From: 3},
	&family.SetRole{User: "father", Role: family.Owner},
	&family.Remove{User: "father"},
	&family.Devices{Public: []byte("public")},
	&family.Epoch{N: 2, Recipient: chain.Hash{1}, To: []family.Whom{{User: "mother", Doc: chain.Hash{2}}}, Sealed: []byte("sealed")},
	&family.Grant{To: family.Whom{User: "father", Doc: chain.Hash{3}}, Epochs: []chain.Hash{{4}, {5}}, Sealed: []byte("sealed")},
	&family.Records{List: []family.Named{{ID: "r1", Sum: chain.Hash{6}}}},
	&family.Retitle{ID: "r1", Title: "Blood \"count\" & more\n", Date: "2026-05-01"},
	&family.Move{ID: "r1", To: "ravi", As: "r2"},
	&family.Delete{IDs: []record.ID{"r1", "r2"}},
	&family.Guardian{User: "mother", As: "mother", Proof: "birth-certificate", Record: "r1", Sum: "00ff", Since: "2010"},
	&family.SetMajority{Law: "IN", Age: 18, Offset: 330},
	&family.Offer{User: "asha"},
	&family.Accept{Offer: chain.Hash{7}},
	&family.Transfer{User: "asha"},
	&family.NameContact{User: "neighbour", Days: 30},
	&family.Claim{},
	&family.Waited{Claim: chain.Hash{8}},
	&family.Veto{Claim: chain.Hash{8}},
	&family.Recover{Claim: chain.Hash{8}},
	&family.Logged{From: 2, Lines: []string{`{"kind":"granted"}`}, Checkpoint: "potli-log/1/…\n"},
}

// What a release wrote must be read for ever, and is written in the same way.
func TestGoldenActs(t *testing.T) {
	const path = "testdata/acts.txt"
	var lines []string
	for _, a := range acts {
		kind, body, err := family.Encode(a)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(kind)+" "+string(body))
	}
	want := strings.Join(lines, "\n") + "\n"
	if _, err := os.Stat(path); *generate && os.IsNotExist(err) {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := string(must(os.ReadFile(path)))
	if got != want {
		t.Errorf("an operation is written in another way now:\n%s\n%s", got, want)
	}
	for i, line := range strings.Split(strings.TrimSuffix(got, "\n"), "\n") {
		kind, body, _ := strings.Cut(line, " ")
		a, err := family.Decode(family.Kind(kind), []byte(body))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if x, y := must(json.Marshal(a)), must(json.Marshal(acts[i])); a.Kind() != acts[i].Kind() || !bytes.Equal(x, y) {
			t.Errorf("%s: %s, want %s", kind, x, y)
		}
	}
}

// A history of a release must mean the same for ever.
func TestGoldenHistory(t *testing.T) {
	const entries, meaning = "testdata/history.entries", "testdata/history.txt"
	if _, err := os.Stat(entries); *generate && os.IsNotExist(err) {
		w, claim := claimed(t)
		w.granny.write(&family.Waited{Claim: claim})
		w.mother.write(&family.Remove{User: w.aunt.id()})
		w.mother.epoch()
		w.uncle.epoch()
		w.uncle.write(named("r1", "r2"))
		w.aunt.write(named("r3"))
		w.uncle.write(&family.Retitle{ID: "r1", Title: "Blood count", Date: "2026-05-01"})
		w.uncle.write(&family.Move{ID: "r2", To: "ravi", As: "r7"})
		w.father.write(&family.Details{Fields: family.Fields{"name": "Asha", "birth": "2012-02-29"}})
		w.father.write(&family.SetMajority{Law: "IN", Age: 18, Offset: 330})
		w.father.more()
		w.granny.roll()
		meet(t, w.mother, w.granny, w.uncle, w.aunt, w.father)
		w.mother.give()
		if err := os.WriteFile(entries, w.mother.h.Log().Marshal(), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(meaning, told(w.mother.state()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := must(os.ReadFile(entries))
	first, _, err := chain.Next(b)
	if err != nil {
		t.Fatal(err)
	}
	l, err := chain.Load(first.Profile, first.Hash(), b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := told(family.Fold(l)), must(os.ReadFile(meaning)); !bytes.Equal(got, want) {
		t.Errorf("the history means something else now:\n%s\nand meant\n%s", got, want)
	}
}

// told is what a history means, a fact a line; what later releases may say besides is
// not in it.
func told(s *family.State) []byte {
	var b bytes.Buffer
	for _, m := range s.Members {
		fmt.Fprintln(&b, "member", m.User, m.Role, m.From, m.Doc, m.Contact, "uses", ids(m.Devices), "out", ids(m.Out), "lacks", m.Lacks, "withheld", m.Withheld)
	}
	for _, e := range s.Epochs {
		fmt.Fprintln(&b, "epoch", e.N, e.Entry, e.Recipient, e.User, e.Stands, e.Serves, e.Void == "")
		for _, w := range e.To {
			fmt.Fprintln(&b, "  for", w.User, w.Doc)
		}
	}
	for _, r := range s.Records {
		fmt.Fprintln(&b, "record", r.ID, r.Sum, r.User, r.Entry, r.Title, r.Date, r.Deleted, r.Moved)
	}
	for _, c := range s.Claims {
		fmt.Fprintln(&b, "claim", c.Entry, c.User, c.Days, c.Waited, c.Vetoed, c.Recovered)
	}
	for _, v := range s.Void {
		fmt.Fprintln(&b, "void", v.Entry, v.User, v.Device, v.Kind)
	}
	fmt.Fprintln(&b, "of age", s.Majority.At.Format(time.RFC3339), s.Majority.Law, s.Majority.Applies)
	fmt.Fprintln(&b, s.Fields, s.Heads, s.NeedsRoll())
	return b.Bytes()
}

func ids(list []family.Device) (ids []string) {
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	return ids
}

func TestEncodeKeepsToTheLimits(t *testing.T) {
	long := strings.Repeat("x", 2000)
	whom := family.Whom{User: "u"}
	many := make(family.Fields)
	for i := range 65 {
		many[strings.Repeat("x", i+1)] = "y"
	}
	for name, a := range map[string]family.Act{
		"nothing":            nil,
		"no field":           &family.Details{},
		"many fields":        &family.Details{Fields: many},
		"a long field":       &family.Details{Fields: family.Fields{"a": long}},
		"a field's name":     &family.Details{Fields: family.Fields{"": "x"}},
		"no such birthday":   &family.Details{Fields: family.Fields{"birth": "2010-02-30"}},
		"no birthday":        &family.Found{Fields: family.Fields{"birth": "soon"}, Public: []byte("x")},
		"no public part":     &family.Found{},
		"no user":            &family.Add{Role: family.Reader, Public: []byte("x"), From: 1},
		"no role":            &family.Add{User: "u", Public: []byte("x"), From: 1},
		"a role above":       &family.SetRole{User: "u", Role: 5},
		"from nothing":       &family.Add{User: "u", Role: family.Reader, Public: []byte("x")},
		"a long user":        &family.Remove{User: long},
		"a large public":     &family.Devices{Public: make([]byte, 128<<10+1)},
		"epoch 0":            &family.Epoch{To: []family.Whom{whom}, Sealed: []byte("x")},
		"epoch for nobody":   &family.Epoch{N: 1, Sealed: []byte("x")},
		"epoch for many":     &family.Epoch{N: 1, To: slices.Repeat([]family.Whom{whom}, 65), Sealed: []byte("x")},
		"epoch without key":  &family.Epoch{N: 1, To: []family.Whom{whom}},
		"a large key":        &family.Epoch{N: 1, To: []family.Whom{whom}, Sealed: make([]byte, 160<<10+1)},
		"grant of nothing":   &family.Grant{To: whom, Sealed: []byte("x")},
		"a large grant":      &family.Grant{To: whom, Epochs: make([]chain.Hash, 2048), Sealed: make([]byte, 160<<10)},
		"no record":          &family.Records{},
		"many records":       &family.Records{List: slices.Repeat([]family.Named{{ID: "r"}}, 1025)},
		"a record's name":    &family.Records{List: []family.Named{{}}},
		"a long title":       &family.Retitle{ID: "r", Title: long},
		"moved to nobody":    &family.Move{ID: "r", As: "x"},
		"nothing deleted":    &family.Delete{},
		"no proof":           &family.Guardian{User: "u", As: "mother"},
		"age 12":             &family.SetMajority{Law: "x", Age: 12},
		"age 30":             &family.SetMajority{Law: "x", Age: 30},
		"a far offset":       &family.SetMajority{Law: "x", Age: 18, Offset: 900},
		"no offer":           &family.Accept{},
		"days below 0":       &family.NameContact{User: "u", Days: -1},
		"more than a year":   &family.NameContact{User: "u", Days: 367},
		"waited for nothing": &family.Waited{},
	} {
		if _, _, err := family.Encode(a); err != family.ErrBody {
			t.Errorf("%s: %v, want ErrBody", name, err)
		}
	}
}

func TestDecodeIsStrict(t *testing.T) {
	for _, tt := range []struct {
		name, kind, body string
		want             error
	}{
		{"as it should be", "remove", `{"user":"u"}`, nil},
		{"spaces", "remove", ` { "user" : "u" } `, nil},
		{"a later kind", "dance", `{}`, family.ErrLater},
		{"a later member", "remove", `{"user":"u","why":"x"}`, family.ErrLater},
		{"a later member inside", "grant", `{"to":{"user":"u","doc":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","new":1},"epochs":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],"sealed":"eA=="}`, family.ErrLater},
		{"nothing", "remove", ``, family.ErrBody},
		{"no JSON", "remove", `user`, family.ErrBody},
		{"two values", "remove", `{"user":"u"}{"user":"v"}`, family.ErrBody},
		{"a list", "remove", `["u"]`, family.ErrBody},
		{"null", "remove", `null`, family.ErrBody},
		{"no such role", "role", `{"user":"u","role":"king"}`, family.ErrBody},
		{"role none", "role", `{"user":"u","role":"none"}`, family.ErrBody},
		{"a number for a role", "role", `{"user":"u","role":3}`, family.ErrBody},
		{"a short hash", "veto", `{"claim":"AAAA"}`, family.ErrBody},
		{"not UTF-8", "remove", "{\"user\":\"\xff\"}", family.ErrBody},
		{"deep", "details", `{"fields":` + strings.Repeat("[", 20000), family.ErrBody},
	} {
		if _, err := family.Decode(family.Kind(tt.kind), []byte(tt.body)); err != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// An operation of a later release has no effect, is named, and stops us from writing.
func TestALaterRelease(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	d := w.uncle.h.Log().Draft(w.uncle.keys.Verifier())
	d.User, d.Device, d.Time, d.Kind, d.Body = w.uncle.id(), w.uncle.keys.Device, w.now, "dance", []byte("{}")
	e := must(chain.Sign(d, w.uncle.keys.Signer))
	must(w.mother.h.Add(e))
	s := w.mother.state()
	is(t, "a kind of a later release", why(s, e.Hash()), family.ErrLater)
	if !s.Later() || w.father.state().Later() {
		t.Error("Later")
	}
	w.mother.refused(named("r1"), family.ErrLater)
}

func TestRoleNames(t *testing.T) {
	for r, want := range map[family.Role]string{family.None: "none", family.Contact: "contact", family.Reader: "reader", family.Admin: "admin", family.Owner: "owner", 7: "none", -1: "none"} {
		if r.String() != want {
			t.Errorf("%d is %s, want %s", int(r), r, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, line := range strings.Split(strings.TrimSpace(string(must(os.ReadFile(filepath.Join("testdata", "acts.txt"))))), "\n") {
		kind, body, _ := strings.Cut(line, " ")
		f.Add(kind, []byte(body))
	}
	f.Add("dance", []byte("{}"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		a, err := family.Decode(family.Kind(kind), body)
		if err != nil {
			return
		}
		k, again, err := family.Encode(a)
		if err != nil {
			if len(body) < chain.MaxBody/8 {
				t.Fatalf("read, and not written: %v", err)
			}
			return
		}
		b, err := family.Decode(k, again)
		if err != nil || string(k) != kind || !bytes.Equal(must(json.Marshal(a)), must(json.Marshal(b))) {
			t.Errorf("%s, written and read again, is another: %v", body, err)
		}
	})
}

// Whatever members sign: nobody's fold fails, and all say the same.
func FuzzHistory(f *testing.F) {
	now := noon
	mother, father := newPhone(f, "mother", &now), newPhone(f, "father", &now)
	mother.found(family.Found{Fields: family.Fields{}})
	mother.letIn(father, family.Admin)
	f.Add("remove", []byte(`{"user":"u"}`), "details", []byte(`{"fields":{"birth":"2010-05-01"}}`))
	f.Add("epoch", []byte(`{"n":2,"to":[{"user":"u"}],"sealed":"eA=="}`), "claim", []byte("{}"))
	f.Fuzz(func(t *testing.T, kind1 string, body1 []byte, kind2 string, body2 []byte) {
		a, b := *mother, *father
		a.t, b.t = t, t
		a.h, b.h = a.copy(), b.copy()
		if !a.raw(kind1, body1) || !b.raw(kind2, body2) || !a.raw(kind2, body1) {
			return
		}
		s := meet(t, &a, &b)
		if len(s.Members) == 0 || s.Members[0].Role != family.Owner {
			t.Error("nobody is an owner")
		}
	})
}

// raw signs any body.
func (p *phone) raw(kind string, body []byte) bool {
	d := p.h.Log().Draft(p.keys.Verifier())
	d.User, d.Device, d.Time, d.Kind, d.Body = p.id(), p.keys.Device, *p.now, kind, body
	e, err := chain.Sign(d, p.keys.Signer)
	if err != nil {
		return false
	}
	must(p.h.Add(e))
	return true
}
