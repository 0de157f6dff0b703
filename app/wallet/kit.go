package wallet

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/crypto/recovery"
)

// docKit is what is remembered of the recovery kit: never the kit.
const docKit = "kit"

// Errors of kits and sheets of contacts.
var (
	ErrNotKit      = recovery.ErrNotKit
	ErrKitMistyped = recovery.ErrMistyped
	ErrKitCount    = recovery.ErrWordCount
	ErrKitChecksum = recovery.ErrChecksum
	ErrNoKit       = errors.New("there is no recovery kit yet")
	ErrOtherKit    = errors.New("another kit than the one that stands")
	ErrIsSheet     = errors.New("the sheet of a trusted contact, not the kit")
	ErrKitBackup   = errors.New("a backup that this kit does not open")
)

// KitWordError says which words of a kit are not of its list.
type KitWordError = recovery.WordError

// KitState is what is known of the recovery kit. The kit itself is on paper alone.
type KitState struct {
	Made time.Time // of the kit that works; zero: there is none
	// Due says that a new one should be made: there is none, it is the recovery
	// text of an earlier release, or it has been used.
	Due    bool
	Typed  time.Time // when it was last read back from its paper
	Opened time.Time // when it last opened a backup
}

// Proved says whether both halves were tried: that the kit is on paper, and that
// it opens a backup. Nothing less brings a wallet back.
func (k KitState) Proved() bool { return !k.Due && !k.Typed.IsZero() && !k.Opened.IsZero() }

// Kit is a recovery kit on its way to paper. It holds the secret: it lives no
// longer than the page that shows it.
type Kit struct {
	kit    *recovery.Kit
	quiz   *recovery.Quiz
	stands bool // the wallet's backups open with it already
}

// NewKit makes a kit of no wallet yet: see MakeKit.
func NewKit(rand io.Reader) (*Kit, error) {
	kit, err := recovery.New(rand)
	if err != nil {
		return nil, err
	}
	quiz, err := kit.Quiz(rand)
	if err != nil {
		return nil, err
	}
	return &Kit{kit: kit, quiz: quiz}, nil
}

// Words are the 24 words, Code what the QR holds.
func (k *Kit) Words() []string { return k.kit.Words() }
func (k *Kit) Code() string    { return k.kit.Code() }

// Text is the kit as a file for the stock age tool; notes stand above it.
func (k *Kit) Text(notes ...string) string { return k.kit.Text(notes...) }

// Asked are the numbers of the words that KeepKit asks for, from 1 on.
func (k *Kit) Asked() []int { return k.quiz.Places() }

// Stands says whether the kit opens backups already. One that takes another's
// place does so only when it was proved to be on paper: see KeepKit.
func (k *Kit) Stands() bool { return k.stands }

// MakeKit makes a recovery kit and returns it to be shown. The first one stands
// at once, so that a paper put away unproved is not worthless. A later one takes
// the place of the one before by KeepKit; until then the old one opens backups
// and this one nothing. The passphrase is asked for again, but not in the minutes
// after Create, which has just asked for it.
// Errors: ErrWrongPassphrase, *WaitError, ErrTooNew.
func (w *Wallet) MakeKit(ctx context.Context, passphrase string) (*Kit, error) {
	if w.KitAsks() {
		if _, err := w.reauthenticate(ctx, passphrase); err != nil {
			return nil, err
		}
	}
	k, err := NewKit(w.d.Rand)
	if err != nil {
		return nil, err
	}
	if !w.Snapshot().Kit.Made.IsZero() {
		return k, nil
	}
	if err := w.stand(ctx, k); err != nil {
		return nil, err
	}
	return k, nil
}

// madeFor is how long after Create its passphrase need not be given again.
const madeFor = 15 * time.Minute

// KitAsks says whether MakeKit wants the passphrase.
func (w *Wallet) KitAsks() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	since := w.d.Now().Sub(w.made)
	return !w.demo && (w.made.IsZero() || since < 0 || since >= madeFor)
}

// KeepKit proves by three of its words, in the order of Asked, that a kit is on
// paper. wrong are the numbers of words that were not those; then nothing is
// changed.
func (w *Wallet) KeepKit(ctx context.Context, k *Kit, answers []string) (wrong []int, err error) {
	if wrong = k.quiz.Wrong(answers); len(wrong) > 0 {
		return wrong, nil
	}
	return nil, w.proved(ctx, k)
}

// KeepKitText is KeepKit by the whole kit: what a scanner reads off the code, or
// all the words. Errors: those of CheckKit.
func (w *Wallet) KeepKitText(ctx context.Context, k *Kit, text string) error {
	typed, err := recovery.Parse(text)
	if err != nil {
		return err
	}
	if !typed.Is(k.kit.Recipient()) {
		return ErrOtherKit
	}
	return w.proved(ctx, k)
}

func (w *Wallet) proved(ctx context.Context, k *Kit) error {
	if !k.stands {
		if err := w.stand(ctx, k); err != nil {
			return err
		}
	}
	return w.noteKit(ctx, func(d *kitDoc) { d.Typed = w.d.Now() })
}

// stand puts k in the place of the kit there was, and seals it for the trusted
// contacts there are, in one commit: their sheets stay good.
func (w *Wallet) stand(ctx context.Context, k *Kit) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	docs, err := w.renewContacts(ctx, k.kit)
	if err != nil {
		return err
	}
	err = w.changeUserWith(ctx, v, docs, func(u *keyring.User, d *keyring.Keys) (*keyring.User, error) {
		return u.SetRecovery(d, k.kit.Identity(), w.d.Now())
	})
	k.stands = err == nil
	return err
}

// KitCheck is what a backup turned out to hold.
type KitCheck struct {
	Created time.Time
	Records int
	Missing int // could not be read when it was made
}

// CheckKit proves that text, read from paper, is the kit that stands, and where a
// backup is given that it opens it, to the last byte. Nothing of the backup is
// brought in. Errors: ErrNotKit, ErrKitMistyped, ErrKitCount, ErrKitChecksum,
// *KitWordError, ErrNoKit, ErrOtherKit, ErrIsSheet; of the backup ErrKitBackup
// and record.ErrDamaged: the kit has passed then.
func (w *Wallet) CheckKit(ctx context.Context, text string, backup []byte) (*KitCheck, error) {
	kit, err := w.readKit(ctx, text)
	if err != nil || backup == nil {
		return nil, err
	}
	check, err := w.openWith(ctx, kit, backup)
	if err != nil {
		return nil, err
	}
	return check, w.noteKit(ctx, func(d *kitDoc) { d.Opened = w.d.Now() })
}

// openWith opens a backup with a kit: every file of it to its last byte, and the
// keys in it.
func (w *Wallet) openWith(ctx context.Context, kit *recovery.Kit, backup []byte) (*KitCheck, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	progress, end := w.work(JobVerify, "", false)
	defer end()
	b, err := vault.OpenBackup(ctx, backup, progress, kit.Identity())
	switch {
	case errors.Is(err, vault.ErrWrongKey):
		return nil, ErrKitBackup
	case err != nil:
		return nil, err
	case b.WalletID() != v.WalletID():
		return nil, ErrOtherWallet
	}
	if b.User() != nil {
		if _, err := keyring.OpenUser(b.User(), kit.Identity(), keyring.Pin{}); err != nil {
			return nil, record.ErrDamaged
		}
	}
	return &KitCheck{Created: b.Created(), Records: len(b.Metas()), Missing: b.Missing()}, nil
}

// readKit reads the kit that stands, and notes that somebody has it on paper.
func (w *Wallet) readKit(ctx context.Context, text string) (*recovery.Kit, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	kit, err := recovery.Parse(text)
	if err != nil {
		return nil, err
	}
	stands, _ := v.Ring().User().Recovery()
	if stands == nil {
		return nil, ErrNoKit
	}
	if !kit.Is(stands) {
		if c, err := getContacts(ctx, v); err == nil && c.contacts.Which(kit) >= 0 {
			return nil, ErrIsSheet
		}
		return nil, ErrOtherKit
	}
	return kit, w.noteKit(ctx, func(d *kitDoc) { d.Typed = w.d.Now() })
}

// kitDoc remembers of which kit what was proved.
type kitDoc struct {
	Kit    string    `json:"kit"` // SHA-256 of its recipient, base64url
	Typed  time.Time `json:"typed,omitzero"`
	Opened time.Time `json:"opened,omitzero"`
}

// noteKit changes what is remembered of the kit that stands.
func (w *Wallet) noteKit(ctx context.Context, change func(*kitDoc)) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	d, err := getKit(ctx, v)
	if err != nil {
		return err
	}
	change(&d)
	if err := putJSON(ctx, v, docKit, d); err != nil {
		return err
	}
	w.mark(v)
	w.publishKeys(ctx, v)
	return nil
}

// getKit reads what is remembered. What was proved of another kit says nothing of
// this one.
func getKit(ctx context.Context, v *vault.Vault) (d kitDoc, err error) {
	if err := getJSON(ctx, v, docKit, &d); err != nil {
		return d, err
	}
	stands, _ := v.Ring().User().Recovery()
	if stands == nil {
		return kitDoc{}, nil
	}
	sum := sha256.Sum256([]byte(stands.String()))
	if id := base64.RawURLEncoding.EncodeToString(sum[:]); d.Kit != id {
		d = kitDoc{Kit: id}
	}
	return d, nil
}

// recoveryState says how far the kit has come, and who the contacts are. What was
// noted of them and can not be read counts as never noted: it must not keep the
// wallet from opening.
func recoveryState(ctx context.Context, v *vault.Vault) (KitState, *ContactsInfo) {
	r := v.Ring()
	to, made := r.User().Recovery()
	if to == nil {
		return KitState{Due: true}, nil
	}
	s := KitState{Made: made}
	if d, err := getKit(ctx, v); err == nil {
		s.Typed, s.Opened = d.Typed, d.Opened
	}
	s.Due = kitIsLegacy(r)
	for _, d := range r.User().Devices() {
		s.Due = s.Due || d.Recovered() && !d.Added.Before(made)
	}
	c, err := getContacts(ctx, v)
	if err != nil {
		return s, nil
	}
	return s, &ContactsInfo{Names: c.Names, Made: c.Made, Tried: c.Tried, Old: !c.contacts.For(to)}
}

// publishKeys shows what there is to know of keys.
func (w *Wallet) publishKeys(ctx context.Context, v *vault.Vault) {
	kit, contacts := recoveryState(ctx, v)
	w.publish(func(s *Snapshot) { s.Kit, s.Contacts = kit, contacts })
	w.publishNewcomers(ctx, v)
}

// String keeps kits out of logs.
func (k Kit) String() string { return "wallet.Kit{…}" }

// GoString keeps kits out of logs written with %#v.
func (k Kit) GoString() string { return k.String() }

// Format keeps kits out of logs whatever the verb.
func (k Kit) Format(s fmt.State, _ rune) { io.WriteString(s, k.String()) }
