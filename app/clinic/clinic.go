// Package clinic is the provider's side of Potli for systems in Go: it puts
// documents into a person's inbox under the drop code that the person shows, opens
// the links that persons give, and keeps nothing of either.
//
//	system                        relay                        wallet
//	  │ ParseCode ◀──── the code: on paper, on a screen, in a message ──┤
//	  │ Attach: what each file is, by its bytes                         │
//	  │ PackSigned, by the provider's key where it has one              │
//	  │ SealKey, or SealTo the recipient whose hash is in the code      │
//	  ├─ POST /m/{id} ──────────────▶│ 201: durable                     │
//	  │                              ├─────────────────────────────────▶│ inbox
//
// It is not for the browser, whose page does the same in JavaScript, and not for
// storage: what a link gave is the caller's to keep as the law has it. It makes no
// connection but through the HTTP it is given, and writes no log. Errors hold no
// link, no key, no name and nothing of a document.
package clinic

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/relayclient"
	"potli/app/share"
	"potli/crypto/jose"
)

// Clinic is a provider. All fields but Key and From have to be there.
type Clinic struct {
	HTTP  relayclient.HTTP
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error // between two tries
	From  message.Sender                                   // who the person is told it is from
	Key   *jose.Signer                                     // nil: what is sent is unsigned
}

// File is one document to give.
type File struct {
	Name string
	Body []byte
}

// Sent is what arrived at the relay, for good.
type Sent struct {
	Messages  []string `json:"messages"` // their ids, as a receipt names them
	Documents int      `json:"documents"`
	Bytes     int64    `json:"bytes"`
	Signer    string   `json:"signer,omitempty"` // thumbprint of the key that signed
}

var (
	// ErrTooMany and ErrTooBig: more than the person allows under this code.
	ErrTooMany = errors.New("more documents than the code allows")
	ErrTooBig  = errors.New("larger than the code allows")
	// ErrRecipient: the relay names another recipient than the code. Whoever runs it,
	// or stands before it, wants to read what is sent. Nothing was.
	ErrRecipient = errors.New("the relay names another recipient than the code, who would read what is sent")
	// ErrNothing: neither a file nor a note.
	ErrNothing = errors.New("nothing to send")
)

// FileError says which file cannot be sent, counted from 1.
type FileError struct {
	N   int
	Err error // *message.DocumentError, message.ErrTooBig
}

func (e *FileError) Error() string { return fmt.Sprintf("file %d: %v", e.N, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// Drop puts files and a note into the inbox that a code leads to, in as many
// messages as they need. Everything is looked at before anything is sent, and when
// it returns nil the relay has all of it on disk. After an error Sent says what
// arrived nevertheless; a wallet recognises a document that comes twice.
//
// Errors: inbox.ErrExpired, ErrTooMany, ErrTooBig, ErrNothing, ErrRecipient,
// *FileError, message.ErrMalformed (From), relayclient.ErrFull, and those of
// share.Relay.
func (c *Clinic) Drop(ctx context.Context, code inbox.Code, files []File, note string) (Sent, error) {
	var sent Sent
	if err := code.Check(c.Now()); err != nil {
		return sent, err
	}
	messages, err := c.messages(code, files, note)
	if err != nil {
		return sent, err
	}
	return c.send(ctx, code, messages)
}

// send packs all messages, so that what cannot be sent is known before the first
// one leaves, and then sends them.
func (c *Clinic) send(ctx context.Context, code inbox.Code, messages []*message.Message) (Sent, error) {
	var sent Sent
	packed := make([][]byte, len(messages))
	for i, m := range messages {
		var err error
		if packed[i], err = c.pack(m); err != nil {
			return sent, err
		}
	}
	relay := relayclient.New(code.Relay, c.HTTP, rand.Reader)
	seal, err := c.sealer(ctx, relay, code)
	if err != nil {
		return sent, err
	}
	for i, m := range messages {
		sealed, err := seal(packed[i])
		if err == nil {
			err = c.deposit(ctx, relay, code.ID, sealed)
		}
		if err != nil {
			return sent, fmt.Errorf("sending: %w", err)
		}
		sent.Messages = append(sent.Messages, m.ID)
		sent.Documents += len(m.Documents)
		for _, d := range m.Documents {
			sent.Bytes += int64(len(d.Body))
		}
		if c.Key != nil {
			sent.Signer = c.Key.Public().Thumbprint()
		}
	}
	return sent, nil
}

func (c *Clinic) pack(m *message.Message) ([]byte, error) {
	if c.Key != nil {
		return m.PackSigned(c.Key)
	}
	return m.Pack()
}

// messages divides files among as few messages as they fit into.
func (c *Clinic) messages(code inbox.Code, files []File, note string) ([]*message.Message, error) {
	documents, err := attach(code, files)
	if err != nil {
		return nil, err
	}
	if len(documents) == 0 && note == "" {
		return nil, ErrNothing
	}
	var list []*message.Message
	var last *message.Message
	size := 0
	for i := 0; i < len(documents) || last == nil; i++ {
		full := last == nil || len(last.Documents) == message.MaxDocuments || size+len(documents[i].Body) > message.MaxBytes
		if full {
			if last, err = message.New(message.Documents, code.ID, c.From, c.Now(), nil); err != nil {
				return nil, err
			}
			list, size = append(list, last), 0
		}
		if len(documents) > 0 {
			last.Documents = append(last.Documents, documents[i])
			size += len(documents[i].Body)
		}
	}
	list[0].Text = note
	return list, nil
}

func attach(code inbox.Code, files []File) (documents []message.Document, err error) {
	if len(files) > code.Most {
		return nil, ErrTooMany
	}
	var total int64
	for i, f := range files {
		d, err := message.Attach(f.Name, f.Body)
		switch total += int64(len(f.Body)); {
		case err != nil:
			return nil, &FileError{i + 1, err}
		case len(f.Body) > message.MaxBytes:
			return nil, &FileError{i + 1, message.ErrTooBig}
		case total > code.Bytes:
			return nil, ErrTooBig
		}
		documents = append(documents, d)
	}
	return documents, nil
}

// sealer returns how messages are sealed under a code. A recipient comes from the
// relay and counts only if the code, which came another way, has its hash.
func (c *Clinic) sealer(ctx context.Context, relay *relayclient.Client, code inbox.Code) (func([]byte) (string, error), error) {
	if code.Key != nil {
		return func(b []byte) (string, error) { return message.SealKey(b, code.Key, nil) }, nil
	}
	var note string
	err := c.again(ctx, func() error {
		n, err := relay.Note(ctx, code.ID)
		note = n.Note
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("asking whom to seal to: %w", err)
	}
	to, err := age.ParseHybridRecipient(note)
	if err != nil || inbox.Fingerprint(note) != code.To {
		return nil, ErrRecipient
	}
	return func(b []byte) (string, error) { return message.SealTo(b, to) }, nil
}

// deposit puts one sealed message in. Its id at the relay is the same for every
// try, so that it is stored once.
func (c *Clinic) deposit(ctx context.Context, relay *relayclient.Client, mailbox, sealed string) error {
	id := make([]byte, 16)
	rand.Read(id)
	return c.again(ctx, func() error {
		return relay.Deposit(ctx, mailbox, base64.RawURLEncoding.EncodeToString(id), sealed)
	})
}

// tries of a request that got no answer, and the longest pause between two.
const (
	tries   = 4
	longest = 30 * time.Second
)

// again repeats f while the relay cannot be reached or asks for patience.
func (c *Clinic) again(ctx context.Context, f func() error) error {
	for n := 1; ; n++ {
		err := f()
		var busy *share.BusyError
		wait := time.Second << n
		if errors.As(err, &busy) && busy.Wait > 0 {
			wait = busy.Wait
		}
		if n == tries || wait > longest || !errors.Is(err, share.ErrOffline) && !errors.Is(err, share.ErrBusy) {
			return err
		}
		if err := c.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// Open opens the link of anybody's that conforms to SMART Health Links. recipient
// is who the person is told has opened it; passcode is "" where the link asks for
// none. A file that fails has its Err, and the others are good. The text is the
// status of the manifest.
//
// Errors: share.ErrNoLink, share.ErrBadLink, and those of share.Receive.
func (c *Clinic) Open(ctx context.Context, link, recipient, passcode string) ([]share.Received, string, error) {
	l, err := share.Parse(link)
	if err != nil {
		return nil, "", err
	}
	return share.Receive(ctx, &relayclient.Fetcher{HTTP: c.HTTP, Now: c.Now, Sleep: c.Sleep}, l, recipient, passcode)
}
