package card

import (
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"time"

	"potli/crypto/jose"
)

// ErrDirectory: the file is no directory of issuers.
var ErrDirectory = errors.New("not a directory of issuers")

// MaxDirectory bounds the file. The largest known lists 637 issuers in 717 kB.
const MaxDirectory = 8 << 20

// Directory is who issues health cards, with their keys and what they have
// revoked: all that Verify goes by. It is data of the release, web/cards/issuers.json,
// replaced without building anything anew, and never code.
//
// Its form is that of the snapshot which the VCI directory publishes every day,
// so that this file, once its signature was checked, can be used as it is:
//
//	{"directory": "where it comes from",
//	 "time": "2026-05-22T05:52:08Z",
//	 "issuerInfo": [
//	  {"issuer": {"iss": "https://…", "name": "…"},
//	   "keys": [JWK as in {iss}/.well-known/jwks.json, with its crlVersion and x5c],
//	   "crls": [{"kid": "…", "method": "rid", "ctr": 1, "rids": ["…", "….1664492124"]}],
//	   "unlisted": true}]}
//
// To be in it is to be vouched for. "unlisted" is our addition: keys are at hand
// so that a signature can be checked, and nobody vouches for whose they are.
// Other members are ignored, and so are keys that are not for health cards.
// Certificates (x5c) must be for the key beside them and grant no trust: no
// authority is known here that they could lead to.
type Directory struct {
	Made    time.Time // zero: it does not say
	issuers map[string]*issuer
}

type issuer struct {
	name   string
	listed bool
	keys   map[string]*issuerKey
}

// issuerKey is one key by its name; key is nil where none under that name is
// usable.
type issuerKey struct {
	key     *ecdsa.PublicKey
	version int // crlVersion: the list of revocations there is at least; 0: none
	lists   []revocations
}

// revocations is {iss}/.well-known/crl/{kid}.json.
type revocations struct {
	Kid    string   `json:"kid"`
	Method string   `json:"method"`
	Ctr    int      `json:"ctr"`
	Rids   []string `json:"rids"`
}

// entry is one of issuerInfo.
type entry struct {
	Issuer struct {
		Iss  string `json:"iss"`
		Name string `json:"name"`
	} `json:"issuer"`
	Keys     []json.RawMessage `json:"keys"`
	CRLs     []revocations     `json:"crls"`
	Unlisted bool              `json:"unlisted"`
}

// ParseDirectory reads a directory. One issuer's faults are its own: what
// cannot be used of it is left out. Error: ErrDirectory.
func ParseDirectory(b []byte) (*Directory, error) {
	var file struct {
		Time string            `json:"time"`
		Info []json.RawMessage `json:"issuerInfo"`
	}
	if len(b) > MaxDirectory || json.Unmarshal(b, &file) != nil || file.Info == nil {
		return nil, ErrDirectory
	}
	d := &Directory{issuers: map[string]*issuer{}}
	d.Made, _ = time.Parse(time.RFC3339, file.Time) // without one, it is of unknown age
	for _, raw := range file.Info {
		var e entry
		if json.Unmarshal(raw, &e) == nil && isIssuer(e.Issuer.Iss) {
			d.add(e)
		}
	}
	return d, nil
}

// add joins an entry with what is known of its issuer: one key may stand in
// several, with other certificates.
func (d *Directory) add(e entry) {
	is := d.issuers[e.Issuer.Iss]
	if is == nil {
		is = &issuer{name: e.Issuer.Name, listed: !e.Unlisted, keys: map[string]*issuerKey{}}
		d.issuers[e.Issuer.Iss] = is
	}
	is.listed = is.listed && !e.Unlisted // whoever was taken out once is not vouched for by another line
	for _, raw := range e.Keys {
		var head struct {
			Kid     string `json:"kid"`
			Version int    `json:"crlVersion"`
		}
		if json.Unmarshal(raw, &head) != nil || head.Kid == "" {
			continue
		}
		k := is.key(head.Kid)
		k.version = max(k.version, head.Version)
		if key, err := jose.ParseKey(raw); err == nil {
			k.key = key
		}
	}
	for _, l := range e.CRLs {
		if k := is.keys[l.Kid]; k != nil && l.Method == "rid" {
			k.lists = append(k.lists, l)
		}
	}
}

func (is *issuer) key(kid string) *issuerKey {
	if is.keys[kid] == nil {
		is.keys[kid] = &issuerKey{}
	}
	return is.keys[kid]
}
