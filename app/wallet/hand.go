package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"potli/app/fountain"
	"potli/app/record"
	"potli/app/share"
)

// A hand-over where there is no network: the phone shows codes, and the clinic's page films them.
//
//	PrepareHand ──▶ Preview ──the person──▶ ShowHand ──▶ ledger entry, then a Hand ──▶ one code, or a sequence of them
//
// The rules are those of a link: the person sees exactly what goes, says whose it is, and finds it on the ledger. Three are
// not: nothing is sealed, since the key would stand on the same screen; what was shown cannot be taken back; and the one code
// is an address, which a phone's own camera opens and its browser remembers. The page says all before it shows anything.

// Density is how much one code of a sequence holds.
type Density string

// Densities. A camera that cannot make out the modules needs looser ones; a good one is done sooner with denser ones.
const (
	Loose  Density = "loose"  // version 10
	Normal Density = "normal" // version 13
	Dense  Density = "dense"  // version 15
)

// Densities are all, in their order.
var Densities = []Density{Loose, Normal, Dense}

var frameSizes = map[Density]int{Loose: 188, Normal: 300, Dense: 380}

// Hand is what is shown at a counter. It is never changed, and kept nowhere.
type Hand struct {
	ID     string // of the ledger entry
	Person Person
	// Link holds all of it for one code; "" where a code cannot. LinkPhrase and Phrase are what both sides compare
	// against a mix-up, of the one code and of the sequence; they prove nothing about who made it.
	Link       string
	LinkPhrase string
	Phrase     string

	senders map[Density]*fountain.Sender
}

// Frames is how many codes of a sequence have to be seen.
func (h *Hand) Frames(d Density) int { return h.senders[d].Blocks() }

// Frame is the text of one of them; there is no last one.
func (h *Hand) Frame(d Density, n int) string { return h.senders[d].Frame(n) }

// PrepareHand lists what would be shown: the person's summary, or only the given
// records. Pictures and PDFs are never suggested: they would take minutes.
func (w *Wallet) PrepareHand(ctx context.Context, only ...record.ID) (*Preview, error) {
	p, err := w.prepare(ctx, share.Screen(), only)
	if err != nil {
		return nil, err
	}
	for i, it := range p.Items {
		p.Chosen[i] = p.Chosen[i] && it.Entry >= 0
	}
	return p, nil
}

// Briefly unchooses all that one code does not hold: what is left are allergies,
// conditions, medicines and vaccinations.
func (p *Preview) Briefly() *Preview {
	c := p.clone()
	for i, it := range c.Items {
		c.Chosen[i] = c.Chosen[i] && share.InBrief(it)
	}
	return c
}

// IsBrief says whether nothing more is chosen than Briefly leaves.
func (p *Preview) IsBrief() bool { return slices.Equal(p.Chosen, p.Briefly().Chosen) }

// handed is what the job makes.
type handed struct {
	Share *share.Share
	Whole []byte
	Brief []byte // nil: more was chosen than one holds
}

// ShowHand writes down that it is going to be shown, and returns what is.
// Errors: ErrNothing, share.ErrTooBig.
func (w *Wallet) ShowHand(ctx context.Context, p *Preview) (*Hand, error) {
	chosen := p.Selected()
	if len(chosen) == 0 {
		return nil, ErrNothing
	}
	if err := w.mayShow(ctx, p.Person.ID); err != nil {
		return nil, err
	}
	_, end := w.work(JobShare, "", false)
	defer end()
	made, err := w.makeHand(ctx, p, chosen)
	if err != nil {
		return nil, err
	}
	h := &Hand{ID: made.Share.ID, Person: p.Person, Phrase: fountain.Phrase(made.Whole), senders: map[Density]*fountain.Sender{}}
	if made.Brief != nil {
		h.Link, h.LinkPhrase = fountain.Link(w.d.Viewer, made.Brief), fountain.Phrase(made.Brief)
	}
	for d, size := range frameSizes {
		if h.senders[d], err = fountain.New(made.Whole, size); err != nil {
			return nil, share.ErrTooBig
		}
	}
	return h, w.putShare(ctx, *made.Share)
}

func (w *Wallet) makeHand(ctx context.Context, p *Preview, chosen []share.Item) (made handed, err error) {
	in, err := w.packChosen(p, chosen, nil)
	if err != nil {
		return made, err
	}
	out, err := w.d.Worker.Run(ctx, jobHand, in, nil)
	if err != nil {
		return made, err
	}
	return made, unmarshal(out, &made)
}

func (j Jobs) hand(in []byte) ([]byte, error) {
	a, words, bundle, err := j.bundle(in)
	if err != nil {
		return nil, err
	}
	var made handed
	if made.Whole, err = fountain.Pack(fountain.FHIR, bundle); err != nil {
		return nil, err
	}
	if len(made.Whole) > fountain.MaxPayload {
		return nil, share.ErrTooBig
	}
	if brief, ok := share.Brief(a.Person, a.Chosen, a.Tag, words, j.Now()); ok {
		if made.Brief, err = fountain.Pack(fountain.Brief, brief); err != nil {
			return nil, err
		}
	}
	if made.Share, err = share.Shown(a.Options, a.Profile, a.Chosen, j.Now(), j.Rand); err != nil {
		return nil, err
	}
	return json.Marshal(made)
}

// Film puts together what another screen shows. The zero value is ready. Not
// safe for concurrent use.
type Film struct {
	receiver fountain.Receiver
	Have     int // codes
	Need     int // 0: not one was seen
	Parcel   *Parcel
}

// Parcel is what was shown by another screen, not yet kept.
type Parcel struct {
	Phrase string // to be compared with theirs
	body   []byte
}

// ErrNotHanded: this code belongs to no hand-over, or was misread.
var ErrNotHanded = errors.New("no code of a hand-over")

// Add takes the text of one code; Parcel is set when all is there. Errors:
// ErrNotHanded, after which nothing has changed; ErrHandDamaged, after which it
// begins anew.
func (f *Film) Add(text string) error {
	if body, err := fountain.FromLink(text); err == nil {
		return f.complete(body)
	}
	body, p, err := f.receiver.Add(text)
	switch {
	case errors.Is(err, fountain.ErrFrame):
		return ErrNotHanded
	case err != nil:
		f.Have, f.Need = 0, 0
		return ErrHandDamaged
	}
	f.Have, f.Need = p.Have, p.Need
	if body != nil {
		return f.complete(body)
	}
	return nil
}

// ErrHandDamaged: everything was seen, and it is not what this release reads.
var ErrHandDamaged = errors.New("a hand-over that cannot be read")

func (f *Film) complete(body []byte) error {
	if _, _, err := fountain.Open(body); err != nil {
		return ErrHandDamaged
	}
	f.Parcel = &Parcel{Phrase: fountain.Phrase(body), body: bytes.Clone(body)}
	return nil
}

// TakeHand keeps what was filmed as a record of the current person.
func (w *Wallet) TakeHand(ctx context.Context, p *Parcel) (*ImportReport, error) {
	if _, err := w.open(); err != nil {
		return nil, err
	}
	in, err := pack(w.d.Language(), p.body)
	if err != nil {
		return nil, err
	}
	body, err := w.d.Worker.Run(ctx, jobTake, in, nil)
	if err != nil {
		return nil, err
	}
	return w.Import(ctx, []File{{Size: int64(len(body)), How: "screen", Read: func(context.Context) ([]byte, error) { return body, nil }}}), nil
}

func (j Jobs) take(in []byte) ([]byte, error) {
	var language []byte
	blobs, err := unpackN(in, &language, 1)
	if err != nil {
		return nil, err
	}
	kind, content, err := fountain.Open(blobs[0])
	if err != nil {
		return nil, ErrHandDamaged
	}
	if kind == fountain.FHIR {
		return content, nil
	}
	words, err := j.Words(language)
	if err != nil {
		return nil, err
	}
	if content, err = share.ReadBrief(content, words); err != nil {
		return nil, ErrHandDamaged
	}
	return content, nil
}
