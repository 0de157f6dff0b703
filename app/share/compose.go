package share

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"potli/app/fhir"
	"potli/app/fhir/tree"
	"potli/app/record"
)

// errMissing: an item names a record that is not among the sources.
var errMissing = errors.New("a chosen record is not there")

// Compose builds the Bundle of a link. Sources hold every record that chosen names. It is a pure function: the same
// arguments, time and random bytes give the same Bundle. Errors: ErrNothing, ErrTooBig, *FaultError.
func Compose(shape Shape, who Person, sources []Source, chosen []Item, words Words, now time.Time, rand io.Reader) ([]byte, error) {
	out, err := compose(shape, who, sources, chosen, words, now, rand, fits)
	if err == nil && !fits(len(out)) {
		return nil, ErrTooBig
	}
	return out, err
}

// compose is Compose for whatever has room for it: room says whether so many bytes fit.
func compose(shape Shape, who Person, sources []Source, chosen []Item, words Words, now time.Time, rand io.Reader, room func(int) bool) ([]byte, error) {
	if len(chosen) == 0 {
		return nil, ErrNothing
	}
	d, err := newDraft(who, sources, chosen, now, rand, room)
	if err != nil {
		return nil, fmt.Errorf("composing a share: %w", err)
	}
	var bundle object
	switch shape {
	case ShapeKTC:
		bundle = d.ktc()
	case ShapeIPS:
		if bundle, err = d.ips(words); err != nil {
			return nil, fmt.Errorf("composing a share: %w", err)
		}
	default:
		return nil, fmt.Errorf("%w: shape", ErrOptions)
	}
	if err := d.conforms(shape, bundle); err != nil {
		return nil, err
	}
	return writeJSON(bundle), nil
}

// place is where a resource comes from.
type place struct {
	record record.ID
	entry  int
}

// member is one resource of the Bundle that is made.
type member struct {
	url      string
	resource object
	kind     fhir.Kind // of a chosen one
	chosen   bool      // and not merely brought along
	title    string    // of the item
}

// draft is a selection on its way to a Bundle: the chosen resources, cleaned of everything that was not chosen, what they
// cannot be read without, and one Patient.
type draft struct {
	now     time.Time
	ids     uuids
	sources map[record.ID]*opened
	order   []record.ID      // of sources, as given
	urls    map[place]string // of everything that is in
	members []member         // chosen ones first, in the order of the choice
	queue   []place          // brought along, not yet cleaned
	patient string           // fullUrl of the one Patient
	who     object
	secrets secrets
}

func newDraft(who Person, sources []Source, chosen []Item, now time.Time, rand io.Reader, room func(int) bool) (*draft, error) {
	d := &draft{now: now.UTC().Truncate(time.Second), sources: map[record.ID]*opened{}, urls: map[place]string{}}
	var err error
	if d.ids, err = newUUIDs(rand); err != nil {
		return nil, err
	}
	rules := newRules()
	if err := d.read(sources, chosen, rules, room); err != nil {
		return nil, err
	}
	d.patient = d.ids.next()
	d.who = d.makePatient(who)
	d.secrets = d.findSecrets(chosen, rules)
	var picked []Item
	for _, it := range chosen {
		if d.accepts(it) {
			d.urls[place{it.Record, it.Entry}] = d.ids.next()
			picked = append(picked, it)
		}
	}
	if len(picked) == 0 {
		return nil, ErrNothing
	}
	for _, it := range picked {
		d.addChosen(it)
	}
	for len(d.queue) > 0 {
		p := d.queue[0]
		d.queue = d.queue[1:]
		d.addSupporting(p)
	}
	return d, nil
}

// read opens the sources, after a look at whether they can fit at all: what is far too big should fail fast.
func (d *draft) read(sources []Source, chosen []Item, rules *rules, room func(int) bool) error {
	for _, s := range sources {
		o, err := open(s, rules)
		if err != nil {
			return err
		}
		d.sources[s.Meta.ID] = o
		d.order = append(d.order, s.Meta.ID)
	}
	total := 0
	for _, it := range chosen {
		o := d.sources[it.Record]
		if o == nil {
			return errMissing
		}
		if it.Entry < 0 {
			total += len(o.source.Body) * 4 / 3
		}
	}
	if !room(total) {
		return ErrTooBig
	}
	return nil
}

// accepts says whether an item may go in. The list comes back from a page, so it is held to the rules of Choose again, and
// an item given twice goes in once.
func (d *draft) accepts(it Item) bool {
	if _, twice := d.urls[place{it.Record, it.Entry}]; twice {
		return false
	}
	o := d.sources[it.Record]
	if o.file == nil {
		return it.Entry == -1
	}
	return o.offered(it.Entry)
}

func (d *draft) addChosen(it Item) {
	o, url := d.sources[it.Record], d.urls[place{it.Record, it.Entry}]
	if o.file == nil {
		m := o.source.Meta
		doc := d.document(attachment{typ: string(m.Format), title: it.Title, date: it.Date,
			data: base64.StdEncoding.EncodeToString(o.source.Body)}, nil)
		d.members = append(d.members, member{url, doc, it.Kind, true, it.Title})
		return
	}
	view := o.head(it.Entry)
	r := d.clean(o, it.Entry)
	if o.typ(it.Entry) == "Binary" {
		a := attachment{typ: mediaType(tree.Text(o.trees[it.Entry]["contentType"])), title: view.title,
			data: tidyBase64(tree.Text(o.trees[it.Entry]["data"]))}
		r = d.document(a, nil)
	}
	// A resource that only its narrative named keeps that name: the narrative itself does not leave.
	nameless(r, view.title)
	complete(r)
	d.members = append(d.members, member{url, r, view.kind, true, it.Title})
}

func (d *draft) addSupporting(p place) {
	o := d.sources[p.record]
	r := d.clean(o, p.entry)
	complete(r)
	d.members = append(d.members, member{url: d.urls[p], resource: r})
}

// bring puts a supporting resource in, once, and returns its fullUrl.
func (d *draft) bring(p place) string {
	if url, ok := d.urls[p]; ok {
		return url
	}
	d.urls[p] = d.ids.next()
	d.queue = append(d.queue, p)
	return d.urls[p]
}

func (d *draft) timestamp() string { return d.now.Format(time.RFC3339) }

// entries returns what a Bundle holds of the draft: the Patient first.
func (d *draft) entries() []any {
	all := []any{object{"fullUrl": d.patient, "resource": d.who}}
	for _, m := range d.members {
		all = append(all, object{"fullUrl": m.url, "resource": m.resource})
	}
	return all
}

// uuids draws version 4 UUIDs as urn:uuid:… from one seed, so that a reader of random bytes that fails does so once, at
// the beginning.
type uuids struct {
	seed  [32]byte
	count int
}

func newUUIDs(rand io.Reader) (uuids, error) {
	var u uuids
	_, err := io.ReadFull(rand, u.seed[:])
	return u, err
}

func (u *uuids) next() string {
	u.count++
	sum := sha256.Sum256(fmt.Appendf(u.seed[:len(u.seed):len(u.seed)], "%d", u.count))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
