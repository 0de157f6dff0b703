package wallet

import (
	"context"
	"maps"
	"slices"

	"potli/app/history"
	"potli/app/record"
)

// knownNames are how people called themselves whose keys this wallet has compared.
func (w *Wallet) knownNames(ctx context.Context) (map[string]string, error) {
	known, err := w.Known(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, k := range known {
		names[k.User] = k.Name
	}
	return names, nil
}

// namesOf are what devices are called where a person's sync is told of: one of this
// user's own by its name, another by whose it is.
func (w *Wallet) namesOf(s *syncing, id record.ProfileID) map[string]string {
	names := map[string]string{}
	known, err := w.knownNames(s.ctx)
	state, fault := s.keeper.State(s.ctx, id)
	if err == nil && fault == nil {
		for _, m := range state.Members {
			for _, d := range m.Devices {
				names[d.ID] = known[m.User]
			}
		}
	}
	maps.Copy(names, w.deviceNames(s))
	return names
}

// out says how this user came to be no carer of somebody any more: by their own word,
// or by whose.
func (w *Wallet) out(s *syncing, id record.ProfileID) (kind SyncKind, by []string) {
	user, err := s.keeper.OutBy(s.ctx, id, s.v.WalletID())
	if err != nil {
		return SyncRemoved, nil
	}
	if user == s.v.WalletID() {
		return SyncLeft, nil
	}
	if known, err := w.knownNames(s.ctx); err == nil && known[user] != "" {
		by = []string{known[user]}
	}
	return SyncRemoved, by
}

// Grave says whether a state needs somebody to do something, or to know that nothing
// new comes: the others pass by themselves.
func (s SyncState) Grave() bool {
	return slices.Contains([]SyncKind{SyncRemoved, SyncLeft, SyncTwin, SyncForked, SyncLater, SyncClosed, SyncFirst, SyncResend, SyncFull}, s.Kind)
}

// othersCare says why somebody is not erased here: others care for them with this
// user, or were not told yet that it is over. Errors: ErrCares, ErrNotTold.
func (w *Wallet) othersCare(ctx context.Context, k *history.Keeper, me string, id record.ProfileID) error {
	s, err := k.State(ctx, id)
	if err != nil {
		return nil // nobody was ever let in
	}
	if _, member := s.Member(me); member && len(s.Members) > 1 {
		return ErrCares
	}
	untold, err := k.Untold(ctx, id)
	if err == nil && untold && w.d.Mail != nil {
		return ErrNotTold
	}
	return err
}
