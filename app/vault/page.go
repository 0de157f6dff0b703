package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"potli/app/record"
)

// The body of a page, since potli-index/3:
//
//	potli-index/3\n
//	number of rows
//	each row: its length in bytes, then
//	    object, SHA-256 of the sealed bytes (32 bytes), sequence number,
//	    epoch and profile of the key it is sealed to,
//	    0 and the name of a document, or 1 and of a record:
//	    format, size, SHA-256 of the original (32 bytes), added (seconds, nanoseconds),
//	    source (how, name, host, link), title, date, and to the end the outline
//
// Numbers are varints as in encoding/binary, a string is its length and its
// bytes. It is not JSON because all of it is read at every opening, on the thread
// of the screen: ten thousand rows of JSON took a phone half a minute. A row says
// everything itself, so that a write copies the rows around it as they are.
//
// potli-index/2 had no epoch, and the profile of a record before its format;
// potli-index/1 was JSON. They are read for ever, and everything in them is of
// epoch 0. JSON is written anew when it is met, the other when it changes.
const (
	pageVersion = "potli-index/3\n"
	pagePlain   = "potli-index/2\n"
	pageFamily  = "potli-index/"
	pageJSON    = "potli-index/1"
)

// packRow writes r into its own packed form. A row is never changed afterwards.
func packRow(r *row) *row {
	var p packer
	p.str(r.Object)
	p.b = append(p.b, r.Sealed[:]...)
	p.num(r.Seq)
	p.num(uint64(r.Epoch))
	p.str(string(r.Profile))
	if r.Meta == nil {
		p.num(0)
		p.str(r.Doc)
		r.packed = string(p.b)
		return r
	}
	m := r.Meta
	p.num(1)
	p.str(string(m.Format))
	p.num(uint64(m.Size))
	p.b = append(p.b, r.original[:]...)
	p.int(int(m.Added.Unix()))
	p.num(uint64(m.Added.Nanosecond()))
	for _, s := range []string{m.Source.How, m.Source.Name, m.Source.Host, m.Source.Link, m.Title, m.Date} {
		p.str(s)
	}
	head := len(p.b)
	p.b = append(p.b, r.outline...)
	r.packed = string(p.b)
	r.outline = r.packed[head:]
	return r
}

// readRow reads a packed row into r and, for a record, m. The strings are parts
// of s. Meta's SHA256 is left for the caller.
func readRow(s string, r *row, m *record.Meta) bool {
	u := unpacker{s: s}
	r.packed = s
	r.begin(&u)
	r.Epoch, r.Profile = u.epoch(), record.ProfileID(u.str())
	switch u.num() {
	case 0:
		r.Doc = u.str()
		return !u.bad && u.s == "" && r.sane()
	case 1:
	default:
		return false
	}
	m.Profile = r.Profile
	r.rest(&u, m)
	return !u.bad && r.sane()
}

// readPlainRow is readRow for potli-index/2.
func readPlainRow(s string, r *row, m *record.Meta) bool {
	u := unpacker{s: s}
	r.begin(&u)
	switch u.num() {
	case 0:
		r.Doc = u.str()
		return !u.bad && u.s == "" && r.sane()
	case 1:
	default:
		return false
	}
	m.Profile = record.ProfileID(u.str())
	r.Profile = m.Profile
	r.rest(&u, m)
	return !u.bad && r.sane()
}

// begin reads what every row begins with.
func (r *row) begin(u *unpacker) {
	r.Object = u.str()
	copy(r.Sealed[:], u.take(sha256.Size))
	r.Seq = u.num()
}

// rest reads what a record's row ends with.
func (r *row) rest(u *unpacker, m *record.Meta) {
	_, id, _ := strings.Cut(r.Object, "/")
	m.ID, m.Format, m.Size = record.ID(id), record.Format(u.str()), int(u.num())
	copy(r.original[:], u.take(sha256.Size))
	seconds, nanos := u.int(), u.num()
	m.Added = time.Unix(int64(seconds), int64(nanos)).UTC()
	m.Source = record.Source{How: u.str(), Name: u.str(), Host: u.str(), Link: u.str()}
	m.Title, m.Date = u.str(), u.str()
	r.Meta, r.outline = m, u.s
}

// packPage writes the body of a page.
func packPage(rows []*row) []byte {
	size := len(pageVersion) + 5
	for _, r := range rows {
		size += len(r.packed) + 5
	}
	p := packer{b: append(make([]byte, 0, size), pageVersion...)}
	p.num(uint64(len(rows)))
	for _, r := range rows {
		p.str(r.packed)
	}
	return p.b
}

var errPage = errors.New("not a page of the index")

// readPage reads the body of a page of any release; old says that it was JSON.
// Outlines are not looked at. Errors: errPage, ErrVersion.
func readPage(body []byte) (rows []*row, old bool, err error) {
	s := string(body)
	if rest, ok := strings.CutPrefix(s, pageVersion); ok {
		rows, err = readRows(rest, readRow)
		return rows, false, err
	}
	if rest, ok := strings.CutPrefix(s, pagePlain); ok {
		rows, err = readRows(rest, readPlainRow)
		for _, r := range rows {
			packRow(r)
		}
		return rows, false, err
	}
	if strings.HasPrefix(s, pageFamily) {
		return nil, false, ErrVersion
	}
	rows, err = readJSON(body)
	return rows, true, err
}

func readRows(s string, read func(string, *row, *record.Meta) bool) ([]*row, error) {
	u := unpacker{s: s}
	n := u.count()
	rows, metas, held := make([]*row, n), make([]record.Meta, n), make([]row, n)
	hashes := make([]byte, 0, n*2*sha256.Size)
	for i := range rows {
		r := &held[i]
		if !read(u.str(), r, &metas[i]) {
			return nil, errPage
		}
		rows[i], hashes = r, hex.AppendEncode(hashes, r.original[:])
	}
	if u.bad || u.s != "" || n == 0 {
		return nil, errPage
	}
	text := string(hashes) // one allocation for all of them
	for i := range metas {
		metas[i].SHA256, text = text[:2*sha256.Size], text[2*sha256.Size:]
	}
	return rows, nil
}

// leaf and leafRow are what a page was in potli-index/1.
type leaf struct {
	Version string     `json:"version"`
	Rows    []*leafRow `json:"rows"`
}

type leafRow struct {
	Object string       `json:"object"`
	Sealed string       `json:"sealed"`
	Seq    uint64       `json:"seq"`
	Meta   *record.Meta `json:"meta,omitempty"`
	Doc    string       `json:"doc,omitempty"`
}

func readJSON(body []byte) ([]*row, error) {
	var l leaf
	if json.Unmarshal(body, &l) != nil {
		return nil, errPage
	}
	if l.Version != pageJSON {
		return nil, ErrVersion
	}
	rows := make([]*row, 0, len(l.Rows))
	for _, o := range l.Rows {
		if o == nil {
			return nil, errPage
		}
		r := &row{Object: o.Object, Seq: o.Seq, Doc: o.Doc}
		if !readHash(&r.Sealed, o.Sealed) || o.Meta != nil && !r.describe(*o.Meta) || !r.sane() {
			return nil, errPage
		}
		rows = append(rows, packRow(r))
	}
	if len(rows) == 0 {
		return nil, errPage
	}
	return rows, nil
}

func readHash(h *[sha256.Size]byte, s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && copy(h[:], raw) == len(h) && len(raw) == len(h)
}
