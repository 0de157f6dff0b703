package wallet_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/wallet"
)

func pageOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPhotographed: pages become one document with the title, date and kind that were
// given, and the document opens as a PDF of them.
func TestPhotographed(t *testing.T) {
	b := newBench(t)
	b.create()
	pages := [][]byte{pageOf(t, 30, 40), pageOf(t, 40, 30)}
	report, err := b.KeepPhotographed(t.Context(), wallet.Photographed{Title: " खून की जाँच ", Date: "2024-03", Kind: wallet.PaperReport, Pages: pages})
	if err != nil || len(report.Files) != 1 || report.Files[0].Err != nil {
		t.Fatalf("%+v, %v", report, err)
	}
	groups := b.Timeline(wallet.Query{}).Groups
	if len(groups) != 1 || groups[0].Title != "खून की जाँच" || groups[0].Date != "2024-03" || groups[0].Source.How != "camera" {
		t.Fatalf("%+v", groups)
	}
	doc, err := b.Document(t.Context(), groups[0].Record)
	if err != nil || len(doc.Views) != 1 {
		t.Fatal(doc, err)
	}
	if a := doc.Views[0].Attachments; len(a) != 1 || a[0].ContentType != string(record.FormatPDF) {
		t.Fatalf("%+v", a)
	}
	_, _, body, err := b.Original(t.Context(), groups[0].Record)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fhir.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	_, pdf, err := f.Attachment(doc.Views[0].Attachments[0])
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, pages[0]) || !bytes.Contains(pdf, pages[1]) {
		t.Errorf("%d bytes, %v", len(pdf), err)
	}
	if !strings.Contains(string(body), `"11502-2"`) {
		t.Error("its kind has no code")
	}
}

func TestPhotographedRefuses(t *testing.T) {
	b := newBench(t)
	b.create()
	page := pageOf(t, 30, 40)
	many := make([][]byte, wallet.MaxSheets+1)
	for name, c := range map[string]struct {
		doc  wallet.Photographed
		want error
	}{
		"no page":      {wallet.Photographed{Title: "a"}, wallet.ErrSheets},
		"too many":     {wallet.Photographed{Title: "a", Pages: many}, wallet.ErrSheets},
		"no title":     {wallet.Photographed{Title: " ", Pages: [][]byte{page}}, wallet.ErrPaperTitle},
		"no such date": {wallet.Photographed{Title: "a", Date: "2024-02-31", Pages: [][]byte{page}}, wallet.ErrPaperDate},
		"tomorrow":     {wallet.Photographed{Title: "a", Date: "2999", Pages: [][]byte{page}}, wallet.ErrPaperFuture},
		"no picture":   {wallet.Photographed{Title: "a", Pages: [][]byte{[]byte("x")}}, wallet.ErrSheet},
		"too large":    {wallet.Photographed{Title: "a", Pages: [][]byte{append(page, make([]byte, record.MaxBytes)...)}}, record.ErrTooBig},
	} {
		if _, err := b.KeepPhotographed(t.Context(), c.doc); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := b.Snapshot().Records; n != 0 {
		t.Errorf("%d records", n)
	}
}

// TestSheets: what the worker is asked, and its refusals, come through.
func TestSheets(t *testing.T) {
	b := newBench(t)
	b.create()
	p := wallet.Pixels{Width: 64, Height: 64, RGBA: make([]byte, 4*64*64)}
	if c, seen, err := b.FindSheet(t.Context(), p); err != nil || seen || c != wallet.WholePicture {
		t.Errorf("%v %v %v", c, seen, err)
	}
	if flat, err := b.StraightenSheet(t.Context(), p, wallet.WholePicture, true); err != nil || flat.Width != 64 || flat.Height != 64 {
		t.Errorf("%d × %d, %v", flat.Width, flat.Height, err)
	}
	if _, err := b.StraightenSheet(t.Context(), p, wallet.Corners{}, false); !errors.Is(err, wallet.ErrCorners) {
		t.Errorf("no corners: %v", err)
	}
	if _, _, err := b.FindSheet(t.Context(), wallet.Pixels{Width: 9, Height: 9}); !errors.Is(err, wallet.ErrSheet) {
		t.Errorf("no pixels: %v", err)
	}
}
