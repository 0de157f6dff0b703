package sheet_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"potli/app/sheet"
)

// bars is a pen that draws each run as a black bar, half as wide a letter as it is high.
type bars struct {
	drawn []sheet.Run
	fault error
	short bool
}

func (b *bars) Width(text string, size float64, _ bool) float64 {
	return float64(utf8.RuneCountInString(text)) * size / 2
}

func (b *bars) Draw(width, height int, scale float64, runs []sheet.Run) ([]byte, error) {
	b.drawn = append(b.drawn, runs...)
	grey := bytes.Repeat([]byte{255}, width*height)
	for _, r := range runs {
		for x := int(r.X * scale); x < int((r.X+r.Width)*scale); x++ {
			grey[int(r.Y*scale)*width+x] = 0
		}
	}
	if b.short {
		grey = grey[1:]
	}
	return grey, b.fault
}

func record(texts ...string) sheet.Paper {
	p := sheet.Paper{Title: "Everything", Head: "Asha Sample  1990-01-01", Side: "Made on 2026-05-01", Language: "hi", Most: 40}
	for i, s := range texts {
		p.Parts = append(p.Parts, sheet.Part{{Style: sheet.Name, Text: fmt.Sprintf("Thing %d", i+1)}, {Label: "Note", Text: s}})
	}
	return p
}

func mustWrite(t testing.TB, p sheet.Paper, pen sheet.Pen) (pdf []byte, at []int) {
	t.Helper()
	pdf, at, err := sheet.Write(p, pen)
	if err != nil {
		t.Fatal(err)
	}
	crossReferenced(t, pdf)
	return pdf, at
}

// crossReferenced: the table of what lies where is right, for readers go by it.
func crossReferenced(t testing.TB, pdf []byte) {
	t.Helper()
	text := string(pdf)
	xref, _ := strconv.Atoi(regexp.MustCompile(`startxref\n(\d+)`).FindStringSubmatch(text)[1])
	rows := strings.Split(text[xref:], "\n")
	n, _ := strconv.Atoi(strings.TrimPrefix(rows[1], "0 "))
	for i := 1; i < n; i++ {
		at, _ := strconv.Atoi(rows[2+i][:10])
		if want := fmt.Sprintf("%d 0 obj\n", i); !strings.HasPrefix(text[at:], want) {
			t.Errorf("object %d is not at %d", i, at)
		}
	}
	for _, ref := range regexp.MustCompile(`(\d+) 0 R`).FindAllStringSubmatch(text, -1) {
		if i, _ := strconv.Atoi(ref[1]); i < 1 || i >= n {
			t.Errorf("object %d is named and not there", i)
		}
	}
}

var streamed = regexp.MustCompile(`(?s)<< ([^\n]*?) /Length (\d+) >>\nstream\n`)

// streams are those of a PDF, unfolded; of pictures only when asked.
func streams(t testing.TB, pdf []byte, pictures bool) (all []string) {
	t.Helper()
	for _, m := range streamed.FindAllSubmatchIndex(pdf, -1) {
		dict := string(pdf[m[2]:m[3]])
		n, _ := strconv.Atoi(string(pdf[m[4]:m[5]]))
		body := pdf[m[1] : m[1]+n]
		if strings.Contains(dict, "/Image") != pictures {
			continue
		}
		if strings.Contains(dict, "FlateDecode") {
			z, err := zlib.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, string(body))
	}
	return all
}

func TestWriteLatin(t *testing.T) {
	pdf, at := mustWrite(t, record("2 tablets (500 mg) after meals – 38 °C, µg/dL, café", `back\slash`), nil)
	if len(at) != 2 || at[0] != 1 || at[1] != 1 {
		t.Errorf("on pages %v", at)
	}
	content := strings.Join(streams(t, pdf, false), "\n")
	for _, want := range []string{`(Everything) Tj`, `(Thing 1) Tj`, "(2 tablets \\(500 mg\\) after meals \x96 38 \xb0C, \xb5g/dL, caf\xe9) Tj", `(back\\slash) Tj`, "(Asha Sample 1990-01-01) Tj", "(1 / 1) Tj", "(Made on 2026-05-01) Tj"} {
		if !strings.Contains(content, want) {
			t.Errorf("no %q", want)
		}
	}
	if bytes.Contains(pdf, []byte("/Image")) {
		t.Error("a picture of what is Latin")
	}
	if len(pdf) > 5000 {
		t.Errorf("%d bytes for a few words", len(pdf))
	}
	again, _ := mustWrite(t, record("2 tablets (500 mg) after meals – 38 °C, µg/dL, café", `back\slash`), nil)
	if !bytes.Equal(pdf, again) {
		t.Error("the same paper gives other bytes")
	}
}

// TestWriteDrawn: what Helvetica cannot write is drawn where its text stands, and the words around it stay text.
func TestWriteDrawn(t *testing.T) {
	pen := &bars{}
	pdf, _ := mustWrite(t, record("Metformin 500 mg सुबह और शाम daily"), pen)
	if len(pen.drawn) != 1 || pen.drawn[0].Text != "सुबह और शाम" {
		t.Fatalf("drawn: %+v", pen.drawn)
	}
	content := strings.Join(streams(t, pdf, false), "\n")
	for _, want := range []string{"(Metformin 500 mg) Tj", "(daily) Tj", "<0938>", "3 Tr"} {
		if !strings.Contains(content, want) {
			t.Errorf("no %q", want)
		}
	}
	pictures := streams(t, pdf, true)
	if len(pictures) != 1 || !strings.Contains(pictures[0], "\x00") || strings.Trim(pictures[0], "\x00\xff\x3f\x0f\x03\xfc\xf0\xc0") != "" {
		t.Error("the picture is not black on white")
	}
	if len(pdf) > 20_000 {
		t.Errorf("%d bytes", len(pdf))
	}
}

// TestWriteWraps: nothing is wider than its column, nothing lies under the foot, and no word is lost.
func TestWriteWraps(t *testing.T) {
	words := strings.Repeat("पैरासिटामोल परीक्षण ", 40) + strings.Repeat("क्षे", 900) + " ends"
	pen := &bars{}
	_, at := mustWrite(t, record(words, words, words, words), pen)
	if at[0] != 1 || at[3] < 2 {
		t.Errorf("on pages %v", at)
	}
	got := ""
	for _, r := range pen.drawn {
		got += r.Text
		if r.X+r.Width > 595.28-45+.1 || r.X < 45 || r.Y < 45 || r.Y > 841.89-45 {
			t.Fatalf("beyond the page: %q at %.0f, %.0f, %.0f wide", r.Text, r.X, r.Y, r.Width)
		}
		if first, _ := utf8.DecodeRuneInString(r.Text); strings.ContainsRune("े्ाि", first) {
			t.Errorf("a row begins with the mark of a letter: %q", r.Text)
		}
		if strings.HasSuffix(r.Text, "्") {
			t.Errorf("a letter is parted from what it is joined to: %q", r.Text)
		}
	}
	squeeze := strings.NewReplacer(" ", "", "ends", "")
	if want := strings.Repeat(squeeze.Replace(words), 4); squeeze.Replace(got) != want {
		t.Errorf("%d letters of %d", len(squeeze.Replace(got)), len(want))
	}
}

// TestWriteBackwards: a row with letters from right to left goes to the browser whole, which puts its words in order.
func TestWriteBackwards(t *testing.T) {
	pen := &bars{}
	mustWrite(t, record("take دو گولیاں daily"), pen)
	if len(pen.drawn) != 1 || pen.drawn[0].Text != "take دو گولیاں daily" {
		t.Errorf("%+v", pen.drawn)
	}
	mustWrite(t, record("safe\u202etext\x1b[2J"), nil) // what turns letters about is no letter
}

func TestWriteRefuses(t *testing.T) {
	hindi, long := record("दवा"), record(strings.Repeat("word ", 9000))
	long.Most = 2
	broken := errors.New("no canvas")
	for name, tt := range map[string]struct {
		p    sheet.Paper
		pen  sheet.Pen
		want error
	}{
		"no pen":          {hindi, nil, sheet.ErrPen},
		"a broken pen":    {hindi, &bars{fault: broken}, broken},
		"half a picture":  {hindi, &bars{short: true}, sheet.ErrPen},
		"a bad width":     {hindi, &badWidth{}, sheet.ErrPen},
		"too many pages":  {long, nil, sheet.ErrPages},
		"no page allowed": {sheet.Paper{Title: "t"}, nil, sheet.ErrPages},
		"an endless word": {sheet.Paper{Most: 3, Parts: []sheet.Part{{{Text: strings.Repeat("x", 1<<20)}}}}, nil, sheet.ErrPages},
	} {
		if pdf, _, err := sheet.Write(tt.p, tt.pen); !errors.Is(err, tt.want) || pdf != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type badWidth struct{ bars }

func (badWidth) Width(string, float64, bool) float64 { return -1 }

// TestWriteIsRead has an independent reader take the text out again, that of pictures too.
func TestWriteIsRead(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("not read by anybody else: pdftotext (poppler-utils) is not here")
	}
	pdf, _ := mustWrite(t, record("Metformin 500 mg", "मेटफॉर्मिन की गोली, सुबह और शाम ≥ 2", strings.Repeat("परीक्षण ", 800)), &bars{})
	cmd := exec.Command(tool, "-raw", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Metformin 500 mg", "मेटफॉर्मिन की गोली, सुबह और शाम ≥", "Asha Sample", "2 / 2"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("read without %q:\n%s", want, out[:min(len(out), 800)])
		}
	}
	if n := strings.Count(string(out), "परीक्षण"); n != 800 {
		t.Errorf("%d words of 800", n)
	}
}

func FuzzWrite(f *testing.F) {
	f.Add("Haemoglobin", "11.2 g/dL")
	f.Add("दवा\n\nनोट", "\x00\xff\u202e \t ")
	f.Add("("+strings.Repeat("\\", 600), "👩‍👩‍👧 שלום \U0010ffff")
	f.Fuzz(func(t *testing.T, label, text string) {
		p := sheet.Paper{Title: label, Head: text, Side: label, Language: text, Most: 3, Parts: []sheet.Part{{{Style: sheet.Heading, Label: label, Text: text}}, {{Text: label}}}}
		pdf, at, err := sheet.Write(p, &bars{})
		if err != nil {
			if !errors.Is(err, sheet.ErrPages) {
				t.Error(err)
			}
			return
		}
		if len(at) != 2 {
			t.Error("a part is not told of")
		}
		crossReferenced(t, pdf)
	})
}
