package wallet

import (
	"context"

	"potli/app/message"
)

// takeReceipt takes what a receiver put into the way back of a consent: its
// countersignature. false: it is kept, and handed over again with what comes next.
func (w *Wallet) takeReceipt(ctx context.Context, consent string, m *message.Message) (bool, error) {
	return false, nil
}
