package sheet

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Letters that are drawn: at 150 dots an inch, in four shades, a full page is some 45 kB, and one can still read the
// smallest mark of Devanagari.
const (
	dots   = 150.0 / 72 // a point
	shades = 2          // bits a pixel
)

// Objects of a written PDF: catalogue, pages and title as in Bind, then the fonts.
const (
	thinAt  = 4
	thickAt = 5
	blindAt = 6 // and following: those of invisible text
)

// Write makes a PDF of a paper. at is the page, from 1, on which each part begins. What Helvetica can write is text; the
// rest is drawn by the pen, with the same text invisible over it, so that it can be searched, copied and read aloud. Like
// Bind it names no time and no program. pen may be nil. Errors: ErrPages, ErrPen, that of Pen.Draw.
//
// ISO 32000-1: 9.3.6 (invisible text), 9.6.5 (Type 3 fonts), 9.10.3 (ToUnicode), 7.4.4 (FlateDecode), 8.9 (images).
func Write(p Paper, pen Pen) (pdf []byte, at []int, err error) {
	pages, at, err := place(p, pen)
	if err != nil {
		return nil, nil, err
	}
	w := &writer{}
	blind := blindOf(pages)
	start := blindAt + 3*len(blind.fonts) + 1
	w.preamble(p, len(pages), start)
	blind.write(w)
	for i, runs := range pages {
		if err := w.written(start+3*i, runs, pen, blind); err != nil {
			return nil, nil, err
		}
	}
	w.end()
	return w.b.Bytes(), at, nil
}

func (w *writer) preamble(p Paper, pages, start int) {
	w.b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	kids, lang := "", ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", start+3*i)
	}
	if p.Language != "" {
		lang = " /Lang " + textString(p.Language)
	}
	w.object(1, "<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /DisplayDocTitle true >>"+lang+" >>")
	w.object(2, fmt.Sprintf("<< /Type /Pages /Kids [ %s] /Count %d >>", kids, pages))
	w.object(3, "<< /Title "+textString(clean(p.Title))+" >>")
	for i, f := range []struct{ name, widths string }{{"Helvetica", helvetica}, {"Helvetica-Bold", helveticaBold}} {
		w.object(thinAt+i, fmt.Sprintf("<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding /FirstChar 32 /LastChar 255 /Widths [ %s ] >>", f.name, f.widths))
	}
}

// written writes one page: what was drawn, and the text over it.
func (w *writer) written(n int, runs []Run, pen Pen, blind *blind) error {
	var drawn []Run
	text := strings.Builder{}
	for _, r := range runs {
		if plain(r.Text) {
			font := "F1"
			if r.Bold {
				font = "F2"
			}
			fmt.Fprintf(&text, "BT /%s %s Tf %.2f %.2f Td %s Tj ET\n", font, short(r.Size), r.X, a4Long-r.Y, literal(r.Text))
			continue
		}
		drawn = append(drawn, r)
		text.WriteString(blind.text(r))
	}
	picture, resources := "", "/Font << /F1 4 0 R /F2 5 0 R "+blind.names()+">>"
	if len(drawn) > 0 {
		picture, resources = fmt.Sprintf("q %.2f 0 0 %.2f 0 0 cm /P Do Q\n", a4Short, a4Long), resources+fmt.Sprintf(" /XObject << /P %d 0 R >>", n+2)
	}
	w.object(n, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 %.2f %.2f ] /Resources << %s >> /Contents %d 0 R >>", a4Short, a4Long, resources, n+1))
	w.stream(n+1, "/Filter /FlateDecode", deflated([]byte(picture+text.String())))
	if len(drawn) == 0 {
		w.object(n+2, "null")
		return nil
	}
	return w.drawn(n+2, drawn, pen)
}

// drawn writes what a pen drew.
func (w *writer) drawn(n int, runs []Run, pen Pen) error {
	scale := float64(dots)
	width, height := int(a4Short*scale), int(a4Long*scale)
	grey, err := pen.Draw(width, height, scale, runs)
	if err != nil {
		return fmt.Errorf("drawing a page: %w", err)
	}
	if len(grey) != width*height {
		return ErrPen
	}
	w.stream(n, fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent %d /Filter /FlateDecode",
		width, height, shades), deflated(packed(grey, width)))
	return nil
}

// packed are pixels of four shades, four in a byte; each row begins with a byte of its own (8.9.3).
func packed(grey []byte, width int) []byte {
	var shade [256]byte
	for g := range shade {
		shade[g] = byte((g*3 + 127) / 255)
	}
	row := (width + 3) / 4
	out := make([]byte, len(grey)/width*row)
	for y := 0; y*width < len(grey); y++ {
		from, to := grey[y*width:(y+1)*width], out[y*row:(y+1)*row]
		for x, g := range from {
			to[x>>2] |= shade[g] << (6 - 2*(x&3))
		}
	}
	return out
}

// deflated at the level that compress/zlib takes by itself: the best takes fifteen times as long for three hundredths less.
func deflated(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b) // to memory
	w.Close()
	return out.Bytes()
}

// blind are fonts whose letters show nothing and have the meaning of those that a page shows as a picture. Each holds up to
// 255 letters. Their form is that of Type 3, which carries its letters along, so no reader looks for a font it does not have.
type blind struct {
	fonts [][]rune
	of    map[rune][2]byte // font and code
}

func blindOf(pages [][]Run) *blind {
	b := &blind{of: map[rune][2]byte{}}
	var all []rune
	for _, runs := range pages {
		for _, r := range runs {
			if !plain(r.Text) && !backwards(r.Text) {
				all = append(all, []rune(r.Text)...)
			}
		}
	}
	slices.Sort(all)
	for i, r := range slices.Compact(all) {
		if i/255 > 255 {
			break // 65,025 letters: more than there are scripts for
		}
		if i%255 == 0 {
			b.fonts = append(b.fonts, nil)
		}
		b.of[r] = [2]byte{byte(i / 255), byte(i%255 + 1)}
		b.fonts[i/255] = append(b.fonts[i/255], r)
	}
	return b
}

// names are the fonts among the resources of a page.
func (b *blind) names() (s string) {
	for i := range b.fonts {
		s += fmt.Sprintf("/B%d %d 0 R ", i, blindAt+1+3*i)
	}
	return s
}

// letterWidth of invisible letters, in thousandths. A row of them is drawn out or together to be as wide as what is seen.
const letterWidth = 500

// write writes the letter that shows nothing, and for each font itself, its codes, and what they mean.
func (b *blind) write(w *writer) {
	w.stream(blindAt, "", []byte(strconv.Itoa(letterWidth)+" 0 d0"))
	for i, letters := range b.fonts {
		n := blindAt + 1 + 3*i
		w.object(n, fmt.Sprintf("<< /Type /Font /Subtype /Type3 /FontBBox [ 0 0 1000 1000 ] /FontMatrix [ 0.001 0 0 0.001 0 0 ] /Resources << >>"+
			" /CharProcs << /l %d 0 R >> /Encoding %d 0 R /FirstChar 1 /LastChar %d /Widths [ %s] /ToUnicode %d 0 R >>",
			blindAt, n+1, len(letters), strings.Repeat(strconv.Itoa(letterWidth)+" ", len(letters)), n+2))
		w.object(n+1, "<< /Type /Encoding /Differences [ 1 "+strings.Repeat("/l ", len(letters))+"] >>")
		w.stream(n+2, "/Filter /FlateDecode", deflated([]byte(meanings(letters))))
	}
}

// meanings is the table of what each code stands for (9.10.3; a block of it has a hundred lines at most).
func meanings(letters []rune) string {
	s := "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /L def /CMapType 2 def\n1 begincodespacerange <00> <FF> endcodespacerange\n"
	for from := 0; from < len(letters); from += 100 {
		block := letters[from:min(from+100, len(letters))]
		s += fmt.Sprintf("%d beginbfchar\n", len(block))
		for i, r := range block {
			s += fmt.Sprintf("<%02X> <%s>\n", from+i+1, strings.TrimPrefix(strings.Trim(textString(string(r)), "<>"), "FEFF"))
		}
		s += "endbfchar\n"
	}
	return s + "endcmap CMapName currentdict /CMap defineresource pop end end\n"
}

// text is a run as invisible text. What runs from right to left is only seen: readers do not agree on the order in which
// such text is to be written.
func (b *blind) text(r Run) string {
	n := len([]rune(r.Text))
	if backwards(r.Text) || r.Width <= 0 {
		return ""
	}
	s := fmt.Sprintf("BT 3 Tr %.2f Tz %.2f %.2f Td", 100*r.Width/(float64(n)*r.Size*letterWidth/1000), r.X, a4Long-r.Y)
	font := -1
	codes := ""
	show := func() {
		if codes != "" {
			s += " <" + codes + "> Tj"
		}
		codes = ""
	}
	for _, letter := range r.Text {
		at, ok := b.of[letter]
		if !ok {
			continue
		}
		if int(at[0]) != font {
			show()
			font = int(at[0])
			s += fmt.Sprintf(" /B%d %s Tf", font, short(r.Size))
		}
		codes += fmt.Sprintf("%02X", at[1])
	}
	show()
	return s + " 0 Tr 100 Tz ET\n"
}

func short(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func numbered(page, of int) string { return strconv.Itoa(page) + " / " + strconv.Itoa(of) }
