package consent

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"io"
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
// The request stands there in one of four ways, the shortest that gives it back byte
// for byte. A code of 800 characters is read from further away, and by a poorer
// camera, than one of 1,300.
//
//	<header>.<payload>.<signature>                       compact JWS, as it stands
//	z.<base64url of DEFLATE of header, "\n", payload>.<signature>
//	<base64url of the JSON>                              of a bare request
//	z.<base64url of DEFLATE of the JSON>
//
// All of it is behind the "#", so that no server sees it. viewer is the origin of the
// page that opens it. Errors: ErrLongAsk, ErrBadAsk.
func AskLink(viewer, request string) (string, error) {
	text := request
	if strings.HasPrefix(request, "{") {
		text = ask64.EncodeToString([]byte(request))
	}
	if z := deflated(request); len(z) < len(text) {
		if again, err := asked(z); err == nil && again == request {
			text = z
		}
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
	return asked(strings.TrimRight(text, ".")) // of the sentence that it stood in
}

// asked is the request that stands in one of the ways of AskLink.
func asked(text string) (string, error) {
	if z, ok := strings.CutPrefix(text, askPacked); ok {
		return inflated(z)
	}
	if strings.Count(text, ".") == 2 {
		return text, nil
	}
	b, err := ask64.DecodeString(text)
	if err != nil || len(b) == 0 || b[0] != '{' {
		return "", ErrBadAsk
	}
	return string(b), nil
}

// askPacked begins a request that is deflated. No header of a JWS begins so.
const askPacked = "z."

// deflated is a request in fewer characters.
func deflated(request string) string {
	plain, signature := request, ""
	if parts := strings.Split(request, "."); !strings.HasPrefix(request, "{") && len(parts) == 3 {
		head, _ := ask64.DecodeString(parts[0])
		body, _ := ask64.DecodeString(parts[1])
		plain, signature = string(head)+"\n"+string(body), "."+parts[2]
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return request
	}
	if _, err := io.WriteString(w, plain); err != nil || w.Close() != nil {
		return request
	}
	return askPacked + ask64.EncodeToString(b.Bytes()) + signature
}

// inflated undoes deflated, of what a stranger wrote.
func inflated(text string) (string, error) {
	text, signature, signed := strings.Cut(text, ".")
	packed, err := ask64.DecodeString(text)
	if err != nil {
		return "", ErrBadAsk
	}
	rest := bytes.NewReader(packed)
	b, err := io.ReadAll(io.LimitReader(flate.NewReader(rest), MaxRequest+1))
	switch {
	case len(b) > MaxRequest:
		return "", ErrLongAsk
	case err != nil, rest.Len() > 0, len(b) == 0, b[0] != '{', strings.Contains(signature, "."):
		return "", ErrBadAsk
	case !signed:
		return string(b), nil
	}
	head, body, ok := bytes.Cut(b, []byte("\n"))
	if !ok || signature == "" {
		return "", ErrBadAsk
	}
	return ask64.EncodeToString(head) + "." + ask64.EncodeToString(body) + "." + signature, nil
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
