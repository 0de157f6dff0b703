// Package passkey opens a wallet with a passkey: a fingerprint, a face or a
// hardware key in place of typing words. It is one way in and never the only
// one, since people delete passkeys unaware, and a site that moves to another
// host name loses all of them.
//
// A passkey signs; it does not decrypt. But with the PRF extension of WebAuthn
// an authenticator also answers a question with 32 bytes that nobody else can
// compute, and from two answers comes the key of an age stanza:
//
//	-> age-encryption.org/fido2prf <nonce: 16 random bytes>
//	<file key under ChaCha20-Poly1305: 32 bytes>
//
//	question n   label || 0x0n || nonce                       n = 1, 2; 44 bytes
//	key          HKDF-Extract-SHA-256(salt = label, ikm = answer 1 || answer 2)
//	label        "age-encryption.org/fido2prf"
//
// Two answers rather than one because a browser gives up to two at one prompt:
// whoever asks for two files at once would otherwise get both for one touch.
//
// The stanza is that of FiloSottile's typage (its webauthn.ts; there is no
// specification of it yet), and tests in e2e open typage's files and have typage
// open ours. A file made by any release opens for ever: see testdata.
//
// It is symmetric, so sealing prompts as opening does, and the stanza does not
// say which passkey fits. Hence one small unlock file for one passkey (Lock and
// Unlock), and never a passkey among the recipients of records.
//
// The browser asks the authenticator; this package only says what to ask, and
// what the answers are worth.
package passkey

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// Evaluator asks an authenticator. An answer is
//
//	HMAC-SHA-256(secret of the credential, SHA-256("WebAuthn PRF" || 0x00 || input))
//
// computed by the authenticator after it verified the person: without that it
// would use another secret (CTAP 2.2, section 12.7).
type Evaluator interface {
	// Evaluate asks about two inputs in one ceremony, with one prompt, and returns
	// two answers of 32 bytes, which the caller overwrites after use. It may take
	// as long as a person does. Nothing is asked again by itself. Errors: ErrNoPRF, ErrCancelled, ErrElsewhere, and
	// those of ctx.
	Evaluate(ctx context.Context, c Credential, input1, input2 []byte) (answer1, answer2 []byte, err error)
}

// Errors of this package and of evaluators.
var (
	// ErrNoPRF: this browser or this authenticator cannot open a wallet, or gave
	// half an answer. The words remain.
	ErrNoPRF = errors.New("the passkey cannot unlock: no PRF")
	// ErrCancelled: the prompt ended without an answer. The person may have closed
	// it, or the passkey is no longer there; browsers do not tell which, or any
	// site could find out whose device it is.
	ErrCancelled = errors.New("the passkey prompt was closed, or the passkey is gone")
	// ErrElsewhere: the passkey belongs to another host name than this page's.
	ErrElsewhere = errors.New("the passkey is of another site")
	// ErrWrongPasskey: it answered, and the file is sealed to another. A changed
	// stanza looks the same.
	ErrWrongPasskey = errors.New("sealed to another passkey")
	// ErrDamaged: not an unlock file of a passkey, or a changed one.
	ErrDamaged = errors.New("the passkey's unlock file is damaged")
)

const (
	label      = "age-encryption.org/fido2prf" // type of the stanza, too
	nonceSize  = 16
	answerSize = 32
	keySize    = 16 // of the file key of an age file
)

// Key seals and opens with one passkey: an age.Recipient and an age.Identity at
// once. Each use is one prompt.
type Key struct {
	ctx  context.Context // age's interfaces have none, and a prompt must be able to end
	ask  Evaluator
	cred Credential
}

var (
	_ age.RecipientWithLabels = (*Key)(nil)
	_ age.Identity            = (*Key)(nil)
)

// New returns the key that a credential is. Prompts end with ctx.
func New(ctx context.Context, ask Evaluator, c Credential) *Key {
	return &Key{ctx: ctx, ask: ask, cred: c}
}

// Wrap is WrapWithLabels without the labels.
func (k *Key) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	return k.wrap(nonce, fileKey)
}

// WrapWithLabels makes a stanza, and says that no quantum computer opens it, as
// no public key is involved. Without the label age would refuse to put it beside
// a hybrid recipient. Errors: those of Evaluate.
func (k *Key) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	stanzas, err := k.Wrap(fileKey)
	return stanzas, []string{"postquantum"}, err
}

func (k *Key) wrap(nonce, fileKey []byte) ([]*age.Stanza, error) {
	key, err := k.derive(nonce)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{
		Type: label,
		Args: []string{base64.RawStdEncoding.EncodeToString(nonce)},
		Body: aead.Seal(nil, once(), fileKey, nil),
	}}, nil
}

// once is the nonce of a key that seals one thing and never another.
func once() []byte { return make([]byte, chacha20poly1305.NonceSize) }

// Unwrap opens the one stanza of a passkey among stanzas. More than one is an
// error, before anybody is asked: each would prompt, and a file could prompt as
// often as it likes. Errors: age.ErrIncorrectIdentity where there is none or it
// is another's; ErrDamaged; those of Evaluate.
func (k *Key) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	var mine *age.Stanza
	for _, s := range stanzas {
		if s.Type != label {
			continue
		}
		if mine != nil {
			return nil, ErrDamaged
		}
		mine = s
	}
	if mine == nil {
		return nil, age.ErrIncorrectIdentity
	}
	nonce, err := readNonce(mine)
	if err != nil {
		return nil, err
	}
	return k.unwrap(nonce, mine.Body)
}

// readNonce is strict: one argument (age leaves the type out of Args), base64
// that can be written in one way only, and a body that can hold nothing but a
// file key. A longer one could be made to open under many keys.
func readNonce(s *age.Stanza) ([]byte, error) {
	if len(s.Args) != 1 || len(s.Body) != keySize+chacha20poly1305.Overhead {
		return nil, ErrDamaged
	}
	nonce, err := base64.RawStdEncoding.Strict().DecodeString(s.Args[0])
	if err != nil || len(nonce) != nonceSize || base64.RawStdEncoding.EncodeToString(nonce) != s.Args[0] {
		return nil, ErrDamaged
	}
	return nonce, nil
}

func (k *Key) unwrap(nonce, body []byte) ([]byte, error) {
	key, err := k.derive(nonce)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	fileKey, err := aead.Open(nil, once(), body, nil)
	if err != nil {
		return nil, age.ErrIncorrectIdentity
	}
	return fileKey, nil
}

// derive asks the authenticator and makes a stanza's key of its answers.
func (k *Key) derive(nonce []byte) ([]byte, error) {
	answer1, answer2, err := k.ask.Evaluate(k.ctx, k.cred, question(1, nonce), question(2, nonce))
	if err != nil {
		return nil, err
	}
	defer clear(answer1)
	defer clear(answer2)
	// Some give one answer only (over the QR of another device), and one that
	// ignored the second question would give the first twice: never a key of half.
	if len(answer1) != answerSize || len(answer2) != answerSize || subtle.ConstantTimeCompare(answer1, answer2) == 1 {
		return nil, ErrNoPRF
	}
	both := append(append(make([]byte, 0, 2*answerSize), answer1...), answer2...)
	defer clear(both)
	return hkdf.Extract(sha256.New, both, []byte(label))
}

func question(n byte, nonce []byte) []byte {
	return append(append([]byte(label), n), nonce...)
}
