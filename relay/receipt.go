package relay

import (
	"bytes"
	"context"
	"crypto/hpke"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"potli/relay/wire"
)

// receiptTime is how coarse the time in a receipt is, in seconds.
const receiptTime = 300

func parseReceiptKey(key []byte) (hpke.PublicKey, error) {
	return hpke.MLKEM768X25519().NewPublicKey(key)
}

// writeReceipt tells the owner of link what happened, sealed so that nobody
// else can ever read it, the relay included. Beyond wire.MaxReceipts only the
// number grows.
func (h *Handler) writeReceipt(ctx context.Context, link Link, n int, recipient, outcome string, now int64) error {
	if n > wire.MaxReceipts {
		return nil
	}
	sealed, err := sealReceipt(link, wire.Receipt{
		N: n, Recipient: recipient, Time: now - now%receiptTime, Outcome: outcome,
	})
	if err != nil {
		return err
	}
	return h.store.AddReceipt(ctx, link.ID, n, sealed)
}

func sealReceipt(link Link, r wire.Receipt) ([]byte, error) {
	hash, err := hex.DecodeString(link.ID)
	if err != nil {
		return nil, fmt.Errorf("sealing a receipt: %w", err)
	}
	key, err := parseReceiptKey(link.ReceiptKey)
	if err != nil {
		return nil, fmt.Errorf("sealing a receipt: %w", err)
	}
	info := append([]byte(wire.ReceiptInfo), hash...)
	return hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), info, padReceipt(r))
}

// padReceipt returns r as JSON of exactly wire.ReceiptPlain bytes, so that the
// sealed size says nothing. A name that is too long in bytes loses its end.
func padReceipt(r wire.Receipt) []byte {
	for {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false) // six bytes for a "<" that nobody parses as HTML
		if err := enc.Encode(r); err != nil {
			panic(err) // a struct of text and numbers
		}
		plain := bytes.TrimRight(b.Bytes(), "\n")
		if n := wire.ReceiptPlain - len(plain); n >= 0 {
			return append(plain, bytes.Repeat([]byte(" "), n)...)
		}
		_, size := utf8.DecodeLastRuneInString(r.Recipient)
		r.Recipient = r.Recipient[:len(r.Recipient)-size]
	}
}
