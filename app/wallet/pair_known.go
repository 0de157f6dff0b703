package wallet

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"potli/app/vault"
	"potli/crypto/keyring"
)

// docKnown begins the names of the documents that say who somebody is whose keys
// were compared: histories call people by an id alone.
const docKnown = "known/"

const knownVersion = "potli-known/1"

// known is such a document.
type known struct {
	Version string    `json:"version"`
	Name    string    `json:"name"`
	Public  []byte    `json:"public"` // keyring.UserPublic, as it was then
	Since   time.Time `json:"since"`
}

// Known is somebody with a wallet of their own with whom this one has paired.
type Known struct {
	User  string
	Name  string // as they called themselves
	Since time.Time
	// Words and Digits are what two people can compare at any later time: they
	// are of the keys that were exchanged.
	Words  []string
	Digits string
}

// know notes whose keys these are.
func (w *Wallet) know(ctx context.Context, v *vault.Vault, user, name string, public []byte) error {
	return putJSON(ctx, v, docKnown+user, known{knownVersion, name, public, w.d.Now().UTC()})
}

// Known lists with whom this wallet has paired, by name. What cannot be read is
// left out.
func (w *Wallet) Known(ctx context.Context) ([]Known, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	docs, err := v.Docs(ctx, docKnown)
	if err != nil {
		return nil, err
	}
	var list []Known
	for name, body := range docs {
		var k known
		if json.Unmarshal(body, &k) != nil || k.Version != knownVersion {
			continue
		}
		p, err := keyring.ParsePublic(k.Public)
		if user := strings.TrimPrefix(name, docKnown); err == nil && p.ID == user {
			list = append(list, Known{user, k.Name, k.Since, p.Words(), p.Digits()})
		}
	}
	slices.SortFunc(list, func(a, b Known) int { return strings.Compare(a.Name+"\x00"+a.User, b.Name+"\x00"+b.User) })
	return list, nil
}
