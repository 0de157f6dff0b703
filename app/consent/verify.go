package consent

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"potli/app/record"
	"potli/crypto/jose"
)

// Verified is a receipt whose signatures hold. Whose Root is (the user's key, which
// certified the device's) is for the caller to know: seen at a counter, or in an
// earlier receipt.
type Verified struct {
	Receipt
	JWS    string
	Signer jose.Key // of the device
	Root   jose.Key // of the user, of this epoch
	Epoch  int
}

// Hash names the receipt: of its compact JWS.
func (v *Verified) Hash() string { return Hash([]byte(v.JWS)) }

// Verify reads a receipt with nothing but itself: that the device it names signed
// every byte of it, that the user's key certified that device, and that what it says
// in the words of the standard is what it says in ours. Time does not matter: a
// receipt of an ended consent is as good as on its first day.
//
// Faults: Damaged, Newer, TooBig, Forged, Uncertified.
func Verify(jws string) (*Verified, error) {
	j, err := signedText(jws, MaxReceipt)
	if err != nil {
		return nil, err
	}
	d, err := readReceipt(j.Payload)
	if err != nil {
		return nil, err
	}
	key, err := keyOf(d.Potli.JWK)
	if err != nil || key.Alg() != "EdDSA" || !j.SignedBy(key, ReceiptType) {
		return nil, fault(Forged, "")
	}
	r := d.receipt()
	if err := r.check(); err != nil {
		return nil, err
	}
	// Nothing beside, nothing twice, nothing that contradicts.
	again, err := canonical(r.document(key, d.Potli.Certificate))
	if err != nil || !bytes.Equal(again, j.Payload) {
		return nil, fault(Damaged, "")
	}
	c, err := verifyCertificate(d.Potli.Certificate)
	if err != nil {
		return nil, err
	}
	if c.Key != key.Thumbprint() || c.User != r.Actor.User || c.Device != r.Actor.Device {
		return nil, fault(Uncertified, "")
	}
	return &Verified{r, jws, key, c.root, c.Epoch}, nil
}

func readReceipt(payload []byte) (*receiptDoc, error) {
	var v struct {
		V string `json:"schema_version"`
	}
	if !utf8.Valid(payload) || json.Unmarshal(payload, &v) != nil {
		return nil, fault(Damaged, "")
	}
	if err := version(v.V, ReceiptVersion); err != nil {
		return nil, err
	}
	var d receiptDoc
	if json.Unmarshal(payload, &d) != nil {
		return nil, fault(Damaged, "")
	}
	return &d, nil
}

// keyOf reads a key that came with what it signed.
func keyOf(jwk any) (jose.Key, error) {
	b, err := canonical(jwk)
	if err != nil {
		return jose.Key{}, err
	}
	return jose.ParseJWK(b)
}

func (d *receiptDoc) receipt() Receipt {
	p := &d.Potli
	r := Receipt{State: p.State, Issued: unix(p.Issued), Terms: p.Terms, Notice: Notice{d.PrivacyNotice, d.Language},
		Actor: p.Actor, Principal: p.Principal, Place: p.Place, Documents: p.Documents, Previous: p.Previous, Link: p.Link}
	if len(r.Documents) == 0 {
		r.Documents = nil
	}
	return r
}

var receiptStates = []EventKind{Granted, Narrowed, Revoked, Delivered}

// check holds a receipt against the rules that its signature says nothing of.
func (r *Receipt) check() error {
	g := &r.Terms
	switch {
	case !slices.Contains(receiptStates, r.State):
		return fault(Damaged, "state")
	case r.Issued.Unix() <= 0 || r.Issued.Unix() > lastSecond || r.Issued.Nanosecond() != 0:
		return fault(Damaged, "issued")
	case !isName(g.ID, idBytes) || g.Profile == "" || g.Until.Year() > 9999 || !g.Begin.Before(g.Until):
		return fault(Damaged, "terms")
	case r.Actor.User == "" || r.Actor.Device == "" || r.Actor.Authority == "" || record.Tidy(r.Actor.Name) != r.Actor.Name ||
		record.Tidy(r.Principal) != r.Principal || r.Actor.Proof != "" && !isName(r.Actor.Proof, 32):
		return fault(Damaged, "actor")
	case r.Previous != "" && !isName(r.Previous, 32) || r.Link != "" && !isName(r.Link, 32):
		return fault(Damaged, "hashes")
	case len(r.Documents) > MaxRecords || len(g.Records) > MaxRecords || utf8.RuneCountInString(r.Notice.Text) > MaxNotice:
		return fault(TooBig, "")
	}
	for _, d := range r.Documents {
		if !isName(d.SHA256, 32) || d.Bytes < 0 || d.Type == "" {
			return fault(Damaged, "documents")
		}
	}
	return nil
}

// Certificates of devices: {"v","user","device","key","epoch","at","jwk"}, a compact
// JWS by the user's own key of an epoch, whose public half stands in it. It says
// that key, by its thumbprint, is one of the user's devices, and nothing else of
// the user: not how many there are, nor what they are called.
const (
	CertificateVersion = "potli-device/1"
	CertificateType    = "potli-device+jws"
	maxCertificate     = 4 << 10
)

type certificate struct {
	V      string          `json:"v"`
	User   string          `json:"user"`
	Device string          `json:"device"`
	Key    string          `json:"key"`
	Epoch  int             `json:"epoch"`
	At     int64           `json:"at"`
	JWK    json.RawMessage `json:"jwk"`

	root jose.Key
}

// Certify is what the user's key says of a device's key, once; it goes into every
// receipt that the device signs.
func Certify(by *jose.Signer, epoch int, user, device string, key jose.Key, at time.Time) (string, error) {
	payload, err := canonical(certificate{V: CertificateVersion, User: user, Device: device, Key: key.Thumbprint(), Epoch: epoch,
		At: at.Unix(), JWK: by.Public().JWK()})
	if err != nil {
		return "", err
	}
	jws, err := by.Sign(CertificateType, payload)
	if err != nil {
		return "", err
	}
	_, err = verifyCertificate(jws)
	return jws, err
}

func verifyCertificate(jws string) (*certificate, error) {
	bad := fault(Uncertified, "")
	j, err := signedText(jws, maxCertificate)
	if err != nil {
		return nil, bad
	}
	var c certificate
	if decode(j.Payload, &c, "v", "user", "device", "key", "epoch", "at", "jwk") != nil || c.V != CertificateVersion {
		return nil, bad
	}
	if c.root, err = jose.ParseJWK(c.JWK); err != nil || c.root.Alg() != "EdDSA" || !j.SignedBy(c.root, CertificateType) {
		return nil, bad
	}
	if c.User == "" || c.Device == "" || c.Epoch < 1 || !isName(c.Key, 32) {
		return nil, bad
	}
	return &c, nil
}
