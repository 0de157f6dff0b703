package wallet

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"

	"potli/app/record"
	"potli/app/vault"
)

// docPhoto begins the names of the documents that hold the photos of people.
// They are sealed like every document, and are never records: nothing of them
// is ever offered to be shared.
const docPhoto = "photo/"

// MaxPhoto is how many bytes the picture of a person has at most.
const MaxPhoto = 128 << 10

// ErrPhoto: not a small JPEG. A page draws what a person picks anew before it
// comes here, so whoever sees this picked what is no photo.
var ErrPhoto = errors.New("no picture that can be kept of a person")

// photo is the body of such a document.
type photo struct {
	Version string `json:"version"`
	Type    string `json:"type"`
	Data    string `json:"data"` // base64
}

const photoVersion = "potli-photo/1"

// SetPhoto keeps a picture of a person; nil takes it away. It takes a small JPEG,
// and keeps nothing of it but the picture. Errors: ErrPhoto, ErrNoPerson.
func (w *Wallet) SetPhoto(ctx context.Context, id record.ProfileID, jpeg []byte) error {
	docs, sum := map[string][]byte{docPhoto + string(id): nil}, ""
	if jpeg != nil {
		var err error
		if docs[docPhoto+string(id)], sum, err = packPhoto(jpeg); err != nil {
			return err
		}
	}
	return w.changePerson(ctx, id, docs, func(p *Person) error { p.Photo = sum; return nil })
}

// packPhoto returns the document of a picture, and the hash that names it.
func packPhoto(jpeg []byte) (body []byte, sum string, err error) {
	bare, ok := bareJPEG(jpeg)
	if !ok || len(bare) > MaxPhoto {
		return nil, "", ErrPhoto
	}
	hash := sha256.Sum256(bare)
	body, err = json.Marshal(photo{photoVersion, string(record.FormatJPEG), base64.StdEncoding.EncodeToString(bare)})
	return body, hex.EncodeToString(hash[:]), err
}

// Photo returns the picture of a person. Errors: ErrNoPerson where there is none
// or the person is hidden, record.ErrDamaged.
func (w *Wallet) Photo(ctx context.Context, id record.ProfileID) ([]byte, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	p, ok := w.Snapshot().person(id)
	if !ok || p.Photo == "" || w.Snapshot().Hidden[id] {
		return nil, ErrNoPerson
	}
	body, err := v.Doc(ctx, docPhoto+string(id))
	if errors.Is(err, vault.ErrNotFound) {
		return nil, ErrNoPerson
	}
	if err != nil {
		return nil, err
	}
	return openPhoto(body, p.Photo)
}

func openPhoto(body []byte, sum string) ([]byte, error) {
	var kept photo
	if json.Unmarshal(body, &kept) != nil {
		return nil, record.ErrDamaged
	}
	if kept.Version != photoVersion || kept.Type != string(record.FormatJPEG) {
		return nil, vault.ErrVersion
	}
	b, err := base64.StdEncoding.DecodeString(kept.Data)
	if hash := sha256.Sum256(b); err != nil || hex.EncodeToString(hash[:]) != sum {
		return nil, record.ErrDamaged
	}
	return b, nil
}

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	jpegStart = 0xd8
	jpegEnd   = 0xd9
	jpegScan  = 0xda
	jpegJFIF  = 0xe0
	jpegApp15 = 0xef
	jpegNote  = 0xfe
)

// bareJPEG copies a JPEG without anything but the picture: no place, camera or
// day (Exif, XMP), no comment, nothing behind the end. Some browsers add such
// parts themselves when they draw. False: b is no JPEG.
func bareJPEG(b []byte) ([]byte, bool) {
	if len(b) < 4 || b[0] != 0xff || b[1] != jpegStart {
		return nil, false
	}
	out := append(make([]byte, 0, len(b)), b[:2]...)
	for b = b[2:]; len(b) >= 4 && b[0] == 0xff; {
		marker, size := b[1], 2+int(b[2])<<8+int(b[3])
		if size < 4 || size > len(b) {
			return nil, false
		}
		if marker <= jpegJFIF || marker > jpegApp15 && marker != jpegNote {
			out = append(out, b[:size]...)
		}
		if b = b[size:]; marker == jpegScan {
			n := scanned(b)
			return append(out, b[:n]...), n > 0
		}
	}
	return nil, false
}

// scanned is the length of what follows the head of the scan, to the end of the
// picture; 0 where it does not end. Within the coded picture 0xff is followed by
// 0 or by a restart marker, and a canvas draws in one scan.
func scanned(b []byte) int {
	for i := 0; i+1 < len(b); i++ {
		if b[i] == 0xff && b[i+1] == jpegEnd {
			return i + 2
		}
	}
	return 0
}
