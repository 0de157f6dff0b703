package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf16"
)

// ErrJPEG: not a JPEG that a PDF can hold as it is.
var ErrJPEG = errors.New("not a JPEG of a page")

// Bind makes a PDF of pages that are JPEGs, each as it is: one picture a page, as large
// as fits on A4, standing or lying as it does. title is what a reader shows in its
// window. It holds no date and no name of a program, so the same pages give the same
// bytes. Errors: ErrJPEG.
//
// ISO 32000-1: 7.5 (structure), 7.9.2 (text strings), 8.9 (images), 7.4.8 (DCTDecode).
func Bind(title string, pages [][]byte) ([]byte, error) {
	if len(pages) == 0 {
		return nil, ErrJPEG
	}
	w := &writer{}
	w.b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", first+3*i)
	}
	w.object(1, "<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /DisplayDocTitle true >> >>")
	w.object(2, fmt.Sprintf("<< /Type /Pages /Kids [ %s] /Count %d >>", kids, len(pages)))
	w.object(3, "<< /Title "+textString(title)+" >>")
	for i, jpeg := range pages {
		if err := w.page(first+3*i, jpeg); err != nil {
			return nil, err
		}
	}
	w.end()
	return w.b.Bytes(), nil
}

// first is the number of the first page's object; each page has three.
const first = 4

// A4 in points of 1/72 inch.
const a4Short, a4Long = 595.28, 841.89

type writer struct {
	b  bytes.Buffer
	at []int // where each object begins
}

func (w *writer) begin(n int) {
	for len(w.at) < n {
		w.at = append(w.at, 0)
	}
	w.at[n-1] = w.b.Len()
	fmt.Fprintf(&w.b, "%d 0 obj\n", n)
}

func (w *writer) object(n int, body string) {
	w.begin(n)
	w.b.WriteString(body + "\nendobj\n")
}

func (w *writer) stream(n int, dict string, body []byte) {
	w.begin(n)
	fmt.Fprintf(&w.b, "<< %s /Length %d >>\nstream\n", dict, len(body))
	w.b.Write(body)
	w.b.WriteString("\nendstream\nendobj\n")
}

// page writes one page, what is drawn on it, and its picture.
func (w *writer) page(n int, jpeg []byte) error {
	width, height, colours, ok := sizeOf(jpeg)
	if !ok {
		return ErrJPEG
	}
	space := map[int]string{1: "/DeviceGray", 3: "/DeviceRGB"}[colours]
	if space == "" {
		return ErrJPEG
	}
	pw, ph := a4Short, a4Long
	if width > height {
		pw, ph = ph, pw
	}
	scale := min(pw/float64(width), ph/float64(height))
	iw, ih := scale*float64(width), scale*float64(height)
	w.object(n, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 %.2f %.2f ] /Resources << /XObject << /P %d 0 R >> >> /Contents %d 0 R >>", pw, ph, n+2, n+1))
	w.stream(n+1, "", fmt.Appendf(nil, "q %.2f 0 0 %.2f %.2f %.2f cm /P Do Q", iw, ih, (pw-iw)/2, (ph-ih)/2))
	w.stream(n+2, fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 /Filter /DCTDecode", width, height, space), jpeg)
	return nil
}

func (w *writer) end() {
	start := w.b.Len()
	fmt.Fprintf(&w.b, "xref\n0 %d\n0000000000 65535 f \n", len(w.at)+1)
	for _, at := range w.at {
		fmt.Fprintf(&w.b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&w.b, "trailer\n<< /Size %d /Root 1 0 R /Info 3 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(w.at)+1, start)
}

// textString writes text of any script: UTF-16 with its mark, in hexadecimal.
func textString(s string) string {
	out := "<FEFF"
	for _, u := range utf16.Encode([]rune(s)) {
		out += fmt.Sprintf("%04X", u)
	}
	return out + ">"
}

// sizeOf reads the frame header of a JPEG: baseline, extended or progressive
// (ITU-T T.81, B.2.2). Eight bits a colour are what a PDF takes and browsers write.
func sizeOf(b []byte) (width, height, colours int, ok bool) {
	if len(b) < 4 || b[0] != 0xff || b[1] != 0xd8 {
		return 0, 0, 0, false
	}
	for i := 2; i+9 < len(b); {
		if b[i] != 0xff {
			return 0, 0, 0, false
		}
		marker, length := b[i+1], int(b[i+2])<<8|int(b[i+3])
		switch {
		case marker == 0xff:
			i++
			continue
		case marker >= 0xc0 && marker <= 0xc2:
			height, width = int(b[i+5])<<8|int(b[i+6]), int(b[i+7])<<8|int(b[i+8])
			return width, height, int(b[i+9]), b[i+4] == 8 && width > 0 && height > 0
		case marker == 0xda || length < 2:
			return 0, 0, 0, false
		}
		i += 2 + length
	}
	return 0, 0, 0, false
}
