package record_test

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The pictures and PDF files of the sample family and of the tests are drawn
// here, so that nobody has to trust a binary file: go test ./app/record -update
// writes them again.
var update = flag.Bool("update", false, "write the drawn fixtures")

func TestFixturesAreOurs(t *testing.T) {
	for path, want := range map[string][]byte{
		"testdata/report.pdf":                          page("TEST REPORT", "Not a real person.", "Haemoglobin 13.2 g/dL"),
		"testdata/card.jpg":                            jpegOf(card(0)),
		"testdata/card.png":                            pngOf(card(1)),
		"testdata/card.webp":                           webpBytes(),
		"../../web/sample/sample_vaccination_card.jpg": jpegOf(card(2)),
		"../../web/sample/sample_eye_report.pdf": page("SAMPLE: not a real person", "Eye examination", "", "Raghunath Sharma, born 14 March 1958", "Sample Eye Clinic, Pune",
			"2 October 2026", "", "Sight, right eye, with glasses: 6/9", "Sight, left eye, with glasses: 6/12", "Pressure, right and left: 16 and 17 mmHg",
			"Retina: no change from diabetes seen", "", "Early cataract of the left eye. Check again in one year.", "Dr. Maya Sample"),
	} {
		path = filepath.FromSlash(path)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if ext := filepath.Ext(path); ext == ".png" || ext == ".jpg" { // the encoders of another Go may write other bytes
			a, _, err1 := image.Decode(bytes.NewReader(got))
			b, _, err2 := image.Decode(bytes.NewReader(want))
			if err1 != nil || err2 != nil || a.Bounds() != b.Bounds() {
				t.Errorf("%s is not the picture drawn here: %v, %v", path, err1, err2)
			}
			continue
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what is drawn here; -update writes it again", path)
		}
	}
}

// page is a PDF of one page with lines of Helvetica.
func page(lines ...string) []byte {
	var text strings.Builder
	text.WriteString("BT /F1 18 Tf 72 760 Td 26 TL\n")
	for i, l := range lines {
		if i == 1 {
			text.WriteString("/F1 13 Tf 20 TL\n")
		}
		fmt.Fprintf(&text, "(%s) Tj T*\n", strings.NewReplacer("(", `\(`, ")", `\)`, `\`, `\\`).Replace(l))
	}
	text.WriteString("ET")
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", text.Len(), text.String()),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj%s endobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

func jpegOf(m image.Image) []byte {
	var b bytes.Buffer
	jpeg.Encode(&b, m, &jpeg.Options{Quality: 60})
	return b.Bytes()
}

func pngOf(m image.Image) []byte {
	var b bytes.Buffer
	png.Encode(&b, m)
	return b.Bytes()
}

// card draws a vaccination card: 0 and 1 small ones for tests, 2 the sample.
func card(kind int) image.Image {
	w, h, scale := 320, 200, 2
	if kind == 2 {
		w, h, scale = 900, 600, 4
	}
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	fill := func(r image.Rectangle, c color.Color) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				m.Set(x, y, c)
			}
		}
	}
	ink, line := color.RGBA{30, 40, 90, 255}, color.RGBA{150, 160, 190, 255}
	fill(m.Bounds(), color.RGBA{250, 244, 222, 255})
	fill(image.Rect(0, 0, w, 14*scale), color.RGBA{219, 234, 242, 255})
	y := 4 * scale
	rows := []string{"SAMPLE VACCINATION CARD", "AARAV SHARMA  11.02.2020", "BCG            12.02.2020", "OPV 0          12.02.2020", "HEP B          12.02.2020",
		"PENTA 1        27.03.2020", "PENTA 2        26.04.2020", "PENTA 3        28.05.2020", "MR 1           18.11.2020", "MR 2           05.08.2021"}
	if kind < 2 {
		rows = []string{"TEST CARD", "NOT A REAL PERSON", "BCG   12.02.2020"}
	}
	for i, r := range rows {
		write(m, 6*scale, y, scale, r, ink)
		y += 13 * scale
		if i > 0 {
			fill(image.Rect(6*scale, y-3*scale, w-6*scale, y-3*scale+1), line)
		}
	}
	return m
}

func write(m *image.RGBA, x, y, scale int, text string, c color.Color) {
	for _, r := range text {
		for row, bits := range font[r] {
			for col := range 5 {
				if bits>>(4-col)&1 == 0 {
					continue
				}
				for dy := range scale {
					for dx := range scale {
						m.Set(x+col*scale+dx, y+row*scale+dy, c)
					}
				}
			}
		}
		x += 6 * scale
	}
}

// font is five dots wide and seven high: one number a row.
var font = map[rune][7]uint8{
	'A': {14, 17, 17, 31, 17, 17, 17}, 'B': {30, 17, 17, 30, 17, 17, 30}, 'C': {14, 17, 16, 16, 16, 17, 14}, 'D': {30, 17, 17, 17, 17, 17, 30},
	'E': {31, 16, 16, 30, 16, 16, 31}, 'F': {31, 16, 16, 30, 16, 16, 16}, 'G': {14, 17, 16, 23, 17, 17, 14}, 'H': {17, 17, 17, 31, 17, 17, 17},
	'I': {14, 4, 4, 4, 4, 4, 14}, 'L': {16, 16, 16, 16, 16, 16, 31}, 'M': {17, 27, 21, 21, 17, 17, 17}, 'N': {17, 25, 21, 19, 17, 17, 17},
	'O': {14, 17, 17, 17, 17, 17, 14}, 'P': {30, 17, 17, 30, 16, 16, 16}, 'R': {30, 17, 17, 30, 20, 18, 17}, 'S': {15, 16, 16, 14, 1, 1, 30},
	'T': {31, 4, 4, 4, 4, 4, 4}, 'V': {17, 17, 17, 17, 17, 10, 4}, 'X': {17, 17, 10, 4, 10, 17, 17},
	'0': {14, 17, 19, 21, 25, 17, 14}, '1': {4, 12, 4, 4, 4, 4, 14}, '2': {14, 17, 1, 6, 8, 16, 31}, '3': {30, 1, 1, 14, 1, 1, 30},
	'4': {2, 6, 10, 18, 31, 2, 2}, '5': {31, 16, 30, 1, 1, 17, 14}, '6': {14, 16, 30, 17, 17, 17, 14}, '7': {31, 1, 2, 4, 8, 8, 8},
	'8': {14, 17, 17, 14, 17, 17, 14}, '9': {14, 17, 17, 15, 1, 1, 14}, '.': {0, 0, 0, 0, 0, 12, 12},
}
