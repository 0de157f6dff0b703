package keys

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"

	"potli/relay/webpush"
)

// Device is how an endpoint is named in one mailbox's rows. Another mailbox of the
// same device has another name for it.
func (k Keys) Device(mailbox, endpoint string) string {
	return hex.EncodeToString(mac(k.device, []byte(mailbox), []byte(endpoint)))
}

// SealEndpoint seals an endpoint, which stands for a person's device: the number of
// the key, then nonce and AES-256-GCM. All are of one size, or the length would tell
// the browser.
func (k Keys) SealEndpoint(mailbox, endpoint string) []byte {
	plain := make([]byte, webpush.MaxEndpoint)
	copy(plain, endpoint)
	return k.gcm().Seal([]byte{byte(k.kid)}, nil, plain, []byte(mailbox+k.Device(mailbox, endpoint)))
}

// OpenEndpoint returns what was sealed for a mailbox and device, unless the key it
// was sealed under is no more.
func (r Ring) OpenEndpoint(mailbox, device string, sealed []byte) (endpoint string, ok bool) {
	if len(sealed) == 0 {
		return "", false
	}
	k, ok := r.Of(int(sealed[0]))
	if !ok {
		return "", false
	}
	plain, err := k.gcm().Open(nil, nil, sealed[1:], []byte(mailbox+device))
	return string(bytes.TrimRight(plain, "\x00")), err == nil
}

func (k Keys) gcm() cipher.AEAD {
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
