package recovery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
)

const (
	contactsVersion = "potli-contacts/1"
	contactsFamily  = "potli-contacts/"
	minContacts     = 2
	maxContacts     = 3
	maxPair         = 8 << 10  // a pair has 3.4 KB
	maxContactsDoc  = 64 << 10 // three pairs and four recipients have 22 KB
)

// Contacts is what a wallet keeps of its trusted contacts: nothing secret, and
// nothing that names them. It does not change.
type Contacts struct {
	kit    *age.HybridRecipient   // of what they open together
	people []*age.HybridRecipient // of their own kits
	pairs  Pairs
}

// Pairs are nested age files, each for two of the contacts. Which two is not
// written anywhere: sheets are tried.
type Pairs [][]byte

// NewContacts seals a kit for every two of the contacts that follow one another
// in a circle. Each contact is a kit made for this alone, of which only the
// recipient is kept; two or three of them, all different, and none the kit itself.
func NewContacts(k *Kit, contacts ...*Kit) (*Contacts, error) {
	people := make([]*age.HybridRecipient, len(contacts))
	for i, c := range contacts {
		people[i] = c.Recipient()
	}
	return newContacts(k, people)
}

func newContacts(k *Kit, people []*age.HybridRecipient) (*Contacts, error) {
	if err := different(append([]*age.HybridRecipient{k.Recipient()}, people...)); err != nil {
		return nil, err
	}
	c := &Contacts{kit: k.Recipient(), people: slices.Clone(people)}
	for i, outer := range people {
		inner, err := seal([]byte(k.Code()+"\n"), people[(i+1)%len(people)])
		if err != nil {
			return nil, err
		}
		pair, err := seal(inner, outer)
		if err != nil {
			return nil, err
		}
		c.pairs = append(c.pairs, pair)
	}
	return c, nil
}

// Renew seals a new kit for the same contacts. Their sheets stay as they are.
func (c *Contacts) Renew(k *Kit) (*Contacts, error) { return newContacts(k, c.people) }

// different checks a kit's recipient and those of its contacts.
func different(all []*age.HybridRecipient) error {
	if n := len(all) - 1; n < minContacts || n > maxContacts {
		return fmt.Errorf("two or three contacts, not %d", n)
	}
	seen := make(map[string]bool)
	for _, r := range all {
		if seen[r.String()] {
			return errors.New("each contact has a kit of their own")
		}
		seen[r.String()] = true
	}
	return nil
}

func seal(plain []byte, to *age.HybridRecipient) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, fmt.Errorf("sealing for a contact: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("sealing for a contact: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sealing for a contact: %w", err)
	}
	return b.Bytes(), nil
}

// peel takes one wrapping off.
func peel(file []byte, k *Kit) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), k.identity)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrStranger
	}
	if err != nil {
		return nil, ErrDamaged
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxPair))
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// Holds says whether this is the sheet of one of the contacts. It opens nothing.
func (p Pairs) Holds(k *Kit) bool {
	for _, pair := range p {
		if _, err := peel(pair, k); err == nil {
			return true
		}
	}
	return false
}

// Join opens with the sheets of two contacts, in either order, what they open
// together. A changed byte in a stanza looks as if the sheet were a stranger's:
// age cannot tell one from the other.
//
// Errors: ErrSameSheet, a *SheetError, ErrDamaged.
func (p Pairs) Join(first, second *Kit) (*Kit, error) {
	if first.Is(second.Recipient()) {
		return nil, ErrSameSheet
	}
	fault := ErrStranger
	for _, pair := range p {
		for _, order := range [2][2]*Kit{{first, second}, {second, first}} {
			secret, err := unnest(pair, order[0], order[1])
			if err == nil {
				return secret, nil
			}
			if errors.Is(err, ErrDamaged) {
				fault = ErrDamaged
			}
		}
	}
	if fault == ErrDamaged {
		return nil, fault
	}
	return nil, p.stranger(first, second)
}

func unnest(pair []byte, outer, inner *Kit) (*Kit, error) {
	file, err := peel(pair, outer)
	if err != nil {
		return nil, err
	}
	text, err := peel(file, inner)
	if err != nil {
		return nil, err
	}
	secret, err := Parse(string(text))
	if err != nil {
		return nil, ErrDamaged
	}
	return secret, nil
}

// stranger says which of two sheets is not of these contacts.
func (p Pairs) stranger(first, second *Kit) error {
	switch a, b := p.Holds(first), p.Holds(second); {
	case a && !b:
		return &SheetError{Sheet: 2}
	case b && !a:
		return &SheetError{Sheet: 1}
	}
	return &SheetError{}
}

// check holds pairs against their limits.
func (p Pairs) check() error {
	if len(p) < minContacts || len(p) > maxContacts {
		return ErrDamaged
	}
	for _, pair := range p {
		if len(pair) == 0 || len(pair) > maxPair {
			return ErrDamaged
		}
	}
	return nil
}

// contactsDoc is how Contacts are kept, sealed by whoever keeps them.
type contactsDoc struct {
	Version string   `json:"version"`
	Kit     string   `json:"kit"`    // age1pq1…
	People  []string `json:"people"` // age1pq1…
	Pairs   Pairs    `json:"pairs"`  // age files, base64
}

// Marshal writes contacts down. No secret is in it, but it says how many contacts
// there are: seal it.
func (c *Contacts) Marshal() ([]byte, error) {
	d := contactsDoc{Version: contactsVersion, Kit: c.kit.String(), Pairs: c.pairs}
	for _, p := range c.people {
		d.People = append(d.People, p.String())
	}
	return json.Marshal(d)
}

// UnmarshalContacts reads what Marshal wrote. Errors: ErrDamaged, ErrVersion.
func UnmarshalContacts(b []byte) (*Contacts, error) {
	var d contactsDoc
	if len(b) > maxContactsDoc || json.Unmarshal(b, &d) != nil {
		return nil, ErrDamaged
	}
	if d.Version != contactsVersion {
		if strings.HasPrefix(d.Version, contactsFamily) {
			return nil, ErrVersion
		}
		return nil, ErrDamaged
	}
	if d.Pairs.check() != nil || len(d.People) != len(d.Pairs) {
		return nil, ErrDamaged
	}
	all := make([]*age.HybridRecipient, 0, 1+maxContacts)
	for _, text := range append([]string{d.Kit}, d.People...) {
		r, err := age.ParseHybridRecipient(text)
		if err != nil {
			return nil, ErrDamaged
		}
		all = append(all, r)
	}
	if different(all) != nil {
		return nil, ErrDamaged
	}
	return &Contacts{kit: all[0], people: all[1:], pairs: d.Pairs}, nil
}

// Count is how many contacts there are, two or three.
func (c *Contacts) Count() int { return len(c.people) }

// For says whether they open the kit of which this recipient was kept.
func (c *Contacts) For(kit *age.HybridRecipient) bool {
	return kit != nil && kit.String() == c.kit.String()
}

// Which says whose kit this is, from 0 on in the order of NewContacts, and -1 for
// a stranger's.
func (c *Contacts) Which(k *Kit) int { return slices.IndexFunc(c.people, k.Is) }

// Pairs are the nested files, for a rehearsal without a backup. They are the
// caller's to read, not to change.
func (c *Contacts) Pairs() Pairs { return c.pairs }
