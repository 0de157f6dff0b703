package consent

import (
	"time"

	"potli/app/party"
	"potli/crypto/jose"
)

// CountersignatureVersion is the "v" of a countersignature, CountersignatureType the
// typ of its JWS.
const (
	CountersignatureVersion = "potli-countersignature/1"
	CountersignatureType    = "potli-countersignature+jws"
)

// Countersigned is what a receiver says of a receipt: that it has it.
type Countersigned struct {
	Receipt string // hash of the receipt's JWS
	At      time.Time
	From    Party // with the thumbprint of its key
	Key     jose.Key
}

type counterDoc struct {
	V       string         `json:"v"`
	Receipt string         `json:"receipt"`
	At      int64          `json:"at"`
	From    party.Document `json:"from"`
}

// Countersign is what a receiver signs when it accepts a receipt, by Ed25519 or
// ES256. It verifies the receipt first; faults as of Verify and CheckCountersigned.
func Countersign(receipt string, from Party, at time.Time, by *jose.Signer) (string, error) {
	payload, err := canonical(counterDoc{CountersignatureVersion, Hash([]byte(receipt)), at.Unix(),
		party.Document{Name: from.Name, IDs: from.IDs, Origin: from.Origin, JWK: by.Public().JWK()}})
	if err != nil {
		return "", err
	}
	jws, err := by.Sign(CountersignatureType, payload)
	if err != nil {
		return "", err
	}
	_, err = CheckCountersigned(receipt, jws)
	return jws, err
}

// CheckCountersigned verifies a countersignature against the receipt that it should
// be of, and the receipt. Where the receipt names a key of its receiver, it has to
// be by that key; otherwise the key is known by this signature alone.
//
// Faults: those of Verify; Damaged, Newer, TooBig, Forged with the field
// "countersignature"; OtherReceipt, OtherParty.
func CheckCountersigned(receipt, counter string) (*Countersigned, error) {
	v, err := Verify(receipt)
	if err != nil {
		return nil, err
	}
	c, err := parseCountersigned(counter)
	if err != nil {
		return nil, err
	}
	if c.Receipt != v.Hash() {
		return nil, fault(OtherReceipt, "")
	}
	if to := v.Terms.To.Key; to != "" && to != c.From.Key {
		return nil, fault(OtherParty, "")
	}
	return c, nil
}

func parseCountersigned(counter string) (*Countersigned, error) {
	const field = "countersignature"
	j, err := signedText(counter, MaxReceipt)
	if err != nil {
		return nil, &Fault{err.(*Fault).Code, field}
	}
	var d counterDoc
	if decode(j.Payload, &d, "v", "receipt", "at", "from", "name", "ids", "system", "value", "origin", "jwk") != nil {
		return nil, fault(Damaged, field)
	}
	if err := version(d.V, CountersignatureVersion); err != nil {
		return nil, &Fault{err.(*Fault).Code, field}
	}
	key, err := jose.ParseJWK(d.From.JWK)
	if err != nil || !j.SignedBy(key, CountersignatureType) {
		return nil, fault(Forged, field)
	}
	from := Party{Name: d.From.Name, IDs: d.From.IDs, Origin: d.From.Origin}
	if checkParty(&from) != nil || !isName(d.Receipt, 32) || d.At <= 0 || d.At > lastSecond {
		return nil, fault(Damaged, field)
	}
	from.Key = key.Thumbprint()
	return &Countersigned{d.Receipt, unix(d.At), from, key}, nil
}
