package wallet

import "context"

// LookAtStorage asks the browser how it keeps what is stored here, and publishes it.
func (w *Wallet) LookAtStorage(ctx context.Context) { w.tellStorage(w.d.Host.Storage(ctx)) }

// AskToStay asks the browser to keep what is stored here: in a gesture, since some
// browsers ask the person. kept says whether it promised.
func (w *Wallet) AskToStay(ctx context.Context) (kept bool) {
	s := w.d.Host.Persist(ctx)
	w.tellStorage(s)
	return s.Known && s.Persisted
}

func (w *Wallet) tellStorage(s Storage) {
	if w.inMemory() {
		return
	}
	w.publish(func(snap *Snapshot) {
		if snap.Phase == PhaseOpen {
			snap.Storage = s
		}
	})
}
