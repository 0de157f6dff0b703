// Package wire is what the wallet and the relay both know: the paths, the JSON
// documents and the limits that travel between them. It holds no behaviour, so
// that either side can be read without the other.
//
//	wallet                                   relay                                clinic
//	  │ PUT    /v1/links/{id}   Create         │                                     │
//	  ├───────────────────────────────────────▶│  stores ciphertext, hashes          │
//	  │                                        │◀── GET  /l/{id}?recipient=  (U) ────┤
//	  │                                        │◀── POST /l/{id}  ManifestRequest ───┤
//	  │                                        │──▶ Manifest | JWE | Problem ────────▶│
//	  │                                        │◀── GET  /f/{ticket} ────────────────┤
//	  │ GET    /v1/links/{id}/receipts         │                                     │
//	  ├───────────────────────────────────────▶│  access receipts, sealed by HPKE    │
//	  │ PATCH  /v1/links/{id}   Change         │                                     │
//	  │ PUT    /v1/links/{id}/file  File       │                                     │
//	  │ DELETE /v1/links/{id}   (revoke)       │                                     │
//
// Data-plane rules are those of "SMART Health Cards and Links" 1.0.0 (HL7
// hl7.fhir.uv.smart-health-cards-and-links), section SMART Health Links.
package wire

import "time"

// Paths. An id and a ticket are base64url without padding; an id is the 43
// characters of 32 random bytes, chosen by the wallet.
const (
	LinkPath    = "/l/"        // data plane: GET (flag U) and POST (manifest)
	FilePath    = "/f/"        // data plane: GET with a ticket, the manifest's "location"
	ControlPath = "/v1/links/" // control plane: needs the owner's token
	HealthPath  = "/healthz"   // the process lives
	ReadyPath   = "/readyz"    // it reaches its store and is not about to stop
)

// Headers of the control plane.
const (
	// The owner's token travels as "Authorization: Bearer <43 characters>".
	// The relay stores SHA-256 of those 43 characters, as it does with an id. A
	// wrong or missing one is the same 404 as no link.

	// SequenceHeader carries a number (1 to 2^53-1) that grows with every PATCH,
	// PUT …/file and DELETE of a link, so that a recorded request cannot be played
	// again (RL13): one that does not grow is the same 404. It may skip. A
	// create may carry it too (default 0); GET does not need it.
	SequenceHeader = "Potli-Sequence"

	// WorkHeader carries work that a create was asked for: "<challenge>.<counter>".
	// See Work.
	WorkHeader = "Potli-Work"
)

// Limits, the same constants on both sides.
const (
	IDBytes         = 32
	MaxFile         = 25 << 20 // bytes of one compact JWE
	MinLife         = time.Minute
	MaxLife         = 30 * 24 * time.Hour // of a link
	MaxUses         = 1000
	MaxAttempts     = 5   // lifetime wrong passcodes, SHL "remainingAttempts"
	MaxRecipient    = 120 // characters of a recipient that are kept
	MaxReceipts     = 64  // receipts kept for one link
	ReceiptPlain    = 256 // bytes a receipt is padded to before it is sealed
	TicketLife      = 5 * time.Minute
	DebounceWindow  = time.Minute // the same recipient within it is one use
	MaxManifestBody = 16 << 10
	MaxPasscode     = 128
	MaxPasscodeHash = 32
	PasscodeScryptN = 1 << 14 // scrypt N; r=8, p=1, 32 bytes out
	MaxReceiptKey   = 1216    // bytes, ML-KEM-768 + X25519 encapsulation key
	// ReceiptKeep is how long sealed receipts wait for their owner after the end
	// of a link. Nothing else of an ended link is kept.
	ReceiptKeep       = 7 * 24 * time.Hour
	ContentTypeJOSE   = "application/jose"
	ContentTypeFHIR   = "application/fhir+json"
	ContentTypeCard   = "application/smart-health-card"
	ContentTypeAccess = "application/smart-api-access"
)

// Create is the body of PUT /v1/links/{id}, sent with "If-None-Match: *".
// 201 on success; 412 when the id is taken, unless the same owner token made
// it, in which case 200 and how the first one stands: so a create whose answer
// was lost can be repeated, and prolongs nothing.
//
// No request names a moment: the clocks of phones are wrong, by years on some.
// The owner says how long, the relay's clock says until when.
type Create struct {
	// Token is base64url(SHA-256(the 43 characters of the owner's token)): the
	// relay never sees a token before its first use.
	Token string `json:"token"`
	Flag  string `json:"flag"` // "", L, P, U, LP or LU
	Life  int64  `json:"life"` // seconds from when the relay has it, MinLife..MaxLife
	Uses  int    `json:"uses"` // openings allowed, 1..MaxUses
	// Passcode is set exactly when Flag holds P.
	Passcode *Passcode `json:"passcode,omitempty"`
	// ReceiptKey is the base64url HPKE public key (MLKEM768X25519) that access
	// receipts of this link are sealed to. One-time: made for this link.
	ReceiptKey string `json:"receiptKey"`
	File       File   `json:"file"`
	// StrictRecipient refuses a GET without recipient instead of tolerating it.
	StrictRecipient bool `json:"strictRecipient,omitempty"`
}

// Passcode is a verifier made by the wallet: scrypt(passcode, Salt) with
// PasscodeScryptN, r=8, p=1. Both base64url without padding.
type Passcode struct {
	Salt     string `json:"salt"`     // 16 bytes
	Hash     string `json:"hash"`     // 32 bytes
	Attempts int    `json:"attempts"` // lifetime wrong tries, 1..MaxAttempts
}

// File is one encrypted file: a compact JWE whose header is exactly
// {"alg":"dir","enc":"A256GCM","cty":ContentType}.
type File struct {
	ContentType string `json:"contentType"`
	JWE         string `json:"jwe"`
}

// Change is the body of PATCH /v1/links/{id}. Absent members stay as they are.
// What has ended stays ended: an expired, revoked or locked link cannot be
// changed, nor one whose uses ran out some minutes ago (its file is gone).
type Change struct {
	Paused  *bool  `json:"paused,omitempty"`
	Life    *int64 `json:"life,omitempty"` // seconds from the relay's now, as in Create
	AddUses *int   `json:"addUses,omitempty"`
}

// Status is what the owner may know of a link: GET /v1/links/{id}, and the
// answer of every control-plane change.
type Status struct {
	Now          int64  `json:"now"`     // the relay's clock, unix seconds, as are all times
	Expires      int64  `json:"expires"` // 0 once revoked
	Paused       bool   `json:"paused"`
	UsesLeft     int    `json:"usesLeft"`
	AttemptsLeft int    `json:"attemptsLeft"` // -1 when the link has no passcode
	Receipts     int    `json:"receipts"`     // how many are kept
	Sequence     int64  `json:"sequence"`     // highest Potli-Sequence accepted
	Flag         string `json:"flag"`
}

// Receipts answers GET /v1/links/{id}/receipts?after=n: those with N > n.
type Receipts struct {
	Receipts []SealedReceipt `json:"receipts"`
	// Dropped counts openings that were not kept because MaxReceipts was reached.
	Dropped int `json:"dropped"`
}

// SealedReceipt is one access receipt: base64url(HPKE enc || ciphertext).
type SealedReceipt struct {
	N      int    `json:"n"`
	Sealed string `json:"sealed"`
}

// Receipt is the plaintext the relay seals, JSON padded with spaces to
// ReceiptPlain bytes. Recipient is the reader's own claim, never verified.
type Receipt struct {
	N         int    `json:"n"`
	Recipient string `json:"recipient"` // at most MaxRecipient characters, controls removed; "" = not given
	Time      int64  `json:"time"`      // unix seconds, rounded down to 5 minutes
	Outcome   string `json:"outcome"`   // OutcomeOpened or OutcomeRefused
}

// Outcomes of a Receipt.
const (
	OutcomeOpened  = "opened"   // the file was delivered and a use was counted
	OutcomeRefused = "passcode" // a wrong passcode
)

// HPKE suite of receipts: KEM MLKEM768X25519, KDF HKDF-SHA-256, AEAD
// AES-256-GCM; info is ReceiptInfo followed by the 32-byte link id hash
// (SHA-256 of the id's 43 characters).
const ReceiptInfo = "potli-receipt/1\x00"

// ManifestRequest is the body of POST /l/{id}. Unknown members are ignored.
type ManifestRequest struct {
	Recipient         string `json:"recipient"`
	Passcode          string `json:"passcode,omitempty"`
	EmbeddedLengthMax *int64 `json:"embeddedLengthMax,omitempty"`
}

// Manifest answers a ManifestRequest.
type Manifest struct {
	Status string         `json:"status,omitempty"` // "finalized", "can-change" (flag L)
	Files  []ManifestFile `json:"files"`
}

// ManifestFile has exactly one of Embedded and Location.
type ManifestFile struct {
	ContentType string `json:"contentType"`
	FHIRVersion string `json:"fhirVersion,omitempty"`
	LastUpdated string `json:"lastUpdated,omitempty"` // RFC 3339
	Status      string `json:"status,omitempty"`
	Embedded    string `json:"embedded,omitempty"`
	Location    string `json:"location,omitempty"`
}

// Problem is every error body, on both planes: always a JSON object.
type Problem struct {
	Message           string `json:"message"`
	RemainingAttempts *int   `json:"remainingAttempts,omitempty"`
	Work              *Work  `json:"work,omitempty"`
}
