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

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/wasm/browser"
)

// order is what is to be done next.
type order struct {
	Do   string            `json:"do"` // add, remove, docs, restore, roll
	ID   record.ID         `json:"id,omitempty"`
	Body string            `json:"body,omitempty"`
	Docs map[string]string `json:"docs,omitempty"` // "": deleted
}

// report is what became of it, or at the start what is there.
type report struct {
	Err     string               `json:"err,omitempty"`
	ID      record.ID            `json:"id,omitempty"`
	Records map[record.ID]string `json:"records,omitempty"` // SHA-256 of the bytes that were read
	Docs    map[string]string    `json:"docs,omitempty"`
	Faults  int                  `json:"faults,omitempty"`
	Rebuilt bool                 `json:"rebuilt,omitempty"`
}

func main() {
	ctx := context.Background()
	where := js.Global().Get("location")
	l := &loop{origin: where.Get("origin").String(), which: where.Get("search").String()}
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
	blobs  vault.Blobs
	keys   *keyring.Keys
	vault  *vault.Vault
}

// open opens the vault, or makes it, and reads every byte of it.
func (l *loop) open(ctx context.Context) (report, error) {
	var text string
	if err := l.exchange("/keys", nil, &text); err != nil {
		return report{}, err
	}
	var err error
	if l.keys, err = keyring.Unmarshal([]byte(text)); err != nil {
		return report{}, err
	}
	l.blobs = browser.NewIndexedDB("potli")
	o := vault.Options{Blobs: l.blobs}
	exists, err := vault.Exists(ctx, l.blobs)
	if err != nil {
		return report{}, err
	}
	if exists {
		l.vault, err = l.reopen(ctx, o)
	} else {
		l.vault, err = l.create(ctx, o)
	}
	if err != nil {
		return report{}, err
	}
	return l.held(ctx)
}

func (l *loop) reopen(ctx context.Context, o vault.Options) (*vault.Vault, error) {
	r, err := vault.Ring(ctx, l.blobs, l.keys)
	if err != nil {
		return nil, err
	}
	return vault.Open(ctx, o, r, nil)
}

func (l *loop) create(ctx context.Context, o vault.Options) (*vault.Vault, error) {
	u, err := keyring.NewUser(l.keys, "browser", nil, time.Now())
	if err != nil {
		return nil, err
	}
	r, err := keyring.NewRing(l.keys, u)
	if err != nil {
		return nil, err
	}
	if r, err = r.AddProfile("p"); err != nil {
		return nil, err
	}
	return vault.Create(ctx, o, r, []byte("unlock"))
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

func (l *loop) held(ctx context.Context) (report, error) {
	r := report{Records: map[record.ID]string{}, Docs: map[string]string{}, Faults: len(l.vault.Faults()), Rebuilt: l.vault.Rebuilt()}
	for _, m := range l.vault.Metas() {
		body, _, err := l.vault.Original(ctx, m.ID)
		if err != nil {
			return r, err
		}
		sum := sha256.Sum256(body)
		r.Records[m.ID] = hex.EncodeToString(sum[:])
	}
	docs, err := l.vault.Docs(ctx, "")
	for name, body := range docs {
		r.Docs[name] = string(body)
	}
	return r, err
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
	resp, err := http.Get(l.origin + "/backup")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	file, err := io.ReadAll(resp.Body)
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
