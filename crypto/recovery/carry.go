package recovery

import (
	"errors"
	"io"

	"filippo.io/age"
)

// The stanza that carries one pair: a type of our own, so that age and every tool
// for its format reads past it, and one argument, the version.
const (
	carriedType    = "potli-contacts"
	carriedVersion = "1"
)

// maxStanzas of a header that is looked through; ours have a handful.
const maxStanzas = 64

// Recipients seal a file to the kit and lay beside it the pairs that lead to the
// kit, so that one without the other cannot happen; of no contacts, nil, there are
// none. The pairs are the same in every file, which shows two files to be of one
// wallet: for backups, which stay with the family, and never for what a relay sees.
func (c *Contacts) Recipients() []age.Recipient {
	if c == nil {
		return nil
	}
	return []age.Recipient{carrier{c}}
}

type carrier struct{ c *Contacts }

// Wrap is WrapWithLabels for callers that know no labels; age knows them.
func (r carrier) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	stanzas, _, err := r.WrapWithLabels(fileKey)
	return stanzas, err
}

// WrapWithLabels keeps the label of the hybrid recipient: the file may not be
// sealed to anything weaker beside it.
func (r carrier) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	stanzas, labels, err := r.c.kit.WrapWithLabels(fileKey)
	if err != nil {
		return nil, nil, err
	}
	for _, pair := range r.c.pairs {
		stanzas = append(stanzas, &age.Stanza{Type: carriedType, Args: []string{carriedVersion}, Body: pair})
	}
	return stanzas, labels, nil
}

// Find reads the pairs out of the header of an age file and decrypts nothing. The
// header is genuine only once the file has been opened: age's MAC covers it.
//
// Errors: ErrNoContacts, ErrVersion, ErrDamaged.
func Find(file io.Reader) (Pairs, error) {
	var seen header
	_, err := age.Decrypt(file, &seen)
	var none *age.NoIdentityMatchError
	if !errors.As(err, &none) || len(seen.stanzas) > maxStanzas {
		return nil, ErrDamaged // not an age file: header always says no
	}
	var pairs Pairs
	for _, s := range seen.stanzas {
		if s.Type != carriedType {
			continue
		}
		if len(s.Args) != 1 || s.Args[0] != carriedVersion {
			return nil, ErrVersion
		}
		pairs = append(pairs, s.Body)
	}
	if len(pairs) == 0 {
		return nil, ErrNoContacts
	}
	if err := pairs.check(); err != nil {
		return nil, err
	}
	return pairs, nil
}

// header is an identity that opens nothing and remembers what it was shown.
type header struct{ stanzas []*age.Stanza }

func (h *header) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	h.stanzas = stanzas
	return nil, age.ErrIncorrectIdentity
}
