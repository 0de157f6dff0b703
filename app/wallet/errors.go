package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Errors of the wallet. The UI has a sentence for each.
var (
	ErrLocked          = errors.New("the wallet is locked")
	ErrWeak            = errors.New("the passphrase is too easy to guess")
	ErrWrongPassphrase = keyring.ErrWrongPassphrase
	ErrOtherWallet     = errors.New("the backup belongs to another wallet")
	ErrNothing         = share.ErrNothing
	ErrNoRecord        = errors.New("no such record")
	ErrNoShare         = errors.New("no such share")
	ErrNoChart         = errors.New("no such chart")
	ErrIsBackup        = errors.New("a backup: restore it instead")
	ErrIsLink          = errors.New("a link: open it instead")
	ErrStillOpen       = errors.New("still open: revoke it first")
	ErrNoPerson        = errors.New("no such person")
	ErrName            = errors.New("a name is needed")
	ErrLeftOut         = errors.New("left out")
	ErrExists          = errors.New("there is a wallet here already")
	ErrNoRescue        = errors.New("this device keeps no keys that a recovery kit opens")
	ErrTooNew          = errors.New("this device was added less than a day ago")
	ErrThisDevice      = errors.New("a device does not remove itself: erase the wallet on it")
	ErrNoDevice        = errors.New("no such device")
	ErrPutBack         = vault.ErrPutBack
	ErrReplaced        = vault.ErrReplaced
)

// WaitError: too many wrong words; the next try counts from Until.
type WaitError struct{ Until time.Time }

func (e *WaitError) Error() string { return "too many wrong passphrases: wait" }

// crossing lists the errors that keep their identity between the page and its
// worker. A code is for ever within one release, no longer.
var crossing = map[string]error{
	"cancelled":         context.Canceled,
	"locked":            ErrLocked,
	"other-wallet":      ErrOtherWallet,
	"is-backup":         ErrIsBackup,
	"is-link":           ErrIsLink,
	"no-record":         ErrNoRecord,
	"wrong-passphrase":  keyring.ErrWrongPassphrase,
	"too-costly":        keyring.ErrTooCostly,
	"keyring-damaged":   keyring.ErrDamaged,
	"keyring-version":   keyring.ErrVersion,
	"no-profile":        keyring.ErrNoProfile,
	"bad-recovery":      keyring.ErrBadRecovery,
	"envelope-long":     envelope.ErrTooLong,
	"envelope-not-us":   envelope.ErrNotForUs,
	"envelope-damaged":  envelope.ErrDamaged,
	"envelope-forged":   envelope.ErrForged,
	"envelope-unknown":  envelope.ErrUnknownDevice,
	"envelope-version":  envelope.ErrVersion,
	"envelope-mismatch": envelope.ErrMismatch,
	"empty":             record.ErrEmpty,
	"too-big":           record.ErrTooBig,
	"unknown":           record.ErrUnknown,
	"damaged":           record.ErrDamaged,
	"not-fhir":          record.ErrNotFHIR,
	"too-deep":          record.ErrTooDeep,
	"duplicate":         record.ErrDuplicate,
	"card-part":         ErrCardPart,
	"corners":           ErrCorners,
	"no-sheet":          ErrSheet,
	"fhir-not-fhir":     fhir.ErrNotFHIR,
	"fhir-too-big":      fhir.ErrTooBig,
	"fhir-too-deep":     fhir.ErrTooDeep,
	"fhir-too-many":     fhir.ErrTooMany,
	"message-too-big":   message.ErrTooBig,
	"message-empty":     message.ErrEmpty,
	"other-recipient":   inbox.ErrRecipient,
	"message-malformed": message.ErrMalformed,
	"share-too-big":     share.ErrTooBig,
	"share-nothing":     share.ErrNothing,
	"share-file-big":    share.ErrFileTooBig,
	"hand-damaged":      ErrHandDamaged,
	"share-options":     share.ErrOptions,
	"vault-full":        vault.ErrFull,
	"vault-gone":        vault.ErrGone,
	"vault-not-found":   vault.ErrNotFound,
	"vault-wrong-key":   vault.ErrWrongKey,
	"vault-version":     vault.ErrVersion,
	"vault-put-back":    vault.ErrPutBack,
	"vault-replaced":    vault.ErrReplaced,
}

// EncodeError writes err so that DecodeError on the other side of a worker
// boundary returns an error that answers errors.Is in the same way.
func EncodeError(err error) string {
	if err == nil {
		return ""
	}
	var looks *record.UnknownError
	if errors.As(err, &looks) {
		return "looks\x00" + looks.Looks
	}
	var faults *share.FaultError
	if errors.As(err, &faults) {
		b, _ := json.Marshal(faults)
		return "faults\x00" + string(b)
	}
	var codes []string
	for code, sentinel := range crossing {
		if errors.Is(err, sentinel) {
			codes = append(codes, code)
		}
	}
	return strings.Join(codes, ",") + "\x00" + err.Error()
}

// DecodeError reads what EncodeError wrote.
func DecodeError(s string) error {
	if s == "" {
		return nil
	}
	codes, text, ok := strings.Cut(s, "\x00")
	if !ok {
		return errors.New("worker: " + strconv.Quote(s))
	}
	if codes == "looks" {
		return &record.UnknownError{Looks: text}
	}
	if faults := new(share.FaultError); codes == "faults" && json.Unmarshal([]byte(text), faults) == nil {
		return faults
	}
	e := &crossed{text: text}
	for _, code := range strings.Split(codes, ",") {
		if sentinel, ok := crossing[code]; ok {
			e.is = append(e.is, sentinel)
		}
	}
	return e
}

// crossed is an error that came out of a worker.
type crossed struct {
	text string
	is   []error
}

func (e *crossed) Error() string   { return e.text }
func (e *crossed) Unwrap() []error { return e.is }
