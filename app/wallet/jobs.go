package wallet

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Jobs are the long computations of the wallet: pure functions from bytes to
// bytes, so that a worker with no access to storage or network can run them.
// Run is called in the worker; the page calls it through Worker.
type Jobs struct {
	// Words turns Deps.Language into the words a share is written in.
	Words func(language []byte) (share.Words, error)
	Now   func() time.Time
	Rand  io.Reader
	// Pen writes what is not Latin on the pages that go with a collection. Nil: it has none where it would need it.
	Pen Pen
}

// Names of the jobs.
const (
	jobLock      = "lock"      // scrypt: keys -> unlock file
	jobUnlock    = "unlock"    // scrypt: unlock file -> keys
	jobNothing   = "nothing"   // starts a worker
	jobSummarise = "summarise" // bytes -> format and outline
	jobSeal      = "seal"      // keyring.Sealer.Seal
	jobOpen      = "open"      // keyring.Opener.Open
	jobOpenSum   = "open-sum"  // the same, and the hash of what was sealed
	jobDocument  = "document"  // format and bytes -> fhir.Document
	jobCheck     = "check"     // bytes of health cards, directory of issuers -> []card.Result
	jobChoose    = "choose"    // records -> items that may be shared
	jobCompose   = "compose"   // records and chosen items -> ledger entry and upload
	jobExport    = "export"    // records and chosen items -> a file
	jobFacts     = "facts"     // records and chosen items -> []share.Fact
	jobHand      = "hand"      // the same -> ledger entry and parcels
	jobTake      = "take"      // parcel -> FHIR bytes

	jobLetter = "letter"       // letter and secrets of its code -> item and message
	jobHold   = "hold"         // files of a link -> item and message
	jobLookAt = "look-at"      // message -> what a list shows of it
	jobApart  = "letter-apart" // message and numbers -> documents

	jobFind       = "find-sheet"       // pixels -> corners
	jobStraighten = "straighten-sheet" // pixels and corners -> pixels
)

// Run performs one job.
func (j Jobs) Run(ctx context.Context, job string, in []byte, progress func(done, total int)) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	run, ok := map[string]func([]byte) ([]byte, error){
		jobNothing: func([]byte) ([]byte, error) { return nil, nil },
		jobLock:    j.lock, jobUnlock: j.unlock, jobSummarise: j.summarise,
		jobSeal: j.seal, jobOpen: j.open, jobOpenSum: j.openSum, jobDocument: j.document, jobCheck: j.check,
		jobChoose: j.choose, jobCompose: j.compose, jobExport: j.export, jobFacts: j.facts, jobHand: j.hand, jobTake: j.take, jobDescribe: j.describe, jobMail: j.mail, jobLetter: j.letter, jobHold: j.hold, jobLookAt: j.lookAt, jobApart: j.takeApart,
		jobFind: j.findSheet, jobStraighten: j.straightenSheet,
	}[job]
	if !ok {
		return nil, errors.New("no such job")
	}
	return run(in)
}

type lockArgs struct {
	Keys, Passphrase string
	LogN             int
}

func (j Jobs) lock(in []byte) ([]byte, error) {
	var a lockArgs
	if _, err := unpack(in, &a); err != nil {
		return nil, err
	}
	k, err := keyring.Unmarshal([]byte(a.Keys))
	if err != nil {
		return nil, err
	}
	return keyring.Lock(k, a.Passphrase, a.LogN)
}

func (j Jobs) unlock(in []byte) ([]byte, error) {
	var passphrase string
	blobs, err := unpackN(in, &passphrase, 1)
	if err != nil {
		return nil, err
	}
	k, err := keyring.Unlock(blobs[0], passphrase)
	if err != nil {
		return nil, err
	}
	return k.Marshal()
}

type summary struct {
	Format  record.Format
	Outline fhir.Outline
	Title   string `json:"-"` // given by the wallet, "" for most

	packed vault.Packed // the whole outline, where a worker made it; Outline is then its head
}

func (j Jobs) summarise(in []byte) ([]byte, error) {
	var name string
	blobs, err := unpackN(in, &name, 1)
	if err != nil {
		return nil, err
	}
	s, err := summarise(name, blobs[0])
	if err != nil {
		return nil, err
	}
	return packSummary(s)
}

func summarise(name string, b []byte) (summary, error) {
	format, err := record.Sniff(b)
	if err != nil {
		return summary{}, err
	}
	switch format {
	case record.FormatBackup:
		return summary{}, ErrIsBackup
	case record.FormatLink:
		return summary{}, ErrIsLink
	}
	o, err := record.Summarise(format, name, b)
	return summary{Format: format, Outline: o}, err
}

type sealArgs struct {
	Keys   string // keyring.Sealer
	Header envelope.Header
}

func (j Jobs) seal(in []byte) ([]byte, error) {
	var a sealArgs
	blobs, err := unpackN(in, &a, 1)
	if err != nil {
		return nil, err
	}
	s, err := keyring.UnmarshalSealer([]byte(a.Keys))
	if err != nil {
		return nil, err
	}
	return s.Seal(a.Header, blobs[0])
}

type openArgs struct {
	Keys   string // keyring.Opener
	Expect envelope.Expect
}

func (j Jobs) open(in []byte) ([]byte, error) {
	_, h, body, err := opened(in)
	if err != nil {
		return nil, err
	}
	return pack(h, body)
}

func (j Jobs) openSum(in []byte) ([]byte, error) {
	sealed, _, body, err := opened(in)
	if err != nil {
		return nil, err
	}
	return pack(sha256.Sum256(sealed), body)
}

// opened does what both ways to open something have in common.
func opened(in []byte) (sealed []byte, h envelope.Header, body []byte, err error) {
	var a openArgs
	blobs, err := unpackN(in, &a, 1)
	if err != nil {
		return nil, h, nil, err
	}
	o, err := keyring.UnmarshalOpener([]byte(a.Keys))
	if err != nil {
		return nil, h, nil, err
	}
	h, body, err = o.Open(blobs[0], a.Expect)
	return blobs[0], h, body, err
}

func (j Jobs) document(in []byte) ([]byte, error) {
	var format record.Format
	blobs, err := unpackN(in, &format, 1)
	if err != nil {
		return nil, err
	}
	return document(format, blobs[0])
}

// document makes a record readable.
func document(format record.Format, b []byte) ([]byte, error) {
	body, err := record.FHIR(format, b)
	if err != nil {
		return nil, err
	}
	f, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	return packDocument(f.Document())
}

type chooseArgs struct {
	Metas []record.Meta
	All   bool // the person named these records: everything in them is suggested
	Whole bool // the records themselves
}

func (j Jobs) choose(in []byte) ([]byte, error) {
	var a chooseArgs
	blobs, err := unpack(in, &a)
	if err != nil || len(blobs) != len(a.Metas) {
		return nil, errFrame
	}
	choose := share.Choose
	switch {
	case a.Whole:
		choose = share.Whole
	case a.All:
		choose = share.ChooseOnly
	}
	items := choose(sources(a.Metas, blobs), j.Now())
	return json.Marshal(items)
}

type composeArgs struct {
	Person   share.Person
	Profile  record.ProfileID
	Options  share.Options
	Chosen   []share.Item
	Metas    []record.Meta
	Language []byte
	Tag      string       // of the language
	URL      string       // of the link, with "{id}" for its id
	Share    *share.Share // set: compose again for this link (flag L)
}

type composed struct {
	Share  *share.Share
	Upload share.Upload
}

// bundle composes what was chosen, for whatever way it goes out.
func (j Jobs) bundle(in []byte) (a composeArgs, words share.Words, bundle []byte, err error) {
	blobs, err := unpack(in, &a)
	if err != nil || len(blobs) != len(a.Metas) {
		return a, nil, nil, errFrame
	}
	if words, err = j.Words(a.Language); err != nil {
		return a, nil, nil, err
	}
	bundle, err = share.Compose(a.Options.Shape, a.Person, sources(a.Metas, blobs), a.Chosen, words, j.Now(), j.Rand)
	if err == nil && a.Options.Shape == share.ShapeKTC {
		bundle, _ = share.RenderLink(bundle, words, a.Tag, j.Pen) // programs lose nothing where there is none
	}
	return a, words, bundle, err
}

func (j Jobs) compose(in []byte) ([]byte, error) {
	a, _, bundle, err := j.bundle(in)
	if err != nil {
		return nil, err
	}
	if a.Share != nil {
		jwe, err := a.Share.Reseal(bundle, j.Rand)
		if err != nil {
			return nil, err
		}
		a.Share.Items = a.Chosen
		return json.Marshal(composed{Share: a.Share, Upload: share.Upload{JWE: jwe, Type: fhirType}})
	}
	s, up, err := share.New(a.Options, a.Profile, a.Chosen, bundle, urlOnly{template: a.URL}, j.Now(), j.Rand)
	if err != nil {
		return nil, err
	}
	return json.Marshal(composed{Share: s, Upload: up})
}

const fhirType = "application/fhir+json"

func sources(metas []record.Meta, bodies [][]byte) []share.Source {
	list := make([]share.Source, len(metas))
	for i := range metas {
		list[i] = share.Source{Meta: metas[i], Body: bodies[i]}
	}
	return list
}

// A frame carries one JSON value and any number of byte strings to a worker:
// length (4 bytes, big endian) and content of each.
var errFrame = errors.New("a broken frame")

func pack(v any, blobs ...[]byte) ([]byte, error) {
	head, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	size := 4 + len(head)
	for _, b := range blobs {
		size += 4 + len(b)
	}
	out := make([]byte, 0, size)
	for _, b := range append([][]byte{head}, blobs...) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(b)))
		out = append(out, b...)
	}
	return out, nil
}

func unpack(in []byte, v any) ([][]byte, error) {
	var parts [][]byte
	for len(in) > 0 {
		if len(in) < 4 {
			return nil, errFrame
		}
		n := int(binary.BigEndian.Uint32(in))
		if in = in[4:]; n > len(in) {
			return nil, errFrame
		}
		parts = append(parts, in[:n:n])
		in = in[n:]
	}
	if len(parts) == 0 {
		return nil, errFrame
	}
	if err := json.Unmarshal(parts[0], v); err != nil {
		return nil, errFrame
	}
	return parts[1:], nil
}

func unpackN(in []byte, v any, n int) ([][]byte, error) {
	blobs, err := unpack(in, v)
	if err == nil && len(blobs) != n {
		err = errFrame
	}
	return blobs, err
}
