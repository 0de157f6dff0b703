package relay

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"potli/relay/webpush"
)

// pushTime is for one message. No engine's Post need have a limit of its own.
const pushTime = 15 * time.Second

// Push tells devices that something arrived, as many as are due. Call it every few
// seconds, or when the store says that there is more to do.
func (h *Handler) Push(ctx context.Context) error {
	for more := h.push != nil; more; {
		list, _, err := h.store.TakePushes(ctx, h.now().Unix())
		if err == nil {
			err = h.tell(ctx, list)
		}
		if err != nil {
			return fmt.Errorf("pushing: %w", err)
		}
		more = len(list) > 0
	}
	return nil
}

// tell sends some messages at the same time. Its errors are the store's.
func (h *Handler) tell(ctx context.Context, list []Push) error {
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for i, p := range list {
		all.Go(func() { errs[i] = h.tellOne(ctx, p) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (h *Handler) tellOne(ctx context.Context, p Push) error {
	asking, cancel := context.WithTimeout(ctx, pushTime)
	defer cancel()
	err := webpush.ErrGone // sealed under a key that is no more
	if endpoint, ok := h.keys.openPush(p); ok {
		err = h.push.Send(asking, endpoint, h.now())
	}
	switch {
	case err == nil:
		return h.store.Pushed(ctx, p, h.now().Unix())
	case errors.Is(err, webpush.ErrGone):
		return h.store.DeletePush(ctx, p.Mailbox, p.Device)
	}
	return nil // it is due again later
}

// deviceOf is how an endpoint is named in one mailbox's rows. Another mailbox of the
// same device has another name for it.
func (k keys) deviceOf(mailbox, endpoint string) string {
	return hex.EncodeToString(mac(k.device, []byte(mailbox), []byte(endpoint)))
}

// sealPush seals an endpoint, which stands for a person's device: the number of the
// key, then nonce and AES-256-GCM. All are of one size, or the length would tell
// the browser.
func (k keys) sealPush(mailbox, endpoint string) Push {
	p := Push{Mailbox: mailbox, Device: k.deviceOf(mailbox, endpoint)}
	plain := make([]byte, webpush.MaxEndpoint)
	copy(plain, endpoint)
	p.Sealed = k.gcm().Seal([]byte{byte(k.kid)}, nil, plain, []byte(mailbox+p.Device))
	return p
}

func (r keyring) openPush(p Push) (endpoint string, ok bool) {
	if len(p.Sealed) == 0 {
		return "", false
	}
	k, ok := r.of(int(p.Sealed[0]))
	if !ok {
		return "", false
	}
	plain, err := k.gcm().Open(nil, nil, p.Sealed[1:], []byte(p.Mailbox+p.Device))
	return string(bytes.TrimRight(plain, "\x00")), err == nil
}

func (k keys) gcm() cipher.AEAD {
	block, err := aes.NewCipher(k.endpoint)
	if err != nil {
		panic(err) // a key of 32 bytes
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // the block cipher is AES
	}
	return gcm
}
