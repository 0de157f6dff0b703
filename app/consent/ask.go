package consent

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
)

// MaxAsk is the most characters of an ask link that we write: as a QR code of level
// L that is version 29, which a telephone still reads from a screen.
const MaxAsk = 1800

// askPlace is what a request stands behind in a link of any viewer.
const askPlace = "/ask#"

// Why a text is no link that asks. A page has a sentence for each.
var (
	ErrNoAsk  = errors.New("no request in it")
	ErrBadAsk = errors.New("a request, but a damaged one")
	// ErrLongAsk: the request is too long for a code. It can be sent into an inbox.
	ErrLongAsk = errors.New("the request is too long for a code")
)

var ask64 = base64.RawURLEncoding.Strict()

// AskLink is a request as a link, at most MaxAsk characters:
//
//	https://<viewer>/ask#<the request>
//
// A signed request is a compact JWS, which stands there as it is; of a bare one its
// JSON in base64url. All of it is behind the "#", so that no server sees it. viewer is
// the origin of the page that opens it. Errors: ErrLongAsk, ErrBadAsk.
func AskLink(viewer, request string) (string, error) {
	text := request
	if strings.HasPrefix(request, "{") {
		text = ask64.EncodeToString([]byte(request))
	}
	s := strings.TrimRight(viewer, "/") + askPlace + text
	if len(s) > MaxAsk {
		return "", ErrLongAsk
	}
	if again, err := ParseAsk(s); err != nil || again != request {
		return "", ErrBadAsk
	}
	return s, nil
}

// ParseAsk finds a request in a text, an ask link of any viewer with words around it.
// What it returns is for Parse. Errors: ErrNoAsk, ErrBadAsk, ErrLongAsk.
func ParseAsk(text string) (request string, err error) {
	at := strings.Index(text, askPlace)
	if at < 0 || !isAddress(text[:at]) {
		return "", ErrNoAsk
	}
	text = text[at+len(askPlace):]
	if n := strings.IndexFunc(text, outsideAsk); n >= 0 {
		text = text[:n]
	}
	if text == "" {
		return "", ErrBadAsk
	}
	if len(text) > MaxRequest {
		return "", ErrLongAsk
	}
	if strings.Contains(text, ".") {
		text = strings.TrimRight(text, ".") // of the sentence that it stood in
		if strings.Count(text, ".") == 2 {
			return text, nil
		}
	}
	b, err := ask64.DecodeString(text)
	if err != nil || len(b) == 0 || b[0] != '{' {
		return "", ErrBadAsk
	}
	return string(b), nil
}

// isAddress says whether a text ends with the origin of a viewer.
func isAddress(s string) bool {
	if i := strings.LastIndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"'<>()`, r) }); i >= 0 {
		s = s[i:]
		s = strings.TrimLeftFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"'<>()`, r) })
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.Fragment == ""
}

// outsideAsk is a character that neither a compact JWS nor base64url has.
func outsideAsk(r rune) bool {
	return r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
