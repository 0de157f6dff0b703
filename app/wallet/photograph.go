package wallet

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"potli/app/record"
	"potli/app/sheet"
)

// What a page of photographs is made with: see package sheet.
type (
	Pixels  = sheet.Pixels
	Corners = sheet.Corners
	Point   = sheet.Point
)

// WholePicture are the corners of a picture, MaxPixels the longest side it may have.
var WholePicture = sheet.Whole

const MaxPixels = sheet.MaxSide

// MaxSheets is how many pages a photographed document has at most.
const MaxSheets = 30

// Errors of photographed documents.
var (
	ErrCorners     = sheet.ErrCorners
	ErrSheet       = errors.New("no picture of a page")
	ErrSheets      = errors.New("no page, or more pages than a document has")
	ErrPaperTitle  = errors.New("a photographed document needs a title")
	ErrPaperDate   = errors.New("no such date of a paper")
	ErrPaperFuture = errors.New("a paper of a day that has not come yet")
)

// PaperKind is what a paper is, as a person would say.
type PaperKind string

// Kinds of paper. PaperOther has no code: the title says what it is.
const (
	PaperReport       PaperKind = "report"
	PaperImaging      PaperKind = "imaging"
	PaperPrescription PaperKind = "prescription"
	PaperVisit        PaperKind = "visit"
	PaperDischarge    PaperKind = "discharge"
	PaperVaccination  PaperKind = "vaccination"
	PaperBill         PaperKind = "bill"
	PaperOther        PaperKind = "other"
)

// PaperKinds in the order in which they are offered.
var PaperKinds = []PaperKind{PaperReport, PaperPrescription, PaperVisit, PaperDischarge, PaperVaccination, PaperImaging, PaperBill, PaperOther}

// paperCodes are the LOINC codes and names of kinds of document.
var paperCodes = map[PaperKind][2]string{
	PaperReport:       {"11502-2", "Laboratory report"},
	PaperImaging:      {"18748-4", "Diagnostic imaging study"},
	PaperPrescription: {"57833-6", "Prescription for medication"},
	PaperVisit:        {"34108-1", "Outpatient Note"},
	PaperDischarge:    {"18842-5", "Discharge summary"},
	PaperVaccination:  {"11369-6", "History of Immunization note"},
}

// Photographed is a paper document as it was photographed. Title and at least one page
// are needed; Date is a FHIR date of any precision, "" where it is not known.
type Photographed struct {
	Title string
	Date  string
	Kind  PaperKind
	Pages [][]byte // JPEGs, in order
}

// FindSheet suggests where in a picture the paper lies. False: it saw none, and the
// corners are those of the picture.
func (w *Wallet) FindSheet(ctx context.Context, p Pixels) (Corners, bool, error) {
	in, err := packPixels(p, sheetArgs{})
	if err != nil {
		return WholePicture, false, err
	}
	out, err := w.d.Worker.Run(ctx, jobFind, in, nil)
	if err != nil {
		return WholePicture, false, err
	}
	var found sheetFound
	err = unmarshal(out, &found)
	return found.Corners, found.Seen, err
}

// StraightenSheet cuts the paper out of a picture, as seen from above; brighten takes its
// shadows off. Error: ErrCorners.
func (w *Wallet) StraightenSheet(ctx context.Context, p Pixels, c Corners, brighten bool) (Pixels, error) {
	in, err := packPixels(p, sheetArgs{Corners: c, Brighten: brighten})
	if err != nil {
		return Pixels{}, err
	}
	out, err := w.d.Worker.Run(ctx, jobStraighten, in, nil)
	if err != nil {
		return Pixels{}, err
	}
	p, _, err = unpackPixels(out)
	return p, err
}

// KeepPhotographed binds pages into one document and keeps it for the current person: a
// DocumentReference with a PDF inside, so that title, date and kind travel with it.
// Errors: ErrSheets, ErrSheet, ErrPaperTitle, ErrPaperDate, ErrPaperFuture,
// record.ErrTooBig, and those of Import in its report.
func (w *Wallet) KeepPhotographed(ctx context.Context, d Photographed) (*ImportReport, error) {
	body, err := d.document(w.Snapshot().Person().Name, w.d.Now())
	if err != nil {
		return nil, err
	}
	read := func(context.Context) ([]byte, error) { return body, nil }
	return w.Import(ctx, []File{{Name: d.Title, Size: int64(len(body)), How: "camera", Read: read}}), nil
}

func (d Photographed) document(name string, now time.Time) ([]byte, error) {
	d.Title = strings.TrimSpace(d.Title)
	switch {
	case len(d.Pages) == 0 || len(d.Pages) > MaxSheets:
		return nil, ErrSheets
	case d.Title == "":
		return nil, ErrPaperTitle
	}
	switch err := checkBirthDate(d.Date, now); {
	case errors.Is(err, ErrBirthFuture):
		return nil, ErrPaperFuture
	case err != nil:
		return nil, ErrPaperDate
	}
	pdf, err := sheet.Bind(d.Title, d.Pages)
	if err != nil {
		return nil, ErrSheet
	}
	if base64.StdEncoding.EncodedLen(len(pdf)) > record.MaxBytes-4096 {
		return nil, record.ErrTooBig
	}
	return json.Marshal(d.reference(name, base64.StdEncoding.EncodeToString(pdf)))
}

// reference is the DocumentReference (FHIR R4). It has no date of its own, which would be
// the moment it was made and so say again what the wallet knows; the paper's stands in
// its context, where it may be a month or a year.
func (d Photographed) reference(name, data string) map[string]any {
	typ := map[string]any{"text": d.Title}
	if c, ok := paperCodes[d.Kind]; ok {
		typ["coding"] = []any{map[string]any{"system": "http://loinc.org", "code": c[0], "display": c[1]}}
	}
	attachment := map[string]any{"contentType": string(record.FormatPDF), "title": d.Title, "data": data}
	r := map[string]any{
		"resourceType": "DocumentReference", "status": "current", "type": typ, "description": d.Title,
		"subject": map[string]any{"display": name},
		"content": []any{map[string]any{"attachment": attachment}},
	}
	if d.Date != "" {
		attachment["creation"] = d.Date
		r["context"] = map[string]any{"period": map[string]any{"start": d.Date}}
	}
	return r
}

type sheetArgs struct {
	Width, Height int
	Corners       Corners
	Brighten      bool
}

type sheetFound struct {
	Corners Corners
	Seen    bool
}

func packPixels(p Pixels, a sheetArgs) ([]byte, error) {
	if !p.Sane() {
		return nil, ErrSheet
	}
	a.Width, a.Height = p.Width, p.Height
	return pack(a, p.RGBA)
}

func unpackPixels(in []byte) (Pixels, sheetArgs, error) {
	var a sheetArgs
	blobs, err := unpackN(in, &a, 1)
	if err != nil {
		return Pixels{}, a, err
	}
	p := Pixels{Width: a.Width, Height: a.Height, RGBA: blobs[0]}
	if !p.Sane() {
		return Pixels{}, a, ErrSheet
	}
	return p, a, nil
}

func (j Jobs) findSheet(in []byte) ([]byte, error) {
	p, _, err := unpackPixels(in)
	if err != nil {
		return nil, err
	}
	c, ok := sheet.Find(p)
	return json.Marshal(sheetFound{c, ok})
}

func (j Jobs) straightenSheet(in []byte) ([]byte, error) {
	p, a, err := unpackPixels(in)
	if err != nil {
		return nil, err
	}
	if p, err = sheet.Straighten(p, a.Corners); err != nil {
		return nil, err
	}
	if a.Brighten {
		if err := sheet.Brighten(p); err != nil {
			return nil, err
		}
	}
	return packPixels(p, sheetArgs{})
}
