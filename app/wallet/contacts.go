package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/crypto/recovery"
)

// docContacts is what is remembered of the trusted contacts.
const docContacts = "contacts"

// Errors of trusted contacts.
var (
	ErrContactNames = errors.New("two or three different names are needed")
	ErrNoContacts   = recovery.ErrNoContacts
	ErrSameSheet    = recovery.ErrSameSheet
	ErrSecondSheet  = errors.New("the sheet of a trusted contact: a second one is needed")
	ErrOldContacts  = errors.New("the sheets open an older kit")
)

// ContactSheetError says which of two sheets does not belong to a backup.
type ContactSheetError = recovery.SheetError

// MaxContactName bounds a contact's name, in letters.
const MaxContactName = 60

// ContactsInfo is what is known of the trusted contacts.
type ContactsInfo struct {
	Names []string
	Made  time.Time
	Tried time.Time // when two sheets last opened a backup; zero: never
	// Old: another device has made a new kit since, of which they know nothing.
	// Backups from now on do not open with their sheets.
	Old bool
}

// Sheet is one contact's paper on its way there. It holds a secret: see Kit.
type Sheet struct {
	Name   string
	Others []string
	Kit    *Kit
}

// Sheets are the papers of all contacts, and what makes them worth something:
// see KeepContacts.
type Sheets struct {
	List     []Sheet
	contacts *recovery.Contacts
}

// MakeContacts makes a sheet for each of two or three people; any two of them
// together open what the kit opens. The kit is needed to seal it for them, so it
// is read from its paper. Nothing is changed until KeepContacts.
// Errors: those of CheckKit, ErrContactNames.
func (w *Wallet) MakeContacts(ctx context.Context, kit string, names []string) (*Sheets, error) {
	names, err := contactNames(names)
	if err != nil {
		return nil, err
	}
	k, err := w.readKit(ctx, kit)
	if err != nil {
		return nil, err
	}
	s := &Sheets{}
	var people []*recovery.Kit
	for _, name := range names {
		person, err := NewKit(w.d.Rand)
		if err != nil {
			return nil, err
		}
		people = append(people, person.kit)
		others := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
		s.List = append(s.List, Sheet{Name: name, Others: others, Kit: person})
	}
	s.contacts, err = recovery.NewContacts(k, people...)
	return s, err
}

// contactNames wants two or three different names.
func contactNames(names []string) ([]string, error) {
	var list []string
	for _, name := range names {
		name = strings.Join(strings.Fields(name), " ")
		if name == "" || len([]rune(name)) > MaxContactName || slices.ContainsFunc(list, func(n string) bool { return strings.EqualFold(n, name) }) {
			return nil, ErrContactNames
		}
		list = append(list, name)
	}
	if len(list) != 2 && len(list) != 3 {
		return nil, ErrContactNames
	}
	return list, nil
}

// contactsDoc is docContacts.
type contactsDoc struct {
	Names    []string        `json:"names"`
	Made     time.Time       `json:"made"`
	Tried    time.Time       `json:"tried,omitzero"`
	Contacts json.RawMessage `json:"contacts"` // of crypto/recovery

	contacts *recovery.Contacts
}

// KeepContacts makes the sheets good: every backup from now on carries what two of
// them need. Sheets of contacts before open backups made before, and no others.
func (w *Wallet) KeepContacts(ctx context.Context, s *Sheets) error {
	d := contactsDoc{Made: w.d.Now(), contacts: s.contacts}
	for _, sheet := range s.List {
		d.Names = append(d.Names, sheet.Name)
	}
	return w.putContacts(ctx, d)
}

func (w *Wallet) putContacts(ctx context.Context, d contactsDoc) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	body, err := d.marshal()
	if err != nil {
		return err
	}
	return w.setContacts(ctx, v, body)
}

// setContacts keeps them, or forgets them where body is nil.
func (w *Wallet) setContacts(ctx context.Context, v *vault.Vault, body []byte) error {
	if err := v.PutDocs(ctx, map[string][]byte{docContacts: body}); err != nil {
		return err
	}
	w.mark(v)
	w.publishKeys(ctx, v)
	return nil
}

// DropContacts lets no backup from now on carry what the sheets need. Older
// backups still do, and the kit that they lead to is the same until another is
// made.
func (w *Wallet) DropContacts(ctx context.Context) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	return w.setContacts(ctx, v, nil)
}

// TryContacts opens a backup with two sheets, to the last byte, as it would be
// done when everything is lost. Nothing of it is brought in.
// Errors: those of JoinSheets, ErrOldContacts, record.ErrDamaged.
func (w *Wallet) TryContacts(ctx context.Context, first, second string, backup []byte) (*KitCheck, error) {
	kit, err := openerOf(backup, first, second)
	if err != nil {
		return nil, err
	}
	check, err := w.openWith(ctx, kit, backup)
	if err != nil {
		return nil, err
	}
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	d, err := getContacts(ctx, v)
	if err != nil {
		return nil, err
	}
	if !d.contacts.For(kit.Recipient()) {
		return nil, ErrOldContacts
	}
	d.Tried = w.d.Now()
	return check, w.putContacts(ctx, d)
}

// getContacts reads what is kept of them. Errors: ErrNoContacts, and
// recovery.ErrDamaged and ErrVersion.
func getContacts(ctx context.Context, v *vault.Vault) (d contactsDoc, err error) {
	if err := getJSON(ctx, v, docContacts, &d); err != nil {
		return d, err
	}
	if len(d.Contacts) == 0 {
		return d, ErrNoContacts
	}
	d.contacts, err = recovery.UnmarshalContacts(d.Contacts)
	return d, err
}

// renewContacts seals a new kit for the contacts there are. They are tried anew.
func (w *Wallet) renewContacts(ctx context.Context, kit *recovery.Kit) (map[string]vault.Doc, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	d, err := getContacts(ctx, v)
	if errors.Is(err, ErrNoContacts) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if d.contacts, err = d.contacts.Renew(kit); err != nil {
		return nil, err
	}
	d.Made, d.Tried = w.d.Now(), time.Time{}
	body, err := d.marshal()
	return map[string]vault.Doc{docContacts: {Body: body}}, err
}

func (d contactsDoc) marshal() (body []byte, err error) {
	if d.Contacts, err = d.contacts.Marshal(); err != nil {
		return nil, err
	}
	return json.Marshal(d)
}

// openerOf finds out what opens a backup: the kit alone, or two sheets together.
// Nobody need know which paper it is that they hold.
// Errors: keyring.ErrBadRecovery, which wraps those of recovery.Parse; ErrSecondSheet when one sheet was given and
// belongs to this backup; ErrSameSheet, *ContactSheetError, ErrNoContacts.
func openerOf(backup []byte, texts ...string) (*recovery.Kit, error) {
	var kits []*recovery.Kit
	for _, text := range texts {
		k, err := parseKit(text)
		if err != nil {
			return nil, err
		}
		kits = append(kits, k)
	}
	plain, err := vault.Unarmor(backup)
	if err != nil {
		return nil, err
	}
	pairs, err := recovery.Find(bytes.NewReader(plain))
	switch {
	case len(kits) == 0:
		return nil, keyring.ErrBadRecovery
	case len(kits) == 1 && (err != nil || !pairs.Holds(kits[0])):
		return kits[0], nil // opens it, or nothing does: the backup will say
	case len(kits) == 1:
		return nil, ErrSecondSheet
	case err != nil:
		return nil, err
	}
	return pairs.Join(kits[0], kits[1])
}

// sealedFor are the contacts to whom a backup is sealed beside the wallet itself
// and its kit: nil where there are none, or what they open is an older kit.
func sealedFor(ctx context.Context, v *vault.Vault) (*recovery.Contacts, error) {
	d, err := getContacts(ctx, v)
	if errors.Is(err, ErrNoContacts) {
		return nil, nil
	}
	stands, _ := v.Ring().User().Recovery()
	if err != nil || !d.contacts.For(stands) {
		return nil, err
	}
	return d.contacts, nil
}
