package main

import (
	"context"
	"flag"
	"path/filepath"
	"time"

	"potli/app/clinic"
	"potli/app/inbox"
	"potli/app/message"
)

// drop gives files to the person who showed a drop code.
func drop(ctx context.Context, p program) error {
	f := flag.NewFlagSet("drop", flag.ContinueOnError)
	var from senderFlags
	from.add(f)
	note, key, unsigned := f.String("note", "", ""), f.String("key", "", ""), f.Bool("unsigned", false, "")
	list, err := p.parse(f, 1, 1+inbox.MaxMost)
	if err != nil {
		return err
	}
	if from.Name == "" {
		return usage("--name is missing: the person has to know whom it is from")
	}
	text, err := p.word("reading the drop code", list[0])
	if err != nil {
		return err
	}
	code, err := inbox.ParseCode(text)
	if err != nil {
		return err
	}
	files, err := p.files(list[1:])
	if err != nil {
		return err
	}
	c := p.clinic(from.Sender)
	if c.Key, err = p.signer(*key, *unsigned); err != nil {
		return err
	}
	sent, err := c.Drop(ctx, code, files, *note)
	if err != nil {
		return &partly{sent, err}
	}
	return p.print(dropped{sent, code.Name, code.Expires})
}

// dropped is what the relay has on disk for the person now.
type dropped struct {
	clinic.Sent
	For     string    `json:"for"` // as the person wants to be called
	Expires time.Time `json:"expires"`
}

// partly is an error after which something had arrived.
type partly struct {
	clinic.Sent
	err error
}

func (e *partly) Error() string { return e.err.Error() }
func (e *partly) Unwrap() error { return e.err }

func (p program) files(paths []string) (list []clinic.File, err error) {
	for i, path := range paths {
		b, err := p.read(ordinal(i+1), path, message.MaxBytes)
		if err != nil {
			return nil, err
		}
		list = append(list, clinic.File{Name: filepath.Base(path), Body: b})
	}
	return list, nil
}
