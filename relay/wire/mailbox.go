package wire

import (
	"math/bits"
	"time"
)

// A mailbox takes sealed entries from whoever knows its id, until its owner, who
// has the token, comes for them.
//
//	sender                                   relay                               owner
//	  │                                        │◀─ PUT /v1/mailboxes/{id}  OpenMailbox ─┤
//	  │ GET  /m/{id}                           │                                        │
//	  ├───────────────────────────────────────▶│  MailboxNote                           │
//	  │ POST /m/{id}  Deposit                  │                                        │
//	  ├───────────────────────────────────────▶│  the next number, without a gap        │
//	  │                                        │◀─ GET  …/entries?after=n&wait=25 ──────┤
//	  │                                        │── Entries ────────────────────────────▶│
//	  │                                        │◀─ GET  …/entry?seq=n ──────────────────┤
//	  │                                        │── a large entry ──────────────────────▶│
//	  │                                        │◀─ GET  …/live ─────────────────────────┤
//	  │                                        │── event: seq ─────────────────────────▶│
//	  │                                        │◀─ POST …/ack  Acknowledge ─────────────┤
//	  │                                        │◀─ DELETE ──────────────────────────────┤
//
// What a number promises: an entry is there for readers before the next one can
// get a number. Who has read up to n misses nothing by asking for what is after.
const (
	MailboxPath   = "/m/"            // data plane
	MailboxesPath = "/v1/mailboxes/" // control plane, as for links
	AboutPath     = "/v1/relay"      // what this relay offers: About
	LiveEvent     = "seq"            // the type of the events of …/live; their data is the highest number

)

// Limits of mailboxes.
const (
	EntryIDBytes      = 16
	MaxMailboxLife    = 90 * 24 * time.Hour
	EntryLife         = 30 * 24 * time.Hour // of an entry that nobody acknowledges
	MaxMailboxEntries = 1000                // kept at one time; also of one Acknowledge
	MaxMailboxBytes   = 100 << 20           // of them
	MaxEntry          = MaxFile             // characters of one sealed entry
	MinEntryPlain     = 1 << 10             // bytes that a plaintext is padded to at least
	MaxAckBody        = 32 << 10
	InlineEntry       = 64 << 10         // an entry up to this size comes inside the list
	EntriesPage       = 1 << 20          // bytes of entries in one list, about
	EntriesAtOnce     = 200              // entries in one list
	MaxWait           = 25 * time.Second // of a list that waits for something to arrive
	MaxPushes         = 5                // devices told of one mailbox
	Heartbeat         = 20 * time.Second // between two signs of life of …/live
	ContentTypeEvents = "text/event-stream"
	// ContentTypeEntry is the only cty of an entry that is a compact JWE. What
	// kind of document is inside is nobody's business on the way, and most kinds
	// could not be padded without a frame of ours.
	ContentTypeEntry = "application/potli-entry"
	// NoteSize is the length of a hybrid age recipient (age1pq1…), the only note
	// besides none: 7 characters of prefix, 1,216 bytes in fives of bits, checksum.
	NoteSize   = 7 + (1216*8+4)/5 + 6
	NotePrefix = "age1pq1"
)

// OpenMailbox is the body of PUT /v1/mailboxes/{id}, sent with
// "If-None-Match: *". 201 when it is new, 200 when the same owner had made it: it
// then has these terms and this note, and lives at least as long as it would
// have. 412 when the id is somebody else's or its mailbox has ended. A mailbox
// that ended of itself leaves its id free after a minute; one that was closed,
// after the day on which it would have ended.
type OpenMailbox struct {
	Token   string `json:"token"`   // as in Create
	Life    int64  `json:"life"`    // seconds from the relay's now, MinLife..MaxMailboxLife
	Entries int64  `json:"entries"` // kept at one time, 1..MaxMailboxEntries
	Bytes   int64  `json:"bytes"`   // of their sealed text, 1..MaxMailboxBytes
	// Note is told to whoever knows the id: a one-time hybrid age recipient to
	// seal to, of which the sender must know a hash by another way, or "".
	Note string `json:"note,omitempty"`
}

// MailboxStatus answers GET and PUT /v1/mailboxes/{id}.
type MailboxStatus struct {
	Now     int64 `json:"now"`     // the relay's clock, unix seconds, as are all times
	Created int64 `json:"created"` // another mailbox of this id began again at number 1
	Expires int64 `json:"expires"`
	Entries int64 `json:"entries"` // kept now
	Bytes   int64 `json:"bytes"`   // of them
	Highest int64 `json:"highest"` // number given so far
}

// MailboxNote answers GET /m/{id}: what a sender must know.
type MailboxNote struct {
	Note string `json:"note"`
	Most int64  `json:"most"` // characters of one sealed entry
	Room string `json:"room"` // one of the Room… below
}

// How much room a mailbox has: coarse, so that senders do not watch one another.
const (
	RoomAmple  = "ample" // more than half
	RoomLittle = "little"
	RoomNone   = "none" // no entry goes in
)

// Deposit is the body of POST /m/{id}. 201 and Deposited once it is durable; the
// same again for the same entry, also after the owner has taken it. 409 when the
// id stands for another entry; 507 when the mailbox has no room.
type Deposit struct {
	ID string `json:"id"` // base64url of EntryIDBytes random bytes
	// Sealed is a compact JWE whose header is exactly
	// {"alg":"dir","enc":"A256GCM","cty":ContentTypeEntry}, or an age file in
	// base64url. The plaintext is of a size that SizeClass leaves as it is.
	Sealed string `json:"sealed"`
}

// Deposited says which entry is stored. Its number is the owner's to know.
type Deposited struct {
	ID string `json:"id"`
}

// Entries answers GET …/entries?after=n&wait=s: those with a number above n. With
// wait the answer comes when there is one, at the latest after so many seconds.
type Entries struct {
	Entries []Entry `json:"entries"`
	More    bool    `json:"more"` // ask again, after the last of these
}

// Entry is one deposit. Sealed is missing when it is larger than InlineEntry: GET
// …/entry?seq=n has it then.
type Entry struct {
	Seq    int64  `json:"seq"`
	ID     string `json:"id"`
	Size   int64  `json:"size"`
	Time   int64  `json:"time"` // when it arrived, unix seconds
	Sealed string `json:"sealed,omitempty"`
}

// Acknowledge is the body of POST …/ack: these need not be kept any longer.
type Acknowledge struct {
	Seqs []int64 `json:"seqs"`
}

// Push is the body of PUT and DELETE …/push: a device of the owner that is to be
// told, by Web Push without a body, that something arrived, or no longer. 204; 409
// when MaxPushes others are told already; 501 when About has no push key.
type Push struct {
	// Endpoint is that of the browser's PushSubscription.
	Endpoint string `json:"endpoint"`
	// P256dh and Auth are the keys of the subscription, or missing.
	P256dh string `json:"p256dh,omitempty"`
	Auth   string `json:"auth,omitempty"`
}

// About answers GET /v1/relay: what this relay offers.
type About struct {
	// Live lists the ways to hear of an arrival, the plainest first: LivePoll is
	// always there.
	Live []string `json:"live"`
	// Push is the key that a browser subscribes under (applicationServerKey), in
	// base64url; "" when this relay sends no push messages.
	Push string `json:"push,omitempty"`
}

// The ways of About.Live.
const (
	LivePoll      = "poll"      // GET …/entries with wait
	LiveSSE       = "sse"       // GET …/live is a stream of Server-Sent Events
	LiveWebSocket = "websocket" // GET …/live is upgraded to a WebSocket
)

// LiveProtocol is the WebSocket subprotocol of …/live. A page cannot set headers
// there, so it offers two: this one, and the owner's token. Each message is the
// highest number, in digits; none is sent at the start. "ping" is answered "pong";
// whoever sends anything else is hung up on.
const LiveProtocol = "potli-live.1"

// SizeClass returns the size that a plaintext of n bytes is padded to: the next
// one by Padmé, whose low bits are zero so that the length tells little, and
// never under MinEntryPlain. (Nikitin et al., "Reducing Metadata Leakage from
// Encrypted Files and Communication with PURBs", PETS 2019, section 4.)
func SizeClass(n int) int {
	n = max(n, MinEntryPlain)
	e := bits.Len(uint(n)) - 1 // floor(log2 n)
	s := bits.Len(uint(e))     // bits needed to write e
	low := 1<<(e-s) - 1        // must be zero
	return (n + low) &^ low
}
