package sync

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"

	"filippo.io/age"
)

var b64 = base64.RawURLEncoding

// Box is one mailbox at the relay. Both are 43 characters of base64url, and
// secrets of all who hold the epoch.
type Box struct{ ID, Token string }

// BoxOf returns the mailbox of a profile at the epoch that has this identity:
// HKDF-SHA-256 of the identity as age writes it, with salt "potli-mailbox/1" and
// info "id" or "token", 0x00, profile. The profile is in it so that one secret
// under two profiles, which is a mistake or malice, has two mailboxes.
func BoxOf(profile string, epoch *age.HybridIdentity) Box { return boxOf(profile, epoch, 0) }

// mostBoxes is how many mailboxes an epoch has: whoever holds the epoch can close
// one, and then the next takes its place. It is derived with 0x00, its number, at
// the end of info.
const mostBoxes = 8

func boxOf(profile string, epoch *age.HybridIdentity, n int) Box {
	if n > 0 {
		profile += "\x00" + strconv.Itoa(n)
	}
	derive := func(what string) string {
		key, err := hkdf.Key(sha256.New, []byte(epoch.String()), []byte("potli-mailbox/1"), what+"\x00"+profile, 32)
		if err != nil {
			panic(err) // 32 bytes are never too many
		}
		return b64.EncodeToString(key)
	}
	return Box{ID: derive("id"), Token: derive("token")}
}

// short names a mailbox inside reports: enough to tell those of one profile
// apart, and of no use at the relay.
func (b Box) short() string { return b.ID[:8] }

// String keeps mailboxes out of logs.
func (b Box) String() string { return "sync.Box{…}" }

// GoString keeps mailboxes out of logs written with %#v.
func (b Box) GoString() string { return b.String() }

// Format keeps mailboxes out of logs whatever the verb.
func (b Box) Format(s fmt.State, _ rune) { s.Write([]byte(b.String())) }
