package wallet

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"potli/app/record"
	"potli/app/vault"
)

// docGiven begins the names of notes of what left as a file or on paper. Nothing is ever taken out of them but with its
// person, and all devices of this wallet have them (ownDocs):
//
//	given/<person>/<device>/000001   what this device noted of this person, pageGiven notes a page
//	given/<time and chance>          one note, as releases before these pages kept them: 200 at most
//
// A device writes in pages of its own, so that two of them never change the same one.
const docGiven = "given/"

// pageGiven is how many notes a page holds: a page is written anew with each of its notes.
const pageGiven = 100

// FormPaper is what was printed, beside the forms of files.
const FormPaper = "paper"

// Given is a note of something that left as a file or on paper. Unlike a link it cannot be taken back.
type Given struct {
	Time   time.Time        `json:"time"`
	Person record.ProfileID `json:"person"`
	Form   string           `json:"form"` // of share.Forms, or FormPaper
	Name   string           `json:"name"` // of the file, or what the paper is
	Items  int              `json:"items"`
}

// Given lists what left, the newest first, without what is of people who are hidden.
func (w *Wallet) Given(ctx context.Context) ([]Given, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	docs, err := v.Docs(ctx, docGiven)
	if err != nil {
		return nil, err
	}
	var all []Given
	s := w.Snapshot()
	for _, b := range docs {
		for _, g := range notesOf(b) {
			if !s.concealed(g.Person) {
				all = append(all, g)
			}
		}
	}
	sortGiven(all)
	return all, nil
}

// notesOf are the notes of a page, or the one of a document that holds one.
func notesOf(body []byte) (list []Given) {
	if !bytes.HasPrefix(body, []byte("[")) {
		body = bytes.Join([][]byte{[]byte("["), body, []byte("]")}, nil)
	}
	if json.Unmarshal(body, &list) != nil {
		return nil // damaged: the wallet says so where it counts faults
	}
	return list
}

// joinGiven is a page that exists twice, which it does where a device does: with every note of both.
func joinGiven(mine, theirs []byte) []byte {
	all := notesOf(mine)
	for _, g := range notesOf(theirs) {
		if !slices.ContainsFunc(all, func(o Given) bool { return o.same(g) }) {
			all = append(all, g)
		}
	}
	sortGiven(all)
	slices.Reverse(all)
	if both, err := json.Marshal(all); err == nil {
		return both
	}
	return theirs
}

func (g Given) same(o Given) bool {
	at := o.Time
	o.Time = g.Time
	return g == o && g.Time.Equal(at)
}

// sortGiven has the newest first.
func sortGiven(all []Given) {
	slices.SortFunc(all, func(a, b Given) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Form, b.Form), cmp.Compare(a.Items, b.Items))
	})
}

// Printed notes that what is chosen was sent to be printed; whether it was, a browser does not tell.
func (w *Wallet) Printed(ctx context.Context, p *Preview, title string) error {
	return w.noteGiven(ctx, p, FormPaper, title)
}

// forgetGiven adds the notes of what left of a person to the documents to be erased with them.
func forgetGiven(ctx context.Context, v *vault.Vault, id record.ProfileID, docs map[string][]byte) error {
	notes, err := v.Docs(ctx, docGiven)
	for name, b := range notes {
		old := notesOf(b)
		switch {
		case strings.HasPrefix(name, docGiven+string(id)+"/"), !strings.Contains(name[len(docGiven):], "/") && (len(old) == 0 || old[0].Person == id):
			docs[name] = nil
		}
	}
	return err
}

func (w *Wallet) noteGiven(ctx context.Context, p *Preview, form, name string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	prefix := docGiven + string(p.Person.ID) + "/" + v.Ring().Device() + "/"
	n, err := pageOfGiven(ctx, v, prefix)
	if err != nil {
		return err
	}
	note := Given{Time: w.d.Now().UTC(), Person: p.Person.ID, Form: form, Name: name, Items: len(p.Selected())}
	for { // a page that is damaged stays as it is
		err := changeDoc(ctx, v, pageName(prefix, n), func(notes []Given) []Given { return append(notes, note) })
		if !errors.Is(err, record.ErrDamaged) {
			return err
		}
		n++
	}
}

// pageOfGiven is the last page of this device, or the one after it when it is full. Two tabs that both write the last note
// of one make it a little longer, and no shorter.
func pageOfGiven(ctx context.Context, v *vault.Vault, prefix string) (int, error) {
	pages, err := v.Docs(ctx, prefix)
	if err != nil || len(pages) == 0 {
		return 1, err
	}
	last := slices.Max(slices.Collect(maps.Keys(pages)))
	n, err := strconv.Atoi(strings.TrimPrefix(last, prefix))
	if err == nil && len(notesOf(pages[last])) >= pageGiven {
		n++
	}
	return n, err
}

func pageName(prefix string, n int) string { return fmt.Sprintf("%s%06d", prefix, n) }
