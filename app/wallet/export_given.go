package wallet

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"slices"
	"time"

	"potli/app/record"
	"potli/app/vault"
)

// docGiven begins the names of notes of what left as a file or on paper: a document each, so that two tabs that note
// something at once do not write over one another.
const docGiven = "given/"

// mostGiven is how many are kept. Nothing can be done about older ones, and the list is read as one.
const mostGiven = 200

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
		var g Given
		if json.Unmarshal(b, &g) == nil && !s.concealed(g.Person) {
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b Given) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Name, b.Name)) })
	return all, nil
}

// Printed notes that what is chosen was sent to be printed; whether it was, a browser does not tell.
func (w *Wallet) Printed(ctx context.Context, p *Preview, title string) error {
	return w.noteGiven(ctx, p, FormPaper, title)
}

// forgetGiven adds the notes of what left of a person to the documents to be erased with them.
func forgetGiven(ctx context.Context, v *vault.Vault, id record.ProfileID, docs map[string][]byte) error {
	notes, err := v.Docs(ctx, docGiven)
	for name, b := range notes {
		var g Given
		if json.Unmarshal(b, &g) != nil || g.Person == id {
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
	var id [8]byte
	if _, err := io.ReadFull(w.d.Rand, id[:]); err != nil {
		return err
	}
	now := w.d.Now().UTC()
	note, err := json.Marshal(Given{Time: now, Person: p.Person.ID, Form: form, Name: name, Items: len(p.Selected())})
	if err != nil {
		return err
	}
	old, err := v.Docs(ctx, docGiven)
	if err != nil {
		return err
	}
	// Names begin with the time, so that the oldest come first.
	changes := map[string][]byte{docGiven + now.Format("20060102T150405.000000000") + base64.RawURLEncoding.EncodeToString(id[:]): note}
	names := make([]string, 0, len(old))
	for n := range old {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names[:max(0, len(names)+1-mostGiven)] {
		changes[n] = nil
	}
	return v.PutDocs(ctx, changes)
}
