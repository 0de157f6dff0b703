// Package applehealth reads the archive that Apple's Health app exports: the
// clinical records in it, as they came from hospitals, and the measurements, which
// it makes FHIR of.
//
//	export.zip, up to gigabytes
//	 ├ apple_health_export/export.xml        every measurement, streamed once
//	 ├ apple_health_export/export_cda.xml    some of them again, as a C-CDA document
//	 └ apple_health_export/clinical-records/*.json   FHIR resources
//
// The archive is never in memory: it is read in pieces from an io.ReaderAt, and
// what is kept of export.xml is bounded by days, not by its length. Names of files
// may be translated (Exportar.xml), so that files are known by what is in them.
// Nothing is unpacked to anywhere: a path in the archive is only a label.
package applehealth

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Limits.
const (
	MaxSize     = 4 << 30  // of the archive
	MaxFile     = 25 << 20 // of a clinical record, or the document
	MaxClinical = 20_000
	maxList     = 64 << 20 // of the archive's table of contents
	maxXML      = 20 << 30 // of export.xml, unpacked
	maxLooked   = 12       // XML files that are opened to see what they are
)

// Errors.
var (
	// ErrNotHealth: a ZIP archive, but none of Apple Health.
	ErrNotHealth = errors.New("no Apple Health export")
	ErrDamaged   = errors.New("a damaged Apple Health export")
	ErrTooBig    = errors.New("an Apple Health export beyond the limit")
)

// Export is an archive that was opened. It is not safe for concurrent use.
type Export struct {
	measured *zip.File // export.xml; nil: none
	document *zip.File // export_cda.xml; nil: none
	clinical []*zip.File
}

// Open looks at what an archive of size bytes holds. r may be slow: it is asked
// for pieces of a megabyte. Errors: ErrNotHealth, ErrDamaged, ErrTooBig, those of r.
func Open(r io.ReaderAt, size int64) (*Export, error) {
	if size > MaxSize {
		return nil, ErrTooBig
	}
	b := &pieces{r: r, size: size, left: maxList}
	z, err := zip.NewReader(b, size)
	if err != nil {
		return nil, b.fault(err)
	}
	b.left = 0
	e := &Export{}
	var pages []*zip.File
	for _, f := range z.File {
		name := strings.ReplaceAll(f.Name, `\`, "/")
		switch ext := strings.ToLower(path.Ext(name)); {
		case ext == ".json" && strings.Contains(name, "clinical-records/"):
			e.clinical = append(e.clinical, f)
		case ext == ".xml" && strings.Count(name, "/") <= 2:
			pages = append(pages, f)
		}
	}
	if len(e.clinical) > MaxClinical {
		return nil, ErrTooBig
	}
	slices.SortFunc(e.clinical, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	if err := e.sort(b, pages); err != nil {
		return nil, err
	}
	if e.measured == nil && len(e.clinical) == 0 {
		return nil, ErrNotHealth
	}
	return e, nil
}

// sort tells the XML files apart.
func (e *Export) sort(b *pieces, pages []*zip.File) error {
	for _, f := range pages[:min(len(pages), maxLooked)] {
		head, err := read(f, 64<<10, true)
		if err != nil {
			return b.fault(err)
		}
		switch {
		case bytes.Contains(head, []byte("<ClinicalDocument")) && e.document == nil:
			e.document = f
		case bytes.Contains(head, []byte("<HealthData")) && e.measured == nil:
			e.measured = f
		}
	}
	return nil
}

// read reads a file of the archive up to n bytes. cut: what is longer is cut off,
// else it is an error.
func read(f *zip.File, n int64, cut bool) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, n+1))
	if int64(len(b)) <= n {
		return b, err
	}
	if !cut {
		return nil, ErrTooBig
	}
	return b[:n], nil
}

// Clinical is how many clinical records there are.
func (e *Export) Clinical() int { return len(e.clinical) }

// Record reads a clinical record and says how its file is called. Errors:
// ErrTooBig, ErrDamaged, those of the source.
func (e *Export) Record(i int) (name string, b []byte, err error) {
	f := e.clinical[i]
	name = label(f)
	b, err = read(f, MaxFile, false)
	return name, b, damaged(err)
}

// Document reads the C-CDA document, which repeats some of the measurements; nil:
// there is none.
func (e *Export) Document() (name string, b []byte, err error) {
	if e.document == nil {
		return "", nil, nil
	}
	b, err = read(e.document, MaxFile, false)
	return label(e.document), b, damaged(err)
}

// HasDocument says whether there is one.
func (e *Export) HasDocument() bool { return e.document != nil }

// Measured is how many bytes Look will read; 0: there are no measurements.
func (e *Export) Measured() int64 {
	if e.measured == nil {
		return 0
	}
	return int64(min(e.measured.UncompressedSize64, maxXML))
}

// label is the last part of a file's path.
func label(f *zip.File) string { return path.Base(strings.ReplaceAll(f.Name, `\`, "/")) }

// damaged names what is wrong with an archive.
func damaged(err error) error {
	if errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrAlgorithm) || errors.Is(err, io.ErrUnexpectedEOF) || flate(err) {
		return errors.Join(ErrDamaged, err)
	}
	return err
}

// flate says whether err is one of the decompressor, whose types are not worth naming.
func flate(err error) bool { return err != nil && strings.HasPrefix(err.Error(), "flate: ") }

// pieces reads ahead: a browser hands out a piece of a file as slowly as a small
// one as a large one.
type pieces struct {
	r      io.ReaderAt
	size   int64
	left   int64 // bytes that may still be read; 0: no limit
	failed error
	kept   [4]piece
	next   int
}

type piece struct {
	at int64
	b  []byte
}

const pieceSize = 1 << 20

var errLeft = errors.New("the table of contents is beyond the limit")

// fault tells errors of the source from those of what it holds.
func (p *pieces) fault(err error) error {
	switch {
	case errors.Is(err, errLeft):
		return ErrTooBig
	case p.failed != nil:
		return p.failed
	case errors.Is(err, zip.ErrFormat), errors.Is(err, fs.ErrNotExist):
		return errors.Join(ErrDamaged, err)
	}
	return damaged(err)
}

func (p *pieces) ReadAt(b []byte, off int64) (n int, err error) {
	if off < 0 { // a table of contents can say so
		return 0, zip.ErrFormat
	}
	for n < len(b) {
		if off+int64(n) >= p.size {
			return n, io.EOF
		}
		from, err := p.piece((off + int64(n)) / pieceSize * pieceSize)
		if err != nil {
			return n, err
		}
		start := off + int64(n) - from.at
		if start >= int64(len(from.b)) {
			return n, io.ErrUnexpectedEOF
		}
		n += copy(b[n:], from.b[start:])
	}
	return n, nil
}

func (p *pieces) piece(at int64) (*piece, error) {
	for i := range p.kept {
		if k := &p.kept[i]; k.b != nil && k.at == at {
			return k, nil
		}
	}
	size := min(pieceSize, p.size-at)
	if p.left > 0 {
		if p.left -= size; p.left <= 0 {
			return nil, errLeft
		}
	}
	k := &p.kept[p.next]
	p.next = (p.next + 1) % len(p.kept)
	if int64(cap(k.b)) < size {
		k.b = make([]byte, size)
	}
	k.at, k.b = at, k.b[:size]
	n, err := p.r.ReadAt(k.b, at)
	if n < len(k.b) {
		k.b = nil
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		} else {
			p.failed = err
		}
		return nil, err
	}
	return k, nil
}
