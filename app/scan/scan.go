// Package scan says what a code is that a camera has read, and names what can
// go wrong between the two. It opens nothing, asks nobody and keeps nothing: a
// code was printed by whoever wanted it read, and an address in one is text.
//
// How a code is found in a picture is the business of package decode, which the
// wallet does not hold.
package scan

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
)

// Kind is what a code turned out to be.
type Kind string

// Kinds. The wallet does something with some of them; of the others a person is
// told what they are.
const (
	Link     Kind = "link"     // a SMART Health Link, alone or behind a viewer's address
	Pair     Kind = "pair"     // two devices, or two people's (crypto/pairing); of any version
	Secret   Kind = "secret"   // a recovery kit or a trusted contact's sheet: they look alike
	Card     Kind = "card"     // a SMART Health Card, alone or behind an address
	ABHA     Kind = "abha"     // somebody's ABHA number or address, as on the card
	Film     Kind = "film"     // a summary that another screen shows, or one code of it (app/fountain)
	Drop     Kind = "drop"     // under which a person takes documents in (app/inbox)
	Ask      Kind = "ask"      // a clinic asks for records (app/consent)
	Facility Kind = "facility" // a counter that wants ABHA details
	Pay      Kind = "pay"      // UPI
	Web      Kind = "web"      // an address
	Other    Kind = "other"
)

// Why a camera gave nothing. Each has a sentence, and the typed way beside it.
var (
	ErrRefused  = errors.New("the camera was refused")
	ErrNoCamera = errors.New("there is no camera")
	ErrBusy     = errors.New("the camera is in use or has stopped")
	ErrHidden   = errors.New("the page was hidden, and the camera turned off")
	ErrNoReader = errors.New("no reader of codes could be started")
)

// Camera is one that is on.
type Camera struct {
	Next  string              // names another camera, "" where there is none
	Torch func(on bool) error // nil where it has none
}

// most is above what any code holds: 7,089 digits (ISO/IEC 18004, table 7).
const most = 8 << 10

// What says what a text from a code is.
func What(text string) Kind {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > most {
		return Other
	}
	upper := strings.ToUpper(text)
	switch {
	case strings.Contains(text, "shlink:/"):
		return Link
	case strings.HasPrefix(upper, "POTLI-PAIR-"):
		return Pair
	case strings.HasPrefix(text, "POTLI-FILM-"), strings.Contains(text, "potli-hand-"):
		return Film
	case strings.HasPrefix(upper, "AGE-SECRET-KEY-"):
		return Secret
	case strings.Contains(upper, "SHC:/"), strings.Contains(text, "/SMARTHealthCard/#"):
		return Card
	case strings.HasPrefix(upper, "UPI:"):
		return Pay
	case text[0] == '{':
		return object(text)
	case isABHA(text):
		return ABHA
	}
	return address(text)
}

// object knows the two kinds of JSON that ABDM puts into codes: a person's card,
// in both its spellings, and the older code of a counter.
func object(text string) Kind {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &fields) != nil {
		return Other
	}
	has := func(key string) bool { return fields[key] != nil }
	switch {
	case has("hipId"):
		return Facility
	case has("hidn"), has("hid"), has("phr"):
		return ABHA
	}
	return Other
}

// isABHA knows a number of 14 digits, and an address.
func isABHA(text string) bool {
	if digits := strings.ReplaceAll(text, "-", ""); len(digits) == 14 && only(digits, "0123456789") {
		return true
	}
	name, domain, ok := strings.Cut(strings.ToLower(text), "@")
	return ok && (domain == "abdm" || domain == "sbx") && len(name) >= 3 &&
		only(name, "abcdefghijklmnopqrstuvwxyz0123456789._")
}

func only(text, set string) bool { return strings.Trim(text, set) == "" }

// address knows the codes of counters among all others. It follows none.
func address(text string) Kind {
	u, err := url.Parse(text)
	if err != nil {
		return Other
	}
	switch strings.ToLower(u.Scheme) {
	case "uhi", "arogya":
		return Facility
	case "http", "https":
	default:
		return Other
	}
	host := strings.ToLower(u.Hostname())
	abdm := host == "abdm.gov.in" || strings.HasSuffix(host, ".abdm.gov.in")
	if u.Fragment != "" && !abdm {
		switch strings.TrimRight(u.Path, "/") { // the viewer's pages, whoever runs it
		case "/drop":
			return Drop
		case "/ask":
			return Ask
		}
	}
	if abdm && (strings.HasPrefix(u.Path, "/share-profile") || strings.HasPrefix(u.Path, "/uhi/")) {
		return Facility
	}
	return Web
}
