package wallet

import (
	"context"
	"errors"
	"slices"
	"time"

	"potli/app/record"
)

// Guardianship says on what ground somebody acts for a person: as they noted it
// down, with the paper that shows it. It proves nothing by itself; it is what is
// shown to whoever asks, and what a consent names. It is kept with the person.
type Guardianship struct {
	As     Bond      `json:"as"`               // what whoever acts is to the person
	Proof  Proof     `json:"proof"`            // what shows it
	Record record.ID `json:"record,omitempty"` // the paper; "": none attached
	SHA256 string    `json:"sha256,omitempty"` // of the paper's bytes: it stays the same paper wherever it is filed
	Since  string    `json:"since,omitempty"`  // FHIR date on the paper
	Noted  time.Time `json:"noted"`
}

// Bond is what whoever acts is to the person they act for.
type Bond string

const (
	BondMother      Bond = "mother"
	BondFather      Bond = "father"
	BondGrandparent Bond = "grandparent"
	BondSpouse      Bond = "spouse"
	BondChild       Bond = "child"
	BondSibling     Bond = "sibling"
	BondGuardian    Bond = "guardian" // appointed by a court
	BondCarer       Bond = "carer"
	BondOther       Bond = "other"
)

// Bonds are those that can be chosen.
var Bonds = []Bond{BondMother, BondFather, BondGrandparent, BondSpouse, BondChild, BondSibling, BondGuardian, BondCarer, BondOther}

// Proof is what shows that somebody may act for another.
type Proof string

const (
	ProofBirth   Proof = "birth-certificate"
	ProofCourt   Proof = "court-order"
	ProofPower   Proof = "power-of-attorney"
	ProofConsent Proof = "consent" // of the person themselves
	ProofOther   Proof = "other"
)

// Proofs are those that can be chosen.
var Proofs = []Proof{ProofBirth, ProofCourt, ProofPower, ProofConsent, ProofOther}

// ErrGuardian: a guardianship needs to say what one is to the person, and what
// shows it; the paper must be a record of this wallet.
var ErrGuardian = errors.New("a guardianship that says too little")

// SetGuardian notes down on what ground one acts for a person; nil takes the
// note away. Nobody is their own guardian.
// Errors: ErrGuardian, ErrBirthDate for a date that is none, ErrNoPerson.
func (w *Wallet) SetGuardian(ctx context.Context, id record.ProfileID, g *Guardianship) error {
	if g != nil {
		noted, err := w.guardianship(*g)
		if err != nil {
			return err
		}
		g = &noted
	}
	return w.changePerson(ctx, id, nil, func(p *Person) error {
		if p.Kin == KinSelf && g != nil {
			return ErrGuardian
		}
		p.Guardian = g
		return nil
	})
}

// guardianship returns g as it is kept.
func (w *Wallet) guardianship(g Guardianship) (Guardianship, error) {
	if !slices.Contains(Bonds, g.As) || !slices.Contains(Proofs, g.Proof) {
		return g, ErrGuardian
	}
	if err := checkBirthDate(g.Since, w.d.Now()); err != nil {
		return g, err
	}
	g.SHA256, g.Noted = "", w.d.Now().UTC().Truncate(time.Second)
	if g.Record != "" {
		m, ok := w.Record(g.Record)
		if !ok {
			return g, ErrGuardian
		}
		g.SHA256 = m.SHA256
	}
	return g, nil
}

// Papers are the photos and PDFs of a person, the last added first: what can be
// attached to a guardianship.
func (w *Wallet) Papers(id record.ProfileID) (papers []record.Meta) {
	for _, e := range w.records(id) {
		if m := e.Meta(); !m.Format.FHIR() {
			papers = append(papers, m)
		}
	}
	return papers
}

// refile keeps guardianships pointing at their paper after it was moved.
func (w *Wallet) refile(ctx context.Context, old, new record.ID) error {
	attached := func(p Person) bool { return p.Guardian != nil && p.Guardian.Record == old }
	if !slices.ContainsFunc(w.Snapshot().People, attached) {
		return nil
	}
	return w.changePeople(ctx, nil, func(people []Person) ([]Person, error) {
		for i, p := range people {
			if attached(p) {
				g := *p.Guardian // the old snapshot keeps its own
				g.Record = new
				people[i].Guardian = &g
			}
		}
		return people, nil
	})
}
