package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// Two people, each with a wallet of their own, pair so that the second may care
// for somebody with the first. What each tells the other of themselves is a name
// and the public part of their keys; what the second is given is the invitation
// of package history, with which their wallet finds the records.

var roles = map[string]family.Role{RoleReader: family.Reader, RoleAdmin: family.Admin}

const (
	joinerVersion  = "potli-joiner/1"
	invitedVersion = "potli-invited/1"
	maxPairPublic  = 48 << 10
)

// joiner is what who joins says of themselves. Public keys and a name.
type joiner struct {
	Version string `json:"version"`
	Name    string `json:"name"`
	Public  []byte `json:"public"` // keyring.UserPublic
}

// invited is what they are given.
type invited struct {
	Version    string             `json:"version"`
	Name       string             `json:"name"`   // of who invites
	Public     []byte             `json:"public"` // keyring.UserPublic of who invites
	Person     Person             `json:"person"` // for whom; what tells one from another
	Role       string             `json:"role"`
	History    bool               `json:"history"`
	Invitation history.Invitation `json:"invitation"`
}

// readPairing reads one of these, strictly. Errors: ErrPairContent, ErrPairVersion.
func readPairing(b []byte, version string, v any) error {
	var head struct{ Version string }
	if json.Unmarshal(b, &head) != nil {
		return ErrPairContent
	}
	if head.Version != version {
		return ErrPairVersion
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if d.Decode(v) != nil {
		return ErrPairContent
	}
	if _, err := d.Token(); err != io.EOF {
		return ErrPairContent
	}
	return nil
}

func readJoiner(b []byte) (j joiner, who *keyring.UserPublic, err error) {
	if err := readPairing(b, joinerVersion, &j); err != nil {
		return joiner{}, nil, err
	}
	j.Name, who, err = readPublic(j.Name, j.Public)
	return j, who, err
}

// readInvited reads what somebody is given. Of the person only what tells one from
// another is taken: what they are to the other wallet they are not to this one.
func readInvited(b []byte, now time.Time) (i invited, who *keyring.UserPublic, err error) {
	if err := readPairing(b, invitedVersion, &i); err != nil {
		return invited{}, nil, err
	}
	if roles[i.Role] == family.None || i.Person.ID == "" || i.Person.ID != i.Invitation.Profile {
		return invited{}, nil, ErrPairContent
	}
	if i.Person, err = introduced(i.Person).checked(now); err != nil {
		return invited{}, nil, ErrPairContent
	}
	i.Name, who, err = readPublic(i.Name, i.Public)
	return i, who, err
}

// introduced is what one caregiver tells another of somebody at first; the rest is
// in the history.
func introduced(p Person) Person {
	return Person{ID: p.ID, Name: p.Name, BirthDate: p.BirthDate, Gender: p.Gender, Colour: p.Colour, Kin: KinOther}
}

// readPublic reads who somebody is: a name that can be shown, and keys that are
// whole.
func readPublic(name string, public []byte) (string, *keyring.UserPublic, error) {
	name, err := callable(name)
	if err != nil || len(public) > maxPairPublic {
		return "", nil, ErrPairContent
	}
	who, err := keyring.ParsePublic(public)
	if err != nil {
		return "", nil, pairContent(err)
	}
	return name, who, nil
}

// ShowInvite asks for the words again, or for the passkey where they are "", and shows the code by which somebody with a
// wallet of their own comes to care for a person. Errors: those of Unlock,
// ErrNoPerson, ErrName, ErrMayNot, ErrPairContent for no such role, ErrPairOffline.
func (w *Wallet) ShowInvite(ctx context.Context, words string, i Invite, long bool) error {
	who, ok := w.Snapshot().person(i.Profile)
	switch {
	case !ok || w.Snapshot().concealed(i.Profile):
		return ErrNoPerson
	case roles[i.Role] == family.None, i.Subject && (i.Role != RoleReader || !i.History):
		return ErrPairContent
	}
	by, err := callable(i.By)
	if err != nil {
		return err
	}
	if err := w.mayInvite(ctx, i, ""); err != nil {
		return err
	}
	if err := w.authenticate(ctx, words); err != nil {
		return err
	}
	i.Name, i.By = who.Name, by
	return w.startShow(ctx, Pairing{Purpose: PairInvite, Long: long, Invite: i}, giver{
		meet: func(offer []byte) (string, error) { return w.meetJoiner(offer, i) },
		give: func(ctx context.Context, offer []byte) ([]byte, error) { return w.giveInvitation(ctx, offer, i) },
	})
}

// Reasons why somebody is not let in.
var (
	// ErrMayNot: this user's role, or the person's age, does not allow it.
	ErrMayNot = errors.New("not allowed for this person")
	// ErrLetIn: they may see the person's records already.
	ErrLetIn = errors.New("let in already")
)

// mayInvite asks the person's history whether this user may let somebody in as
// what the invitation says, before anybody is troubled. user is who; "" nobody yet.
func (w *Wallet) mayInvite(ctx context.Context, i Invite, user string) error {
	m, err := w.may(ctx, i.Profile)
	if err != nil {
		return err
	}
	if err := m.write(); errors.Is(err, ErrOfAge) && !i.Subject {
		return err
	}
	if m.st == nil {
		return nil // nobody else knows the person
	}
	if _, in := m.st.Member(user); in {
		return ErrLetIn
	}
	me, _ := m.st.Member(m.me)
	if me.Role < family.Admin || me.Role == family.Admin && roles[i.Role] >= family.Admin || i.Subject && m.st.Handover.Accepted {
		return ErrMayNot
	}
	return nil
}

// inviteError says in the words of the wallet why a history refused.
func inviteError(err error) error {
	if errors.Is(err, family.ErrMember) {
		return ErrLetIn
	}
	if errors.Is(err, family.ErrOfAge) {
		return ErrOfAge
	}
	for _, e := range []error{family.ErrRole, family.ErrEqual, family.ErrNotMember, family.ErrRemoved, family.ErrDevice} {
		if errors.Is(err, e) {
			return ErrMayNot
		}
	}
	return err
}

// meetJoiner reads who wants to join, and says what they call themselves.
func (w *Wallet) meetJoiner(offer []byte, i Invite) (name string, err error) {
	v, err := w.open()
	if err != nil {
		return "", err
	}
	j, who, err := readJoiner(offer)
	switch {
	case err != nil:
		return "", err
	case who.ID == v.WalletID():
		return "", ErrPairSelf
	}
	return j.Name, w.mayInvite(context.Background(), i, who.ID)
}

// giveInvitation lets them in, in the person's history, and notes whose keys these
// are. It comes before anything is given, as when a device is linked.
func (w *Wallet) giveInvitation(ctx context.Context, offer []byte, i Invite) ([]byte, error) {
	k, err := w.histories()
	if err != nil {
		return nil, err
	}
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	j, who, err := readJoiner(offer)
	if err != nil {
		return nil, err
	}
	p, ok := w.Snapshot().person(i.Profile)
	if !ok {
		return nil, ErrNoPerson
	}
	answer := invited{Version: invitedVersion, Name: i.By, Person: introduced(p), Role: i.Role, History: i.History}
	if answer.Public, err = w.public(v); err != nil {
		return nil, err
	}
	if err := w.found(ctx, k, p); err != nil {
		return nil, err
	}
	if answer.Invitation, err = k.Invite(ctx, i.Profile, j.Public, roles[i.Role], i.History); err != nil {
		return nil, inviteError(err)
	}
	if i.Subject {
		// Before the first notice is due it is too early to say so, and is asked again.
		err := k.Write(ctx, i.Profile, &family.Offer{User: who.ID})
		if errors.Is(err, family.ErrEarly) {
			// Whose own yes is asked for beside that of who cares for them: see secondYes.
			err = k.Write(ctx, i.Profile, &family.Details{Fields: family.Fields{fieldThemselves: who.ID}})
		}
		if err != nil {
			return nil, familyError(err)
		}
	}
	if err := w.know(ctx, v, who.ID, j.Name, j.Public); err != nil {
		return nil, err
	}
	w.mark(v)
	w.lookRound(ctx)
	w.wakeSync(0)
	return json.Marshal(answer)
}

// ReadInvite answers the code of somebody who invites this user to care for a
// person; name is what they are told of this user. Once both people have said that
// the digits match, the person is in this wallet, and their records come by sync.
// Errors: ErrLocked, ErrName, ErrPairCode, ErrPairVersion, ErrPairPurpose,
// ErrPairGone, ErrPairExpired.
func (w *Wallet) ReadInvite(ctx context.Context, code, name string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if name, err = callable(name); err != nil {
		return err
	}
	public, err := w.public(v)
	if err != nil {
		return err
	}
	offer, err := json.Marshal(joiner{joinerVersion, name, public})
	if err != nil {
		return err
	}
	return w.startScan(ctx, Pairing{Purpose: PairInvite}, code, offer, w.takeInvitation)
}

// takeInvitation takes the person in.
func (w *Wallet) takeInvitation(ctx context.Context, answer []byte) (Pairing, error) {
	k, err := w.histories()
	if err != nil {
		return Pairing{}, err
	}
	v, err := w.open()
	if err != nil {
		return Pairing{}, err
	}
	i, who, err := readInvited(answer, w.d.Now())
	if err != nil {
		return Pairing{}, err
	}
	if err := k.Join(ctx, i.Invitation); err != nil {
		return Pairing{}, joinError(err)
	}
	if err := w.know(ctx, v, who.ID, i.Name, i.Public); err != nil {
		return Pairing{}, err
	}
	err = w.changePeople(ctx, nil, func(people []Person) ([]Person, error) {
		if slices.ContainsFunc(people, func(p Person) bool { return p.ID == i.Person.ID }) {
			return people, nil // invited a second time
		}
		i.Person.Since = w.d.Now().UTC()
		if slices.ContainsFunc(people, func(p Person) bool { return p.Colour == i.Person.Colour }) {
			i.Person.Colour = freeColour(people)
		}
		return append(people, i.Person), nil
	})
	if err != nil {
		return Pairing{}, err
	}
	w.wakeSync(0)
	got := Invite{Profile: i.Person.ID, Name: i.Person.Name, Role: i.Role, History: i.History}
	return Pairing{Other: i.Name, Invite: got}, nil
}

// joinError: what package history refuses is what the other side should not have
// given.
func joinError(err error) error {
	if errors.Is(err, history.ErrInvitation) || errors.Is(err, history.ErrKnown) {
		return ErrPairContent
	}
	return err
}

// public is this user's public part, as text.
func (w *Wallet) public(v *vault.Vault) ([]byte, error) {
	r := v.Ring()
	p, err := r.User().Public(r.Keys(), w.d.Now())
	if err != nil {
		return nil, err
	}
	return p.Marshal()
}

// callable is a name by which somebody can be shown. Errors: ErrName, ErrNameLong.
func callable(name string) (string, error) {
	switch name = record.Tidy(name); {
	case name == "":
		return "", ErrName
	case utf8.RuneCountInString(name) > MaxName:
		return "", ErrNameLong
	}
	return name, nil
}
