package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
)

// wait takes the answers to a request.
func wait(ctx context.Context, p program) error {
	f := flag.NewFlagSet("wait", flag.ContinueOnError)
	state, dir, most := f.String("state", "", ""), f.String("out", "", ""), f.Duration("for", 0, "")
	if _, err := p.parse(f, 0, 0); err != nil {
		return err
	}
	if *state == "" || *dir == "" {
		return usage("--state or --out is missing: the file that request wrote, and the folder for what comes")
	}
	b, err := p.readSecret("reading the state", *state)
	if err != nil {
		return err
	}
	var d inbox.Drop
	if json.Unmarshal(b, &d) != nil || d.ID == "" {
		return &fileError{"reading the state", errors.New("it is not what potli-clinic request writes")}
	}
	if *most > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, *most)
		defer stop()
	}
	if err := os.MkdirAll(*dir, 0o700); err != nil {
		return &fileError{"making the folder", err}
	}
	tray := &tray{state: *state, dir: *dir}
	if _, err := p.clinic(noSender).Wait(ctx, &d, tray); err != nil && len(tray.came) == 0 {
		return err
	}
	return p.print(answers{tray.came, d.Refused})
}

// answers are what came.
type answers struct {
	Messages []answer             `json:"messages"`
	Refused  map[inbox.Reason]int `json:"refused,omitempty"` // what came and is not genuine, or not for this request
}

// answer is one message of a person's.
type answer struct {
	ID        string         `json:"id"`
	Type      message.Type   `json:"type"`
	Re        string         `json:"re,omitempty"`
	At        time.Time      `json:"at"`
	Name      string         `json:"name,omitempty"`
	Signer    string         `json:"signer,omitempty"`
	Text      string         `json:"text,omitempty"`
	Receipt   string         `json:"receipt,omitempty"`
	Reply     string         `json:"reply,omitempty"` // a drop code, for the countersignature
	Documents []answeredFile `json:"documents,omitempty"`
	File      string         `json:"file"` // the message itself, with its signature
}

type answeredFile struct {
	inbox.Facts
	File string `json:"file,omitempty"`
}

// tray keeps what came in files, and the state of the mailbox beside.
type tray struct {
	state, dir string
	came       []answer
}

// Keep implements inbox.Store: first what came, then that it came. What is written
// twice after a crash is the same.
func (t *tray) Keep(_ context.Context, d *inbox.Drop, a *inbox.Arrival) error {
	if a != nil {
		got, err := t.write(a)
		if err != nil {
			return err
		}
		t.came = append(t.came, got)
	}
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return replace("writing the state", t.state, b)
}

func (t *tray) write(a *inbox.Arrival) (answer, error) {
	m, err := message.Parse(a.Body)
	if err != nil {
		return answer{}, err // it was one a moment ago
	}
	got := answer{
		ID: m.ID, Type: m.Type, Re: m.Re, At: m.At, Name: m.From.Name, Signer: m.Signer, Text: m.Text, Receipt: m.Receipt, Reply: m.Reply,
		File: filepath.Join(t.dir, "m"+m.ID+".message"),
	}
	if err := replace("writing what came", got.File, a.Body); err != nil {
		return answer{}, err
	}
	for i, facts := range a.Item.Documents {
		file := answeredFile{Facts: facts}
		if facts.Keepable() {
			file.File = filepath.Join(t.dir, fmt.Sprintf("m%s-%02d%s", m.ID, i+1, record.Ext(facts.Format)))
			if err := replace("writing what came", file.File, m.Documents[i].Body); err != nil {
				return answer{}, err
			}
		}
		got.Documents = append(got.Documents, file)
	}
	return got, nil
}

// replace writes a file that nobody else can read, whole or not at all.
func replace(doing, path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return &fileError{doing, err}
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return &fileError{doing, err}
	}
	return nil
}
