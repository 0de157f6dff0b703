// Package consent decides who may see what, for what, and until when, and writes
// down what was agreed so that a third person can verify it years later.
//
//	provider                      wallet                                provider
//	  │ Request (JSON, or JWS       │                                      │
//	  │ by the provider's key) ────▶│ Parse, a screen of plain words       │
//	  │                             │ Allow: the Request, narrowed ▶ Grant │
//	  │                             │ Sign: Receipt, JWS ─────────────────▶│ Verify
//	  │                             │◀──────────────── Countersign: JWS ───│
//	  │                             │ Yields, for each record, each time ─▶│ documents
//	  │                             │ Narrow, revoke ─────────────────────▶│ "ended"
//
// A Grant is never wider than its Request, and a narrower Grant never wider than
// the one before, in any dimension: purpose, receiver, kinds, dates, records,
// duration, how often, and what happens afterwards. Whether a record may go is
// decided anew each time from the Grant, all that happened since and the clock
// (Yields); there is no list of what was once allowed. Where two readings are
// possible, nothing goes.
//
// The package is pure: no store, no network, no screen; time and randomness come
// in. Its subpackage ledger keeps what happened in a chain that others witness.
//
// What lasts: a request, a receipt and a countersignature of any release can be
// verified for ever; the files in testdata are never made anew.
package consent

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/party"
	"potli/crypto/jose"
)

// Code says what is wrong with a request, a choice or a receipt. The user
// interface has a sentence for each.
type Code string

const (
	Damaged      Code = "damaged"      // not what it should be, or cut short, or contradicts itself
	Newer        Code = "newer"        // of a later version
	TooBig       Code = "too big"      // beyond a limit
	Forged       Code = "forged"       // signed, and the signature is not by the key it names
	Lapsed       Code = "lapsed"       // answered too late: the request has expired
	Early        Code = "early"        // issued in the future: a clock is wrong
	TooLong      Code = "too long"     // asks for longer than anybody may be given
	Unknown      Code = "unknown"      // a purpose or a kind of record that is not known here
	Wider        Code = "wider"        // a choice that would give more than was asked, or granted
	Nothing      Code = "nothing"      // a choice that gives nothing: refuse instead
	OtherReceipt Code = "other"        // a countersignature of another receipt
	OtherParty   Code = "other party"  // a countersignature by a key the receipt was not for
	Uncertified  Code = "no authority" // signed by a device that no user's key vouches for
)

// Fault is the error of this package. Field names the part of the request, of the
// choice or of the receipt, "" for the whole; it holds nothing that a stranger
// wrote.
type Fault struct {
	Code  Code
	Field string
}

func (f *Fault) Error() string {
	if f.Field == "" {
		return "consent: " + string(f.Code)
	}
	return "consent: " + f.Field + ": " + string(f.Code)
}

// Is makes errors.Is(err, &Fault{Code: c}) ask for the code, whatever the field.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code && (t.Field == "" || t.Field == f.Field)
}

func fault(c Code, field string) error { return &Fault{c, field} }

// Purpose is why records are asked for: a code of ABDM (HL7 v3 PurposeOfUse with
// additions of its own) and the asker's own words.
type Purpose struct {
	Code PurposeCode `json:"code"`
	Text string      `json:"text,omitempty"`
}

// PurposeCode is one of ABDM's six.
type PurposeCode string

const (
	Care       PurposeCode = "CAREMGT"
	BreakGlass PurposeCode = "BTG" // an emergency, in which nobody could be asked
	Public     PurposeCode = "PUBHLTH"
	Payment    PurposeCode = "HPAYMT"
	Research   PurposeCode = "DSRCH"
	Self       PurposeCode = "PATRQT" // the person asked for it
)

// Purposes are all that are known, in the order of ABDM's list.
var Purposes = []PurposeCode{Care, BreakGlass, Public, Payment, Research, Self}

// BreaksGlass says whether records are asked for in an emergency. Such a request is
// never answered by a rule and never a second time by itself: a person looks at it,
// and again at each delivery.
func (p Purpose) BreaksGlass() bool { return p.Code == BreakGlass }

// Kind is a kind of record: a document type of ABDM ("hiType"), or one of the
// kinds by which entries inside a document are shown (fhir.Kind).
type Kind string

// The document types of ABDM (NRCES profiles).
const (
	Consultation Kind = "OPConsultation"
	Prescription Kind = "Prescription"
	Report       Kind = "DiagnosticReport"
	Discharge    Kind = "DischargeSummary"
	Vaccination  Kind = "ImmunizationRecord"
	HealthPaper  Kind = "HealthDocumentRecord"
	Wellness     Kind = "WellnessRecord"
	Invoice      Kind = "Invoice"
)

// Kinds are all that can be asked for.
var Kinds = slices.Concat(
	[]Kind{Consultation, Prescription, Report, Discharge, Vaccination, HealthPaper, Wellness, Invoice},
	contents(fhir.KindAllergy, fhir.KindCondition, fhir.KindMedicine, fhir.KindImmunization, fhir.KindResult, fhir.KindVital,
		fhir.KindProcedure, fhir.KindVisit, fhir.KindCarePlan, fhir.KindAppointment, fhir.KindDevice, fhir.KindBill,
		fhir.KindDocument, fhir.KindPhoto, fhir.KindOther))

func contents(list ...fhir.Kind) (kinds []Kind) {
	for _, k := range list {
		kinds = append(kinds, Kind(k))
	}
	return kinds
}

// holds are the kinds of entries that a document of a type is made of, so that a
// PDF of a laboratory, which is no document of ABDM's, answers a request for
// "DiagnosticReport". What else may stand in a consultation or a discharge summary
// is not here: a document with that goes only where it is of this type itself.
var holds = map[Kind][]Kind{
	Consultation: contents(fhir.KindVisit),
	Prescription: contents(fhir.KindMedicine),
	Report:       contents(fhir.KindResult),
	Vaccination:  contents(fhir.KindImmunization),
	HealthPaper:  contents(fhir.KindDocument, fhir.KindPhoto),
	Wellness:     contents(fhir.KindVital),
	Invoice:      contents(fhir.KindBill),
}

// Party is a provider: who asks, and who is given to.
type Party = party.Party

// Identifier is a number in a registry, such as HFR or HPR.
type Identifier = party.Identifier

// b64 has one spelling for each value.
var b64 = base64.RawURLEncoding.Strict()

const (
	idBytes   = 16
	hashChars = 43 // a SHA-256 in base64url
)

// NewID returns a fresh name: 16 random bytes in base64url.
func NewID(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	b := make([]byte, idBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("no randomness for a name: %w", err)
	}
	return b64.EncodeToString(b), nil
}

// Hash is the SHA-256 of a text in base64url: how receipts name other texts.
func Hash(text []byte) string {
	sum := sha256.Sum256(text)
	return b64.EncodeToString(sum[:])
}

// isName says whether s is n bytes in base64url.
func isName(s string, n int) bool {
	b, err := b64.DecodeString(s)
	return err == nil && len(b) == n && len(s) == b64.EncodedLen(n)
}

// signedText takes a compact JWS of ours apart. White space around it would be a
// second spelling with another hash. Faults: Damaged, TooBig.
func signedText(s string, most int) (*jose.JWS, error) {
	if len(s) > most {
		return nil, fault(TooBig, "")
	}
	j, err := jose.ParseJWS(s)
	if err != nil || j.Zip != "" || strings.TrimSpace(s) != s {
		return nil, fault(Damaged, "")
	}
	return j, nil
}
