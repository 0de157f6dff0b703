package inbox

import (
	"crypto/sha256"
	"net/url"
	"strings"
	"time"

	"potli/app/message"
	"potli/app/record"
	"potli/app/share"
)

// FromLink makes an item of a SMART Health Link that the person was given and has
// opened: held apart like what came under a code, with the same look at each
// document. The same files of the same link are the same item, whose id is in the
// inbox already. Nobody signed it; what is known is the host that it came from,
// and the label is a claim.
//
// Errors: message.ErrTooBig, for files beyond message.MaxBytes together, and
// message.ErrEmpty.
func FromLink(l share.Link, files []share.Received, profile record.ProfileID, now time.Time) (*Arrival, error) {
	m := &message.Message{Type: message.Documents, To: message.Address(l.URL), At: now.UTC().Truncate(time.Second), From: message.Sender{Name: l.Label, Origin: originOf(l.URL)}}
	id := sha256.New()
	id.Write([]byte(l.Hash()))
	for _, f := range files {
		sum := sha256.Sum256(f.Body)
		id.Write(sum[:])
		m.Documents = append(m.Documents, message.Document{Type: f.ContentType, Body: f.Body})
	}
	m.ID = b64.EncodeToString(id.Sum(nil)[:16])
	plain, err := m.Pack()
	if err != nil {
		return nil, err
	}
	if m, err = message.Parse(plain); err != nil {
		return nil, err
	}
	it := itemOf(&Drop{Profile: profile}, Letter{}, m, now)
	it.Link = l.Hash()
	for i, f := range files {
		if f.Err != nil {
			it.Documents[i].Fault = FaultDamaged // listed, and not to be had or not to be read
		}
	}
	return &Arrival{Item: it, Body: message.Trim(plain)}, nil
}

// longest is how long an origin may be in a message.
const longest = 200

// originOf is where a link leads, as an origin; "" where it is none.
func originOf(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || len(u.Host)+len("https://") > longest {
		return ""
	}
	return "https://" + strings.ToLower(u.Host)
}
