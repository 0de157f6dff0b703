package family

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"

	"potli/app/record"
	"potli/crypto/chain"
)

// Kind says which operation an entry is.
type Kind string

// Kinds, as they stand in the history. They are for ever.
const (
	KindFound    Kind = "found"
	KindDetails  Kind = "details"
	KindAdd      Kind = "add"
	KindRole     Kind = "role"
	KindRemove   Kind = "remove"
	KindDevices  Kind = "devices"
	KindEpoch    Kind = "epoch"
	KindGrant    Kind = "grant"
	KindRecords  Kind = "records"
	KindRetitle  Kind = "retitle"
	KindMove     Kind = "move"
	KindDelete   Kind = "delete"
	KindGuardian Kind = "guardian"
	KindMajority Kind = "majority"
	KindOffer    Kind = "offer"
	KindAccept   Kind = "accept"
	KindTransfer Kind = "transfer"
	KindName     Kind = "name"
	KindClaim    Kind = "claim"
	KindWaited   Kind = "waited"
	KindVeto     Kind = "veto"
	KindRecover  Kind = "recover"
)

// Act is what an entry does: one of the types below, by pointer.
type Act interface {
	Kind() Kind
	fits() bool // within the limits
}

// Found begins a history. Whoever signs it is the first owner.
type Found struct {
	Fields Fields `json:"fields"`
	Public []byte `json:"public"` // the founder's keyring.UserPublic
	Self   bool   `json:"self"`   // whether the founder is the person
}

// Fields are what is known of the person, by name: "name", "birth" (a FHIR date),
// and what else the wallet keeps. Only the birth date means something here.
type Fields map[string]string

// FieldBirth is the person's date of birth.
const FieldBirth = "birth"

// Details changes some of the fields; "" takes one away.
type Details struct {
	Fields Fields `json:"fields"`
}

// Add lets somebody in. Their public part was compared by two people before.
type Add struct {
	User   string `json:"user"`
	Role   Role   `json:"role"`
	Public []byte `json:"public"` // keyring.UserPublic
	// From is the first epoch that they are to be given: 1 is all there ever was,
	// the newest is "from now on".
	From int `json:"from"`
}

// SetRole makes a member something else.
type SetRole struct {
	User string `json:"user"`
	Role Role   `json:"role"`
}

// Remove takes a member out. A member who names themselves leaves.
type Remove struct {
	User string `json:"user"`
}

// Devices tells the others that one's devices or keys have changed.
type Devices struct {
	Public []byte `json:"public"` // keyring.UserPublic
}

// Epoch makes a new key for everything that is written from then on.
type Epoch struct {
	N         int        `json:"n"`         // one more than the highest the author knows
	Recipient chain.Hash `json:"recipient"` // SHA-256 of the epoch's recipient as age writes it
	To        []Whom     `json:"to"`        // for whom Sealed is
	Sealed    []byte     `json:"sealed"`    // age file with the epoch's identity; opaque here
}

// Whom is a member by the public part that something was sealed to: who was
// removed later from their devices may know that one and not the next.
type Whom struct {
	User string     `json:"user"`
	Doc  chain.Hash `json:"doc"` // SHA-256 of the public part
}

// Grant gives epochs to a member that they were not made for.
type Grant struct {
	To     Whom         `json:"to"`
	Epochs []chain.Hash `json:"epochs"` // the entries that made them
	Sealed []byte       `json:"sealed"` // age file with their identities; opaque here
}

// Records says that records were added. A sealed record counts when it is named
// here by one who may, with the hash of its sealed bytes; so what a removed member
// writes later is not taken, and what a relay drops is missed.
type Records struct {
	List []Named `json:"list"`
}

// Named is one record.
type Named struct {
	ID  record.ID  `json:"id"`
	Sum chain.Hash `json:"sum"` // SHA-256 of the sealed record
}

// Retitle gives a record a title and a date of the family's own.
type Retitle struct {
	ID    record.ID `json:"id"`
	Title string    `json:"title"`
	Date  string    `json:"date"`
}

// Move says that a record was filed under the wrong person, and is another one's
// now, where it was sealed anew.
type Move struct {
	ID record.ID        `json:"id"`
	To record.ProfileID `json:"to"`
	As record.ID        `json:"as"`
}

// Delete takes records away for everybody.
type Delete struct {
	IDs []record.ID `json:"ids"`
}

// Guardian notes on what ground a member acts for the person; what the words can
// be is the wallet's affair.
type Guardian struct {
	User   string    `json:"user"`
	As     string    `json:"as"`               // what they are to the person
	Proof  string    `json:"proof"`            // what shows it
	Record record.ID `json:"record,omitempty"` // the paper
	Sum    string    `json:"sum,omitempty"`    // of the paper's bytes
	Since  string    `json:"since,omitempty"`  // date on the paper
}

// SetMajority says by whose law the person comes of age.
type SetMajority struct {
	Law    string `json:"law"`    // key of Laws, or another name
	Age    int    `json:"age"`    // in years
	Offset int    `json:"offset"` // minutes east of UTC, on that day, where the person lives
}

// Offer names the member who is the person themselves, with a wallet of their own.
type Offer struct {
	User string `json:"user"`
}

// Accept is their answer, from their own device.
type Accept struct {
	Offer chain.Hash `json:"offer"`
}

// Transfer makes the person the owner and everybody else a reader.
type Transfer struct {
	User string `json:"user"`
}

// NameContact names a member who may recover the profile when its owners are gone:
// Days after they claimed it. 0 takes it back.
type NameContact struct {
	User string `json:"user"`
	Days int    `json:"days"`
}

// Claim says that the owners are dead or can not act any more.
type Claim struct{}

// Waited says that this device has seen a claim, and waited, by its own clock.
type Waited struct {
	Claim chain.Hash `json:"claim"`
}

// Veto says that an owner is there, whenever it is said.
type Veto struct {
	Claim chain.Hash `json:"claim"`
}

// Recover makes whoever claimed an owner.
type Recover struct {
	Claim chain.Hash `json:"claim"`
}

// Kind of each operation.
func (*Found) Kind() Kind       { return KindFound }
func (*Details) Kind() Kind     { return KindDetails }
func (*Add) Kind() Kind         { return KindAdd }
func (*SetRole) Kind() Kind     { return KindRole }
func (*Remove) Kind() Kind      { return KindRemove }
func (*Devices) Kind() Kind     { return KindDevices }
func (*Epoch) Kind() Kind       { return KindEpoch }
func (*Grant) Kind() Kind       { return KindGrant }
func (*Records) Kind() Kind     { return KindRecords }
func (*Retitle) Kind() Kind     { return KindRetitle }
func (*Move) Kind() Kind        { return KindMove }
func (*Delete) Kind() Kind      { return KindDelete }
func (*Guardian) Kind() Kind    { return KindGuardian }
func (*SetMajority) Kind() Kind { return KindMajority }
func (*Offer) Kind() Kind       { return KindOffer }
func (*Accept) Kind() Kind      { return KindAccept }
func (*Transfer) Kind() Kind    { return KindTransfer }
func (*NameContact) Kind() Kind { return KindName }
func (*Claim) Kind() Kind       { return KindClaim }
func (*Waited) Kind() Kind      { return KindWaited }
func (*Veto) Kind() Kind        { return KindVeto }
func (*Recover) Kind() Kind     { return KindRecover }

// blank is an empty operation of each kind.
func blank(k Kind) Act {
	switch k {
	case KindFound:
		return new(Found)
	case KindDetails:
		return new(Details)
	case KindAdd:
		return new(Add)
	case KindRole:
		return new(SetRole)
	case KindRemove:
		return new(Remove)
	case KindDevices:
		return new(Devices)
	case KindEpoch:
		return new(Epoch)
	case KindGrant:
		return new(Grant)
	case KindRecords:
		return new(Records)
	case KindRetitle:
		return new(Retitle)
	case KindMove:
		return new(Move)
	case KindDelete:
		return new(Delete)
	case KindGuardian:
		return new(Guardian)
	case KindMajority:
		return new(SetMajority)
	}
	return blankRare(k)
}

func blankRare(k Kind) Act {
	switch k {
	case KindOffer:
		return new(Offer)
	case KindAccept:
		return new(Accept)
	case KindTransfer:
		return new(Transfer)
	case KindName:
		return new(NameContact)
	case KindClaim:
		return new(Claim)
	case KindWaited:
		return new(Waited)
	case KindVeto:
		return new(Veto)
	case KindRecover:
		return new(Recover)
	case KindLogged:
		return new(Logged)
	}
	return nil
}

// Encode is an operation as it stands in an entry's body. Error: ErrBody, when it
// is beyond its limits.
func Encode(a Act) (Kind, []byte, error) {
	if a == nil || !a.fits() {
		return "", nil, ErrBody
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil || b.Len()-1 > chain.MaxBody {
		return "", nil, ErrBody
	}
	return a.Kind(), bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Decode reads what Encode wrote. An unknown kind, or one with members that we do
// not know, is ErrLater; anything else that is not right is ErrBody.
func Decode(k Kind, body []byte) (Act, error) {
	a := blank(k)
	if a == nil {
		return nil, ErrLater
	}
	if !utf8.Valid(body) || json.Unmarshal(body, a) != nil || !a.fits() {
		return nil, ErrBody
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(blank(k)); err != nil {
		return nil, ErrLater
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, ErrBody
	}
	return a, nil
}
