package consent

import (
	"fmt"
	"time"

	"potli/crypto/jose"
)

// ReceiptVersion is the schema_version of a receipt, ReceiptType the typ of its JWS.
const (
	ReceiptVersion = "potli-receipt/1"
	ReceiptType    = "potli-receipt+jws"
	MaxReceipt     = 64 << 10 // bytes of a receipt, and of a countersignature
)

// Receipt is what was agreed, or ended, or given, at one moment. Signed, it is a
// compact JWS whose payload is canonical JSON (RFC 8785) with the names of ISO/IEC
// TS 27560, and beside them "potli", from which those follow: a receipt that says
// one thing to a reader of the standard and another to us is refused.
//
// It names people by what they are called, and documents by hashes: who has a
// document can see by it that it is the one. Who reads two receipts of one device
// sees that it was one device.
type Receipt struct {
	State     EventKind // Granted, Narrowed, Revoked, Delivered
	Issued    time.Time // in whole seconds
	Terms     Grant
	Notice    Notice // as it was shown
	Actor     Actor
	Principal string  // the person, as they want to be called
	Place     string  // whose law, ISO 3166, "" where nobody said
	Documents []Given // in the order in which they were given
	Previous  string  // Hash of the receipt before it of this consent
	Link      string  // hash of the id of the share that carried it, ""
}

// Actor is who agreed: the person themselves, or somebody for them.
type Actor struct {
	User      string `json:"user"`
	Device    string `json:"device"`
	Name      string `json:"name"`
	Authority string `json:"authority"`       // "self", "guardian", "caregiver"
	Proof     string `json:"proof,omitempty"` // hash of what proves it, where it was shown
}

// Given is a document that was given: of its bytes as they were given.
type Given struct {
	SHA256 string `json:"sha256"` // base64url
	Bytes  int    `json:"bytes"`
	Type   string `json:"type"`
}

// The document, part by part. Its members are those of ISO/IEC TS 27560:2023 as
// they are reported by others; the text itself was not at hand.
type receiptDoc struct {
	SchemaVersion       string       `json:"schema_version"`
	RecordID            string       `json:"record_id"`
	Principal           string       `json:"pii_principal_id"`
	PrivacyNotice       string       `json:"privacy_notice"`
	Language            string       `json:"language"`
	Purposes            []purposeDoc `json:"purposes"`
	PartyIdentification []isoParty   `json:"party_identification"`
	Event               []isoEvent   `json:"event"`
	Potli               potliDoc     `json:"potli"`
}

type purposeDoc struct {
	Purpose     string   `json:"purpose"`
	Type        string   `json:"purpose_type"`
	LawfulBasis string   `json:"lawful_basis"`
	Information []isoPII `json:"pii_information"`
	Controllers []string `json:"pii_controllers"`
	Collection  string   `json:"collection_method"`
	Retention   string   `json:"retention_period"`
	ThirdParty  []string `json:"recipient_third_parties"`
	Withdrawal  string   `json:"withdrawal_method"`
	Rights      string   `json:"privacy_rights"`
	Place       string   `json:"jurisdiction"`
}

type isoPII struct {
	Type      Kind   `json:"pii_type"`
	Sensitive string `json:"sensitive_pii_category"`
}

type isoParty struct {
	ID      string `json:"party_id"`
	Name    string `json:"party_name"`
	Role    string `json:"party_role"`
	Contact string `json:"party_contact"`
}

type isoEvent struct {
	Time     string    `json:"event_time"`
	Duration string    `json:"validity_duration"`
	Type     string    `json:"event_type"`
	State    EventKind `json:"event_state"`
	Entity   string    `json:"entity_id"`
}

// potliDoc is the receipt itself.
type potliDoc struct {
	State       EventKind `json:"state"`
	Issued      int64     `json:"issued"`
	Terms       Grant     `json:"terms"`
	TermsHash   string    `json:"terms_hash"`
	NoticeHash  string    `json:"notice_hash"`
	Actor       Actor     `json:"actor"`
	Principal   string    `json:"principal"`
	Place       string    `json:"place"`
	Documents   []Given   `json:"documents"`
	Previous    string    `json:"previous"`
	Link        string    `json:"link"`
	JWK         any       `json:"jwk"`         // of the device
	Certificate string    `json:"certificate"` // of that key, by the user's
}

// document is the receipt as it is written. All of it follows from the receipt.
func (r *Receipt) document(key jose.Key, certificate string) receiptDoc {
	documents := r.Documents
	if documents == nil {
		documents = []Given{}
	}
	g := &r.Terms
	return receiptDoc{
		SchemaVersion: ReceiptVersion, RecordID: g.ID, Principal: string(g.Profile), PrivacyNotice: r.Notice.Text, Language: r.Notice.Language,
		Purposes: []purposeDoc{r.purpose()},
		PartyIdentification: []isoParty{
			{string(g.Profile), r.Principal, "pii_principal", ""},
			{r.Actor.User, r.Actor.Name, r.Actor.Authority, ""},
			{callOf(g.To), g.To.Name, "pii_controller", g.To.Origin},
		},
		Event: []isoEvent{{r.Issued.Format(time.RFC3339), fmt.Sprintf("PT%dS", max(0, g.Until.Unix()-r.Issued.Unix())), "explicit", r.State, r.Actor.User}},
		Potli: potliDoc{r.State, r.Issued.Unix(), *g, g.Hash(), r.Notice.Hash(), r.Actor, r.Principal, r.Place, documents, r.Previous, r.Link, key.JWK(), certificate},
	}
}

func (r *Receipt) purpose() purposeDoc {
	g := &r.Terms
	p := purposeDoc{Purpose: g.Purpose.Text, Type: string(g.Purpose.Code), LawfulBasis: "consent", Controllers: []string{callOf(g.To)},
		Collection: string(g.Repeat), Retention: string(g.After), ThirdParty: []string{}, Withdrawal: "in the wallet, at any time",
		Rights: "to see what was given, to narrow it, to withdraw", Place: r.Place}
	for _, k := range g.Kinds {
		p.Information = append(p.Information, isoPII{k, "health"})
	}
	return p
}

// callOf is what a receipt calls a provider: its key, its first number, or its name.
func callOf(p Party) string {
	switch {
	case p.Key != "":
		return p.Key
	case len(p.IDs) > 0:
		return p.IDs[0].System + "|" + p.IDs[0].Value
	}
	return p.Name
}

// Sign writes the receipt: signed by the device's key, with the certificate of that
// key inside. What it returns verifies. Faults: Damaged, TooBig, Uncertified.
func (r *Receipt) Sign(by *jose.Signer, certificate string) (string, error) {
	if err := r.check(); err != nil {
		return "", err
	}
	payload, err := canonical(r.document(by.Public(), certificate))
	if err != nil {
		return "", fmt.Errorf("writing a receipt: %w", err)
	}
	jws, err := by.Sign(ReceiptType, payload)
	if err != nil {
		return "", err
	}
	if _, err := Verify(jws); err != nil {
		return "", err
	}
	return jws, nil
}
