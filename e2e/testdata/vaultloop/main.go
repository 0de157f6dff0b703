//go:build js

// Command vaultloop keeps a vault in this browser's real database and does what
// it is told, one thing after the other, until the browser is killed. Its first
// answer says all that the vault holds; the test beside it compares.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall/js"
	"time"

	"potli/app/history"
	"potli/app/record"
	"potli/app/sync"
	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/wasm/browser"
)

// start is what this vault is for.
type start struct {
	Kit   string `json:"kit,omitempty"`   // of the backup that it is to be made of; else it is made anew
	Made  bool   `json:"made,omitempty"`  // there was a vault: never is another one made in its place
	Relay string `json:"relay,omitempty"` // by which its person comes, from somebody else's wallet
}

// order is what is to be done next.
type order struct {
	Do         string              `json:"do"` // one of the cases of do
	ID         record.ID           `json:"id,omitempty"`
	Body       string              `json:"body,omitempty"`
	Docs       map[string]string   `json:"docs,omitempty"` // "": deleted
	Invitation *history.Invitation `json:"invitation,omitempty"`
}

// report is what became of it, or at the start and where it is not said before
// what is there.
type report struct {
	Err     string               `json:"err,omitempty"`
	ID      record.ID            `json:"id,omitempty"`
	None    bool                 `json:"none,omitempty"`    // there is no vault
	Records map[record.ID]string `json:"records,omitempty"` // SHA-256 of the bytes that were read
	Docs    map[string]string    `json:"docs,omitempty"`
	Faults  int                  `json:"faults,omitempty"`
	Rebuilt bool                 `json:"rebuilt,omitempty"`
	Public  []byte               `json:"public,omitempty"` // of the user, for who invites them
}

func main() {
	ctx := context.Background()
	where := js.Global().Get("location")
	l := &loop{
		origin: where.Get("origin").String(), which: where.Get("search").String(),
		blobs: browser.NewIndexedDB("potli"), read: map[record.ID]string{},
	}
	held, err := l.open(ctx)
	for {
		if err != nil {
			held = report{Err: err.Error()}
		}
		var next order
		if err := l.exchange("/next", held, &next); err != nil {
			fmt.Println(err)
			return
		}
		held, err = l.do(ctx, next)
	}
}

type loop struct {
	origin string
	which  string // "?" and the number of the browser this is
	start  start
	blobs  vault.Blobs
	vault  *vault.Vault         // nil: there is none
	read   map[record.ID]string // SHA-256 of what this browser has read of it
	keeper *history.Keeper
	engine *sync.Engine
}

// open opens the vault, or makes it, and reads every byte of it. What it is locked
// with is not what is tested: its unlock file is the keys as they are.
func (l *loop) open(ctx context.Context) (report, error) {
	if err := l.exchange("/start", nil, &l.start); err != nil {
		return report{}, err
	}
	lost := look()
	exists, err := vault.Exists(ctx, l.blobs)
	switch {
	case err != nil:
		return report{}, err
	case exists:
		l.vault, err = l.reopen(ctx)
	case l.start.Kit != "":
		return report{None: true}, nil
	case l.start.Made:
		names, err := l.blobs.List(ctx, "")
		return report{}, fmt.Errorf("there is no vault any more, and %d objects (%v): %q; %s", len(names), err, names, lost)
	default:
		l.vault, err = l.create(ctx)
	}
	if err != nil {
		return report{}, err
	}
	if l.start.Relay != "" {
		l.meet()
	}
	return l.held(ctx)
}

// look is what the browser says of its database, before anything is done with it:
// Chromium tells when it found one damaged, and threw it away.
func look() (said string) {
	done := make(chan struct{})
	req := js.Global().Get("indexedDB").Call("open", "potli")
	on := func(event string, f func(js.Value)) js.Func {
		fn := js.FuncOf(func(_ js.Value, args []js.Value) any {
			f(args[0])
			return nil
		})
		req.Call("addEventListener", event, fn)
		return fn
	}
	defer on("upgradeneeded", func(e js.Value) {
		said = fmt.Sprintf("the browser has no database: data loss %v, %v", e.Get("dataLoss"), e.Get("dataLossMessage"))
		req.Get("transaction").Call("abort")
	}).Release()
	defer on("success", func(js.Value) {
		said = "the browser has a database"
		req.Get("result").Call("close")
		close(done)
	}).Release()
	defer on("error", func(js.Value) {
		said += fmt.Sprintf(" (%v)", req.Get("error"))
		close(done)
	}).Release()
	<-done
	return said
}

func (l *loop) reopen(ctx context.Context) (*vault.Vault, error) {
	file, _, err := vault.UnlockFile(ctx, l.blobs)
	if err != nil {
		return nil, err
	}
	keys, err := keyring.Unmarshal(file)
	if err != nil {
		return nil, err
	}
	r, err := vault.Ring(ctx, l.blobs, keys)
	if err != nil {
		return nil, err
	}
	return vault.Open(ctx, vault.Options{Blobs: l.blobs}, r, nil)
}

func (l *loop) create(ctx context.Context) (*vault.Vault, error) {
	keys, err := keyring.New()
	if err != nil {
		return nil, err
	}
	u, err := keyring.NewUser(keys, "browser", nil, time.Now())
	if err != nil {
		return nil, err
	}
	r, err := keyring.NewRing(keys, u)
	if err != nil {
		return nil, err
	}
	if l.start.Relay == "" {
		if r, err = r.AddProfile("p"); err != nil {
			return nil, err
		}
	}
	unlock, err := keys.Marshal()
	if err != nil {
		return nil, err
	}
	return vault.Create(ctx, vault.Options{Blobs: l.blobs}, r, unlock)
}

// roll begins new epochs, and seals a part of what there is to them.
func (l *loop) roll(ctx context.Context) error {
	err := l.vault.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		u, err := r.User().Roll(r.Keys(), time.Now())
		if err != nil {
			return vault.Change{}, err
		}
		if r, err = r.WithUser(u, time.Now()); err != nil {
			return vault.Change{}, err
		}
		r, _, err = r.Roll("p", 0)
		return vault.Change{Ring: r}, err
	})
	if err != nil {
		return err
	}
	for _, profile := range []record.ProfileID{"p", ""} {
		if _, err := l.vault.ResealSome(ctx, profile, 8); err != nil {
			return err
		}
	}
	return nil
}

// held says what there is. What this browser has read before is not read again.
func (l *loop) held(ctx context.Context) (report, error) {
	r := report{Records: map[record.ID]string{}, Docs: map[string]string{}, Faults: len(l.vault.Faults()), Rebuilt: l.vault.Rebuilt()}
	for _, m := range l.vault.Metas() {
		if l.read[m.ID] == "" {
			body, _, err := l.vault.Original(ctx, m.ID)
			if err != nil {
				return r, err
			}
			sum := sha256.Sum256(body)
			l.read[m.ID] = hex.EncodeToString(sum[:])
		}
		r.Records[m.ID] = l.read[m.ID]
	}
	docs, err := l.vault.Docs(ctx, "doc")
	if err != nil {
		return r, err
	}
	for name, body := range docs {
		r.Docs[name] = string(body)
	}
	if l.keeper != nil {
		return l.shared(ctx, r)
	}
	return r, nil
}

func (l *loop) do(ctx context.Context, o order) (report, error) {
	switch o.Do {
	case "add":
		m, err := l.vault.Add(ctx, record.Meta{Profile: "p", Format: record.FormatPDF, Source: record.Source{How: "file"}}, []byte(o.Body))
		return report{ID: m.ID}, err
	case "remove":
		return report{}, l.vault.Remove(ctx, o.ID)
	case "docs":
		docs := map[string][]byte{}
		for name, body := range o.Docs {
			if docs[name] = nil; body != "" {
				docs[name] = []byte(body)
			}
		}
		return report{}, l.vault.PutDocs(ctx, docs)
	case "roll":
		return report{}, l.roll(ctx)
	case "export":
		return report{}, l.export(ctx)
	case "restore":
		return report{}, l.restore(ctx)
	case "recover":
		return l.recover(ctx)
	case "erase":
		l.vault = nil
		clear(l.read)
		return report{None: true}, l.blobs.Erase(ctx)
	case "join":
		return report{}, l.keeper.Join(ctx, *o.Invitation)
	case "round":
		return l.round(ctx)
	}
	return report{}, errors.New("no such order: " + o.Do)
}

// export gives a backup to the test.
func (l *loop) export(ctx context.Context) error {
	var b bytes.Buffer
	if err := l.vault.Export(ctx, &b, nil); err != nil {
		return err
	}
	resp, err := http.Post(l.origin+"/backup", "application/octet-stream", &b)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// restore takes in the backup that the test has.
func (l *loop) restore(ctx context.Context) error {
	file, err := l.backup()
	if err != nil {
		return err
	}
	b, err := vault.OpenBackup(ctx, file, nil, l.vault.Ring().Identities("")...)
	if err != nil {
		return err
	}
	_, err = l.vault.Restore(ctx, b, nil, nil)
	return err
}

func (l *loop) backup() ([]byte, error) {
	resp, err := http.Get(l.origin + "/backup")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// exchange posts what as JSON and reads the answer into v.
func (l *loop) exchange(path string, what, v any) error {
	b, err := json.Marshal(what)
	if err != nil {
		return err
	}
	resp, err := http.Post(l.origin+path+l.which, "application/json", bytes.NewReader(b))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(v)
}
