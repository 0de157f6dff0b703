package history

import (
	"context"
	"errors"
	"slices"
	"time"

	"filippo.io/age"

	"potli/app/family"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/chain"
)

// Tidy brings a person's history and the vault in line, and is to be called before
// every round of sync: devices and keys that changed, epochs that were made,
// records that were added are said; what members lack is given to them; a new
// epoch is made when somebody knows the one there is who should not; records that
// are gone by the history, or never counted, go here too. Error: ErrNone.
func (k *Keeper) Tidy(ctx context.Context, profile record.ProfileID) error {
	if k.tidied(profile) {
		return nil
	}
	seq := k.v.Seq()
	if err := k.renew(ctx, profile); err != nil {
		return err
	}
	k.mu.Lock()
	b, err := k.book(ctx, profile)
	if err == nil && k.outlived(b) {
		if err = k.begin(ctx, b, b.h.State().Self()); err == nil {
			b, err = k.book(ctx, profile)
		}
	}
	if err == nil {
		err = k.change(ctx, b, func(t *turn) error { return t.tidy(k) })
	}
	if err == nil {
		err = k.settleStrays(ctx, b)
	}
	k.mu.Unlock()
	if err == nil {
		err = k.sweep(ctx, profile)
	}
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if b := k.books[profile]; b != nil && k.v.Seq() == seq {
		b.tidied, b.tidiedAt = seq, k.now()
	}
	return nil
}

// tidyAgain is how long nothing is looked at when nothing has changed: what then is
// due is due by the day.
const tidyAgain = 10 * time.Minute

// tidied says whether all was in line a moment ago, and nothing was written since.
func (k *Keeper) tidied(profile record.ProfileID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	b := k.books[profile]
	if b == nil || b.tidied != k.v.Seq() {
		return false
	}
	since := k.now().Sub(b.tidiedAt)
	return since >= 0 && since < tidyAgain
}

// outlived says whether a history names records that are no more, by their sealed
// bytes, while their content is here: a backup was restored, which seals anew; and
// nobody else is left who could still have them. Whoever came later would be told of
// records that nobody can give them.
func (k *Keeper) outlived(b *book) bool {
	if !k.alone(b) {
		return false
	}
	s := b.h.State()
	return slices.ContainsFunc(s.Records, func(r family.Record) bool {
		sum, _, here := k.v.Sum(r.ID)
		return here && !r.Deleted && r.Moved == nil && sum != r.Sum
	})
}

// alone says whether this device is the only one that reads a history, and has all
// of it.
func (k *Keeper) alone(b *book) bool {
	readers := b.readers(b.h.State())
	return len(readers) == 1 && readers[0].Device == k.v.Ring().Device() && b.h.Log().Held() == 0
}

// begin begins such a history again. Whoever took their records over is the person
// from its beginning on; what law they come of age by stays.
func (k *Keeper) begin(ctx context.Context, b *book, self bool) error {
	old, err := k.v.Docs(ctx, Prefix+string(b.profile)+"/")
	if err != nil {
		return err
	}
	erase := map[string]vault.Doc{prefixNotes + string(b.profile): {}}
	for name := range old {
		erase[name] = vault.Doc{}
	}
	s := b.h.State()
	a := family.Found{Fields: s.Fields, Self: self || s.Handover.Transferred && s.Handover.Subject == k.v.WalletID()}
	var also []family.Act
	if m := s.Majority; m.Law != family.DefaultLaw {
		also = append(also, &family.SetMajority{Law: m.Law, Age: m.Age, Offset: m.Offset})
	}
	return k.found(ctx, b.profile, a, erase, also...)
}

// renew seals what an earlier release sealed to the wallet's own key to this
// person's, so that others can be given it.
func (k *Keeper) renew(ctx context.Context, profile record.ProfileID) error {
	for {
		if n, err := k.v.ResealOlder(ctx, profile, 64); n == 0 || err != nil {
			return err
		}
	}
}

// sweep removes records from the vault that are gone by the history. Where it is
// stopped the next one goes on.
func (k *Keeper) sweep(ctx context.Context, profile record.ProfileID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, profile)
	if err != nil {
		return err
	}
	var gone []record.ID
	for _, r := range b.h.State().Records {
		if m, ok := k.v.Meta(r.ID); ok && m.Profile == profile && (r.Deleted || r.Moved != nil) {
			gone = append(gone, r.ID)
		}
	}
	gone = append(gone, k.void(b)...)
	if len(gone) == 0 {
		return nil
	}
	return k.v.Remove(ctx, gone...)
}

// void are the records here that were brought in by somebody who might not, as
// turned out when more was heard. They are nobody's, and if it turns out otherwise
// they are asked for again. One's own stay, here.
func (k *Keeper) void(b *book) (ids []record.ID) {
	s, me := b.h.State(), k.v.WalletID()
	for _, v := range s.Void {
		if v.Kind != family.KindRecords || v.User == me {
			continue
		}
		for _, id := range k.Brings(b.h.Log().Get(v.Entry)) {
			id := record.ID(id)
			m, here := k.v.Meta(id)
			if _, named := s.Record(id); here && !named && m.Profile == b.profile {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// tidy does so within a change. What this user may not say stays unsaid.
func (t *turn) tidy(k *Keeper) error {
	s := t.b.h.State()
	if _, member := s.Member(t.by.User); !member || s.Later() {
		return t.learn()
	}
	for _, step := range []func() error{
		func() error { return t.ownDevices(k) },
		func() error { return t.ownEpochs() },
		t.learn,
		t.fresh,
		func() error { return t.retire() },
		func() error { return t.gifts(k) },
		func() error { return t.name(k) },
	} {
		if err := step(); err != nil && !mayNot(err) {
			return err
		}
	}
	return nil
}

// mayNot says whether an error is that this user is not allowed to: a reader's
// device says of itself what it must, and leaves the rest to others.
func mayNot(err error) bool {
	for _, e := range []error{family.ErrRole, family.ErrOfAge, family.ErrDevice, family.ErrNotMember, family.ErrRemoved, family.ErrPublic} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// ownDevices says that this user's devices or keys have changed, where the others do
// not know it. A number does not tell: of two documents with the same one each can be
// the later, and one that was put back is not told again. While two wait to be merged
// neither is told: what comes of them will be.
func (t *turn) ownDevices(k *Keeper) error {
	if !k.forked.IsZero() {
		return nil
	}
	p, err := t.ring.User().Public(t.ring.Keys(), t.now)
	if err != nil || t.b.h.State().Standing(p) != family.Untold {
		return err
	}
	public, err := p.Marshal()
	if err != nil {
		return err
	}
	_, err = t.write(&family.Devices{Public: public})
	return err
}

// fresh makes a new epoch when one is due. Two who do so at once make two, of which
// one stands.
func (t *turn) fresh() error {
	s := t.b.h.State()
	if !s.NeedsRoll() || s.RoleAt(t.by.User, t.now) < family.Admin {
		return nil
	}
	return t.roll()
}

// gifts gives members the epochs that are theirs and that they were not given; also
// after the day on which the person came of age, since it is to them that most is
// given then.
func (t *turn) gifts(k *Keeper) error {
	s := t.b.h.State()
	if me, _ := s.Member(t.by.User); me.Role < family.Admin {
		return nil
	}
	for _, g := range s.Gifts(t.by.User, k.clock(), t.now) {
		if err := t.give(g); err != nil {
			return err
		}
	}
	return nil
}

// give gives a member those of the epochs that are known here.
func (t *turn) give(g family.Gift) error {
	var secrets []*age.HybridIdentity
	var epochs []chain.Hash
	for _, e := range t.b.h.State().Epochs {
		if id := t.b.secrets[e.Recipient]; id != nil && slices.Contains(g.Epochs, e.Entry) {
			secrets, epochs = append(secrets, id), append(epochs, e.Entry)
		}
	}
	if len(secrets) == 0 {
		return nil
	}
	sealed, err := sealSecrets(secrets, []family.Member{g.To})
	if err != nil {
		return err
	}
	_, err = t.write(&family.Grant{To: family.Whom{User: g.To.User, Doc: g.To.Doc}, Epochs: epochs, Sealed: sealed})
	return err
}

// names is how many records one operation names.
const names = 500

// name names the records of this person that are in the vault and that nobody has
// named, but for those that a stray holds up. They are sound: what is damaged is
// asked for, not told of.
func (t *turn) name(k *Keeper) error {
	if t.b.h.State().RoleAt(t.by.User, t.now) < family.Admin {
		return nil
	}
	strays := t.b.strays(t.ring)
	return t.nameThese(k, slices.DeleteFunc(k.unnamed(t.b), func(id record.ID) bool {
		_, epoch, ok := k.v.Sum(id)
		return ok && slices.Contains(strays, epoch)
	}))
}

// nameThese names some of them, given with the newest first.
func (t *turn) nameThese(k *Keeper, ids []record.ID) error {
	var list []family.Named
	for _, id := range slices.Backward(ids) { // as they were added
		if sum, epoch, ok := k.v.Sum(id); ok && epoch > 0 {
			list = append(list, family.Named{ID: id, Sum: sum})
		}
	}
	for some := range slices.Chunk(list, names) {
		if _, err := t.write(&family.Records{List: some}); err != nil {
			return err
		}
	}
	return nil
}
