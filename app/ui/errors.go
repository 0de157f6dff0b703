package ui

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"potli/app/consent"
	"potli/app/emergency"
	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/qr"
	"potli/app/record"
	"potli/app/scan"
	"potli/app/share"
	"potli/app/wallet"
)

// sentences has a message for every error a person can meet. The first that fits is said.
var sentences = []struct {
	err error
	key string
}{
	{wallet.ErrWrongPassphrase, "error.passphrase"},
	{wallet.ErrLocked, "error.locked"},
	{wallet.ErrWeak, "error.weak"},
	{wallet.ErrFolder, "error.folder"},
	{wallet.ErrOtherWallet, "error.other-wallet"},
	{wallet.ErrNothing, "error.nothing"},
	{wallet.ErrHandDamaged, "error.hand"},
	{share.ErrBrief, "error.hand"},
	{wallet.ErrNotHanded, "error.hand"},
	{emergency.ErrField, "error.emergency"},
	{wallet.ErrNoRecord, "error.no-record"},
	{wallet.ErrNoShare, "error.no-share"},
	{wallet.ErrNotReady, "error.not-ready"},
	{wallet.ErrNoChart, "error.no-chart"},
	{wallet.ErrIsBackup, "error.is-backup"},
	{wallet.ErrIsLink, "error.is-link"},
	{wallet.ErrHealth, "error.health"},
	{wallet.ErrStillOpen, "error.still-open"},
	{wallet.ErrNoPerson, "error.no-person"},
	{wallet.ErrName, "error.name"},
	{wallet.ErrNameLong, "error.name-long"},
	{wallet.ErrBirthDate, "error.birth-date"},
	{wallet.ErrBirthFuture, "error.birth-future"},
	{wallet.ErrDetails, "error.details"},
	{wallet.ErrPhoto, "error.photo"},
	{wallet.ErrCorners, "error.corners"},
	{wallet.ErrSheet, "error.sheet-picture"},
	{wallet.ErrSheets, "error.sheets"},
	{wallet.ErrPaperTitle, "error.paper-title"},
	{wallet.ErrPaperDate, "error.paper-date"},
	{wallet.ErrPaperFuture, "error.paper-future"},
	{wallet.ErrGuardian, "error.guardian"},
	{wallet.ErrLastPerson, "error.last-person"},
	{wallet.ErrNotAside, "error.not-aside"},
	{wallet.ErrOpenLinks, "error.open-links"},
	{wallet.ErrCardOpen, "error.card-open"},
	{wallet.ErrNoInbox, "error.no-inbox"},
	{wallet.ErrNoDrop, "error.no-drop"},
	{wallet.ErrDropOver, "error.drop-over"},
	{wallet.ErrManyDrops, "error.many-drops"},
	{wallet.ErrNoItem, "error.no-item"},
	{wallet.ErrNoPin, "error.no-pin"},
	{wallet.ErrNoPush, "error.no-push"},
	{wallet.ErrPushDenied, "error.push-denied"},
	{wallet.ErrIsAsk, "error.is-ask"},
	{wallet.ErrManyPins, "error.many-pins"},
	{wallet.ErrUnsigned, "error.key-unsigned"},
	{wallet.ErrNoOrigin, "error.key-nowhere"},
	{wallet.ErrNotTheirs, "error.key-other"},
	{wallet.ErrNoKeys, "error.key-none"},
	{wallet.ErrKeyLeaked, "error.key-leaked"},
	{inbox.ErrDecided, "error.decided"},
	{inbox.ErrOver, "error.item-over"},
	{wallet.ErrLeftOut, "error.left-out"},
	{wallet.ErrExists, "error.exists"},
	{wallet.ErrNoRescue, "error.no-rescue"},
	{wallet.ErrNotKit, "error.not-kit"},
	{wallet.ErrKitMistyped, "error.kit-mistyped"},
	{wallet.ErrKitCount, "error.kit-count"},
	{wallet.ErrKitChecksum, "error.kit-checksum"},
	{wallet.ErrNoKit, "error.no-kit"},
	{wallet.ErrOtherKit, "error.other-kit"},
	{wallet.ErrIsSheet, "error.is-sheet"},
	{wallet.ErrKitBackup, "error.kit-backup"},
	{wallet.ErrContactNames, "error.contact-names"},
	{wallet.ErrNoContacts, "error.no-contacts"},
	{wallet.ErrSameSheet, "error.same-sheet"},
	{wallet.ErrSecondSheet, "error.second-sheet"},
	{wallet.ErrOldContacts, "error.old-contacts"},
	{wallet.ErrPutBack, "error.put-back"},
	{wallet.ErrReplaced, "error.replaced"},
	{wallet.ErrTooNew, "error.device-new"},
	{wallet.ErrThisDevice, "error.device-this"},
	{wallet.ErrNoDevice, "error.no-device"},
	{wallet.ErrPairExpired, "error.pair-expired"},
	{wallet.ErrPairTampered, "error.pair-tampered"},
	{wallet.ErrPairDeclined, "error.pair-declined"},
	{wallet.ErrPairUsed, "error.pair-used"},
	{wallet.ErrPairVersion, "error.pair-version"},
	{wallet.ErrPairCode, "error.pair-code"},
	{wallet.ErrPairGone, "error.pair-gone"},
	{wallet.ErrPairOffline, "error.offline"},
	{wallet.ErrPairPurpose, "error.pair-purpose"},
	{wallet.ErrPairContent, "error.pair-content"},
	{wallet.ErrPairSelf, "error.pair-self"},
	{wallet.ErrPairDemo, "error.pair-demo"},
	{wallet.ErrMayNot, "error.may-not"},
	{wallet.ErrLetIn, "error.let-in"},
	{wallet.ErrLastOwner, "error.last-owner"},
	{wallet.ErrSubject, "error.subject"},
	{wallet.ErrNoCarer, "error.no-carer"},
	{wallet.ErrCares, "error.cares"},
	{wallet.ErrNotTold, "error.not-told"},
	{wallet.ErrOfAge, "error.of-age"},
	{wallet.ErrReader, "error.reader"},
	{wallet.ErrNotWritten, "error.not-written"},
	{wallet.ErrPutOff, "error.put-off"},
	{wallet.ErrEarly, "error.early"},
	{wallet.ErrWaiting, "error.waiting"},
	{wallet.ErrVetoed, "error.vetoed"},
	{wallet.ErrNoPairing, "error.no-pairing"},
	{wallet.ErrStale, "error.stale"}, // before what it wraps
	{wallet.ErrAgain, "error.again"},
	{wallet.ErrNoPasskey, "error.no-passkey"},
	{wallet.ErrPrompt, "error.prompt"},
	{wallet.ErrOtherSite, "error.other-site"},
	{wallet.ErrNoQuick, "error.no-quick"},
	{wallet.ErrNoWay, "error.no-way"},
	{wallet.ErrLastWay, "error.last-way"},
	{wallet.ErrProve, "error.prove"},
	{record.ErrEmpty, "error.empty"},
	{record.ErrTooBig, "error.too-big"},
	{record.ErrUnknown, "error.unknown-kind"},
	{record.ErrDamaged, "error.damaged"},
	{record.ErrNotFHIR, "error.not-fhir"},
	{record.ErrTooDeep, "error.too-deep"},
	{wallet.ErrCardPart, "error.card-part"},
	{record.ErrDuplicate, "error.duplicate"},
	{fhir.ErrNotFHIR, "error.not-fhir"},
	{fhir.ErrTooBig, "error.too-big"},
	{fhir.ErrTooDeep, "error.too-deep"},
	{fhir.ErrTooMany, "error.too-many"},
	{fhir.ErrNoAttachment, "error.attachment"},
	{fhir.ErrAttachment, "error.attachment"},
	{share.ErrNoLink, "error.no-link"},
	{share.ErrBadLink, "error.bad-link"},
	{share.ErrVersion, "error.link-version"},
	{share.ErrTooBig, "error.share-too-big"},
	{share.ErrFileTooBig, "error.file-too-big"},
	{share.ErrOffline, "error.offline"},
	{share.ErrGone, "error.gone"},
	{share.ErrBusy, "error.busy"},
	{share.ErrRefused, "error.refused"},
	{share.ErrCancelled, "error.cancelled"},
	{share.ErrOptions, "error.options"},
	{share.ErrNothing, "error.nothing"},
	{share.ErrRecipient, "error.recipient"},
	{share.ErrMissing, "error.unreadable"},
	{share.ErrUnreadable, "error.unreadable"},
	{share.ErrContent, "error.unreadable"},
	{share.ErrUnknownType, "error.unknown-kind"},
	{qr.ErrTooLong, "error.share-too-big"},
	{scan.ErrRefused, "error.camera-refused"},
	{scan.ErrNoCamera, "error.camera-none"},
	{scan.ErrBusy, "error.camera-busy"},
	{scan.ErrHidden, "error.camera-hidden"},
	{scan.ErrNoReader, "error.camera-reader"},
	{wallet.ErrNoAsk, "error.no-ask"},
	{consent.ErrNoAsk, "error.ask-none"},
	{consent.ErrBadAsk, "error.ask-damaged"},
	{consent.ErrLongAsk, "error.ask-damaged"},
	{wallet.ErrAnswered, "error.answered"},
	{wallet.ErrNoConsent, "error.no-consent"},
	{wallet.ErrConsentOver, "error.consent-over"},
	{wallet.ErrAgreed, "error.agreed"},
	{wallet.ErrHeavy, "error.heavy"},
	{wallet.ErrChanged, "error.changed"},
	{&consent.Fault{Code: consent.Damaged}, "error.ask-damaged"},
	{&consent.Fault{Code: consent.Newer}, "error.ask-newer"},
	{&consent.Fault{Code: consent.TooBig, Field: "records"}, "error.ask-many"},
	{&consent.Fault{Code: consent.TooBig}, "error.ask-damaged"},
	{&consent.Fault{Code: consent.Forged}, "error.ask-forged"},
	{&consent.Fault{Code: consent.Lapsed}, "error.ask-late"},
	{&consent.Fault{Code: consent.Early}, "error.ask-early"},
	{&consent.Fault{Code: consent.TooLong}, "error.ask-long"},
	{&consent.Fault{Code: consent.Unknown}, "error.ask-unknown"},
	{&consent.Fault{Code: consent.Wider}, "error.ask-wider"},
	{&consent.Fault{Code: consent.Nothing}, "error.ask-nothing"},
	{&consent.Fault{Code: consent.OtherReceipt}, "error.receipt"},
	{&consent.Fault{Code: consent.OtherParty}, "error.receipt"},
	{&consent.Fault{Code: consent.Uncertified}, "error.receipt"},
	{context.Canceled, "error.cancelled"},
	{context.DeadlineExceeded, "error.offline"},
	{errClipboard, "error.clipboard"},
}

// sheetKeys say which of two sheets does not belong, 0 for either.
var sheetKeys = [...]string{"error.sheet-0", "error.sheet-1", "error.sheet-2"}

// codes has a message for errors of packages that pages must not know; the wallet names them.
var codes = map[string]string{
	"too-costly":      "error.too-costly",
	"keyring-damaged": "error.keyring-damaged",
	"bad-recovery":    "error.recovery",
	"no-profile":      "error.keys-lost",
	"vault-full":      "error.full",
	"vault-gone":      "error.storage",
	"vault-not-found": "error.no-record",
}

// errClipboard: the browser did not let us copy.
var errClipboard = errors.New("copying was refused")

// Explain says an error in the person's language. Never the error's own text: it is written for programmers.
func (e *Env) Explain(err error) string {
	var pass *share.PasscodeError
	var wait *wallet.WaitError
	var unknown *record.UnknownError
	var words *wallet.KitWordError
	var sheet *wallet.ContactSheetError
	var broken *share.FaultError
	var field *emergency.FieldError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &wait):
		return e.T("error.wait", "time", e.L.Clock(wait.Until))
	case errors.As(err, &pass) && pass.Remaining >= 0:
		return e.T("error.passcode-left", "n", strconv.Itoa(pass.Remaining))
	case errors.As(err, &pass):
		return e.T("error.passcode")
	case errors.As(err, &words):
		return e.T("error.kit-words", "places", numbersOf(e, words.Places))
	case errors.As(err, &broken):
		return strings.Join(slices.Concat([]string{e.T("error.rules")}, brokenRules(e, broken), []string{e.T("error.rules-do")}), " ")
	case errors.As(err, &field):
		return e.T("error.emergency-field", "field", e.T("emergency.field."+string(field.Field)), "n", strconv.Itoa(emergency.MaxText))
	case errors.As(err, &sheet):
		return e.T(sheetKeys[min(max(sheet.Sheet, 0), 2)])
	case errors.As(err, &unknown) && e.L.Has("looks."+unknown.Looks):
		return e.T("error.unknown-looks", "looks", e.T("looks."+unknown.Looks))
	}
	return e.T(errorKey(err))
}

func errorKey(err error) string {
	for _, s := range sentences {
		if errors.Is(err, s.err) {
			return s.key
		}
	}
	known, _, _ := strings.Cut(wallet.EncodeError(err), "\x00")
	for _, code := range strings.Split(known, ",") {
		if key, ok := codes[code]; ok {
			return key
		}
	}
	return "error.other"
}
