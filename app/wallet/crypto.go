package wallet

import (
	"context"
	"crypto/sha256"
	"strings"

	"potli/app/share"
	"potli/app/vault"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// away is how many bytes are worth the trip to a worker: below it, sealing
// takes a few milliseconds here and the copy would cost as much.
const away = 64 << 10

// workerCrypto seals and opens large bodies in the worker, small ones here. With
// a body go the keys that it takes and no others: to seal, a recipient and the
// signer; to open, the identity of one epoch and the verifiers of devices.
type workerCrypto struct {
	vault.Inline
	worker Worker
}

func (c workerCrypto) Seal(ctx context.Context, s *keyring.Sealer, h envelope.Header, body []byte) ([]byte, error) {
	if len(body) < away {
		return c.Inline.Seal(ctx, s, h, body)
	}
	keys, err := s.Marshal()
	if err != nil {
		return nil, err
	}
	in, err := pack(sealArgs{Keys: string(keys), Header: h}, body)
	if err != nil {
		return nil, err
	}
	return c.worker.Run(ctx, jobSeal, in, nil)
}

func (c workerCrypto) Open(ctx context.Context, o *keyring.Opener, sealed []byte, want envelope.Expect) (envelope.Header, []byte, error) {
	if len(sealed) < away {
		return c.Inline.Open(ctx, o, sealed, want)
	}
	keys, err := o.Marshal()
	if err != nil {
		return envelope.Header{}, nil, err
	}
	in, err := pack(openArgs{Keys: string(keys), Expect: want}, sealed)
	if err != nil {
		return envelope.Header{}, nil, err
	}
	out, err := c.worker.Run(ctx, jobOpen, in, nil)
	if err != nil {
		return envelope.Header{}, nil, err
	}
	var h envelope.Header
	blobs, err := unpackN(out, &h, 1)
	if err != nil {
		return envelope.Header{}, nil, err
	}
	return h, blobs[0], nil
}

// OpenSum is vault.Summer's.
func (c workerCrypto) OpenSum(ctx context.Context, o *keyring.Opener, sealed []byte, want envelope.Expect) (sum [sha256.Size]byte, body []byte, err error) {
	if len(sealed) < away {
		_, body, err = c.Inline.Open(ctx, o, sealed, want)
		return sha256.Sum256(sealed), body, err
	}
	keys, err := o.Marshal()
	if err != nil {
		return sum, nil, err
	}
	in, err := pack(openArgs{Keys: string(keys), Expect: want}, sealed)
	if err != nil {
		return sum, nil, err
	}
	out, err := c.worker.Run(ctx, jobOpenSum, in, nil)
	if err != nil {
		return sum, nil, err
	}
	blobs, err := unpackN(out, &sum, 1)
	if err != nil {
		return sum, nil, err
	}
	return sum, blobs[0], nil
}

// warmUp starts a worker while something else is waited for: the index of a long life
// is opened in it, and the words, which take one anyway, are not always asked for.
func (w *Wallet) warmUp(ctx context.Context) {
	go func() { _, _ = w.d.Worker.Run(ctx, jobNothing, nil, nil) }() // who needs it says what is wrong with it
}

// urlOnly is a share.Relay that can do nothing but say where a link would be.
type urlOnly struct {
	share.Relay
	template string
}

func (u urlOnly) URL(id string) string { return strings.Replace(u.template, "{id}", id, 1) }
