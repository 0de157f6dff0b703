package fountain

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Kind is what a parcel holds.
type Kind byte

// Kinds. Their letters are for ever.
const (
	Brief Kind = 'b' // lists in plain text: package share, Brief
	FHIR  Kind = 'f' // a Bundle, JSON
)

// LinkPrefix begins the fragment of an address that holds a whole parcel.
const LinkPrefix = "potli-hand-1:"

const (
	version    = 1
	mostOpened = 4 << 20 // bytes that a parcel may grow to
	mostRatio  = 100     // and how many times its own size: as for links
)

// ErrParcel: this is no parcel, or one of a kind that is not known here.
var ErrParcel = errors.New("not a summary that was handed over on a screen")

// Pack makes a parcel: a byte for its version, one for its Kind, and the content in raw DEFLATE (RFC 1951). It is not
// sealed; see the package comment.
func Pack(k Kind, content []byte) ([]byte, error) {
	out := bytes.NewBuffer([]byte{version, byte(k)})
	w, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Open is the reverse of Pack. Error: ErrParcel.
func Open(parcel []byte) (Kind, []byte, error) {
	if len(parcel) < 3 || parcel[0] != version || parcel[1] != byte(Brief) && parcel[1] != byte(FHIR) {
		return 0, nil, ErrParcel
	}
	most := min(mostOpened, mostRatio*len(parcel))
	content, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(parcel[2:])), int64(most)+1))
	if err != nil || len(content) > most {
		return 0, nil, ErrParcel
	}
	return Kind(parcel[1]), content, nil
}

// Link is the address, on the clinic's page, that holds a parcel. What stands behind the # is sent to no server.
func Link(viewer string, parcel []byte) string { return viewer + "#" + LinkPrefix + decimal(parcel) }

// FromLink finds the parcel in an address, or alone. Error: ErrParcel.
func FromLink(text string) ([]byte, error) {
	_, digits, ok := strings.Cut(text, LinkPrefix)
	if !ok {
		return nil, ErrParcel
	}
	parcel, ok := fromDecimal(strings.TrimSpace(digits))
	if !ok || len(parcel) < 3 {
		return nil, ErrParcel
	}
	return parcel, nil
}

// Phrase is six digits that both sides see and compare, against mix-ups: that it was not another parcel from another screen
// that came across. It proves no more, since whoever tries a million parcels finds one with the same digits, and keeps
// nothing secret.
func Phrase(parcel []byte) string {
	sum := sha256.Sum256(parcel)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[:])%1_000_000)
}
