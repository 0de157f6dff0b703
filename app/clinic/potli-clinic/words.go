package main

import (
	"context"
	"errors"
	"fmt"

	"potli/app/clinic"
	"potli/app/consent"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/share"
)

// Exit codes, which the manual names.
const (
	exitDone     = 0
	exitFailed   = 1 // of this machine: a file, a key
	exitUsage    = 2
	exitNo       = 3 // the code, the link, the relay or a file says no; to repeat it is no use
	exitLater    = 4 // no answer, or no room: again later
	exitPasscode = 5
	exitUnproven = 6 // what has to be genuine is not
)

// noSender is for what needs none.
var noSender message.Sender

// saying is what an error means to somebody at a desk, and the exit code.
type saying struct {
	err  error
	text string
	code int
}

// sayings: the first that fits.
var sayings = []saying{
	{inbox.ErrNoCode, "there is no drop code in it", exitNo},
	{inbox.ErrNewer, "the drop code is of a later version; this program has to be brought up to date", exitNo},
	{inbox.ErrBadCode, "the drop code is damaged; ask the person to show it again", exitNo},
	{inbox.ErrExpired, "the drop code has expired; ask the person for a new one", exitNo},
	{clinic.ErrTooMany, "these are more documents than the person allows under this code", exitNo},
	{clinic.ErrTooBig, "the documents are larger than the person allows under this code", exitNo},
	{clinic.ErrNothing, "there is nothing to send; name a file, or write a --note", exitUsage},
	{clinic.ErrRecipient, "the relay names another recipient than the code, who would read what is sent; nothing was sent", exitUnproven},
	{clinic.ErrKey, "the key is not one that potli-clinic keys new makes", exitFailed},
	{message.ErrMalformed, "the name, the --origin or an --id cannot be sent; an origin is like https://clinic.example", exitUsage},
	{message.ErrKind, "it is a backup or a link, and no document", exitNo},
	{record.ErrEmpty, "it is empty", exitNo},
	{message.ErrTooBig, "it is larger than 10 MiB; give a link to it instead", exitNo},
	{record.ErrTooBig, "it is larger than 10 MiB; give a link to it instead", exitNo},
	{record.ErrDamaged, "it is damaged, or was cut short", exitNo},
	{record.ErrTooDeep, "it is damaged, or was cut short", exitNo},
	{record.ErrNotFHIR, "it is JSON, but not FHIR", exitNo},
	{record.ErrUnknown, "it is of a kind that wallets do not keep; a PDF, a photo, FHIR or a clinical document in XML is", exitNo},
	{relayclient.ErrFull, "the person's mailbox is full; they have to look through it first", exitLater},
	{share.ErrNoLink, "there is no health link in it", exitNo},
	{share.ErrBadLink, "the link is damaged", exitNo},
	{share.ErrVersion, "the link is of a later version; this program has to be brought up to date", exitNo},
	{share.ErrGone, "it is no longer there: it expired, or the person ended it", exitNo},
	{share.ErrBusy, "the other side is busy; try again later", exitLater},
	{share.ErrOffline, "no answer; try again later", exitLater},
	{share.ErrTooBig, "the answer is larger than it may be", exitNo},
	{share.ErrRefused, "the other side refused", exitNo},
	{share.ErrMissing, "this file was listed and could not be had", exitLater},
	{share.ErrUnreadable, "this file cannot be decrypted", exitUnproven},
	{share.ErrContent, "this file is not what it says it is", exitNo},
	{share.ErrUnknownType, "this file is of an unknown type", exitNo},
	{errAll, "none of the files of the link can be read", exitNo},
	{&consent.Fault{Code: consent.Forged, Field: "countersignature"}, "the countersignature is not genuine", exitUnproven},
	{&consent.Fault{Code: consent.Forged}, "the receipt is not genuine: its signature does not hold", exitUnproven},
	{&consent.Fault{Code: consent.Uncertified}, "the receipt is not genuine: no person's key vouches for the device that signed it", exitUnproven},
	{&consent.Fault{Code: consent.OtherReceipt}, "the countersignature is of another receipt", exitUnproven},
	{&consent.Fault{Code: consent.OtherParty}, "the receipt was for another key than the one that countersigns", exitUnproven},
	{&consent.Fault{Code: consent.Newer}, "the receipt is of a later version; this program has to be brought up to date", exitNo},
	{&consent.Fault{Code: consent.Unknown, Field: "purpose"}, "--purpose is one of CAREMGT, PATRQT, PUBHLTH, HPAYMT, DSRCH and BTG", exitUsage},
	{&consent.Fault{Code: consent.Unknown, Field: "kinds"}, "--kinds names a kind of record that there is not; the manual has them", exitUsage},
	{&consent.Fault{Code: consent.TooLong}, "it is asked for longer than anybody may be given", exitUsage},
	{inbox.ErrTerms, "the --relay is no origin like https://relay.example, or the state is of a mailbox that has ended", exitUsage},
	{consent.ErrLongAsk, "the request is too long for a QR code; shorten the notice or --why, or give a drop code", exitNo},
	{consent.ErrBadAsk, "--viewer is no origin like https://viewer.example", exitUsage},
	{context.Canceled, "interrupted", exitLater},
	{context.DeadlineExceeded, "nothing came in this time", exitLater},
}

// words says an error, with nothing in it that must not be in a log.
func words(err error) (string, int) {
	var wrong usageError
	var file *fileError
	var passcode *share.PasscodeError
	switch {
	case errors.As(err, &wrong):
		return wrong.Error(), exitUsage
	case errors.As(err, &file):
		return file.Error(), exitFailed
	case errors.As(err, &passcode):
		return passcodeWords(passcode), exitPasscode
	}
	if text, code := faultWords(err); text != "" {
		return text, code
	}
	for _, s := range sayings {
		if errors.Is(err, s.err) {
			return which(err) + s.text + already(err), s.code
		}
	}
	return "something went wrong that this program has no words for", exitFailed
}

// faultWords are for a request of ours that breaks a rule, by the flag, and for a
// receipt that is none.
func faultWords(err error) (string, int) {
	var f *consent.Fault
	if !errors.As(err, &f) || f.Code != consent.Damaged && f.Code != consent.TooBig {
		return "", 0
	}
	switch f.Field {
	case "about", "purpose", "notice", "kinds", "dates":
		return "what --" + map[string]string{"about": "about", "purpose": "why", "notice": "notice-file or --language", "kinds": "kinds", "dates": "first or --last"}[f.Field] +
			" says cannot be asked: it is missing, too long or no day", exitUsage
	case "times":
		return "--until or --within has passed already", exitUsage
	case "countersignature":
		return "this is no countersignature, or a damaged one", exitUnproven
	case "from":
		return "the name, the --origin or an --id cannot be sent; an origin is like https://clinic.example", exitUsage
	}
	return "this is no receipt, or a damaged one", exitUnproven
}

func passcodeWords(e *share.PasscodeError) string {
	if e.Remaining < 0 {
		return "the link asks for a passcode: ask the person, and use --passcode-file"
	}
	return fmt.Sprintf("the passcode is wrong; tries left: %d", e.Remaining)
}

// which names the file that an error is about, by its place in the command.
func which(err error) string {
	var file *clinic.FileError
	if errors.As(err, &file) {
		return ordinal(file.N) + ": "
	}
	return ""
}

func ordinal(n int) string { return fmt.Sprintf("file %d", n) }

// already says what had arrived before it went wrong.
func already(err error) string {
	var some *partly
	if errors.As(err, &some) && some.Documents > 0 {
		return fmt.Sprintf(" (the first %d documents arrived)", some.Documents)
	}
	return ""
}
