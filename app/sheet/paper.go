package sheet

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Errors of Write.
var (
	ErrPages = errors.New("more pages than are allowed")
	ErrPen   = errors.New("there is nothing to draw these letters with")
)

// Paper is what is to be written on pages of A4.
type Paper struct {
	Title    string // of the whole, over the first page and in the reader's window
	Head     string // begins every page: whose it is
	Side     string // at the end of the same line: of when
	Language string // BCP 47, "" if not known
	Parts    []Part
	Most     int // how many pages there may be
}

// Part is one thing to read. Its name does not stand alone at the foot of a page.
type Part []Line

// Line is a paragraph. Label stands to the left of Text.
type Line struct {
	Style       Style
	Label, Text string
}

// Style is how a line is written.
type Style uint8

const (
	Body    Style = iota
	Small         // what matters less
	Name          // of a thing
	Heading       // over several
	title
)

// styles: size in points, bold, and the room above in points.
var styles = [...]struct {
	size  float64
	bold  bool
	above float64
}{Body: {9.5, false, 0}, Small: {8.5, false, 0}, Name: {10.5, true, 7}, Heading: {12.5, true, 14}, title: {16, true, 2}}

// Measures of a page, in points. A line of Devanagari needs more room above and below than one of Latin.
const (
	margin   = 45.0
	labelled = 140.0 // where the text beside a label begins
	leading  = 1.42
	rise     = 1.05 // of the baseline under the top of its line
	widest   = a4Short - 2*margin
	lowest   = a4Long - margin - 14
)

// Run is a piece of text where it stands on its page: X and Y, in points from the upper left corner, are where its
// baseline begins.
type Run struct {
	Text  string
	X, Y  float64
	Size  float64
	Bold  bool
	Width float64
}

// Pen writes what Helvetica cannot: a browser's canvas shapes every script with the fonts of the device.
type Pen interface {
	// Width is how wide a text is, in points.
	Width(text string, size float64, bold bool) float64
	// Draw writes runs in black on a white page of so many pixels, scale of them a point, and returns a byte a pixel: 0
	// black, 255 white. Any error: it could not.
	Draw(width, height int, scale float64, runs []Run) ([]byte, error)
}

// layout puts lines on pages.
type layout struct {
	pen         Pen
	thin, thick metric
	most        int
	pages       [][]Run
	y           float64
	missing     bool // a pen was needed and there is none
}

// place puts a paper on pages. at is the page, from 1, on which each part begins. Errors: ErrPages, ErrPen.
func place(p Paper, pen Pen) (pages [][]Run, at []int, err error) {
	l := &layout{pen: pen, thin: measures(helvetica), thick: measures(helveticaBold), most: p.Most}
	l.turn()
	l.line(Line{Style: title, Text: p.Title})
	for _, part := range p.Parts {
		if err := l.fault(); err != nil {
			return nil, nil, err
		}
		at = append(at, l.part(part))
	}
	if err := l.fault(); err != nil {
		return nil, nil, err
	}
	for i := range l.pages {
		l.frame(i, p)
	}
	return l.pages, at, l.fault()
}

func (l *layout) fault() error {
	switch {
	case l.missing:
		return ErrPen
	case len(l.pages) > l.most:
		return ErrPages
	}
	return nil
}

// turn begins a page, below its head.
func (l *layout) turn() {
	l.pages = append(l.pages, nil)
	l.y = margin + 20
}

// part writes one, and returns on which page it begins.
func (l *layout) part(part Part) (at int) {
	for i, line := range part {
		if line.Style >= Name && i+1 < len(part) && l.y+heads(part[i:]) > lowest {
			l.turn()
		}
		if n := l.line(line); i == 0 {
			at = n
		}
		if l.fault() != nil {
			return 0
		}
	}
	return at
}

// heads is how high the names are with which a part begins, and two rows of what they are the names of.
func heads(part Part) float64 {
	high := 2 * styles[Body].size * leading
	for _, line := range part {
		if line.Style < Name {
			break
		}
		high += styles[line.Style].above + styles[line.Style].size*leading
	}
	return high
}

// line writes a line, as many rows of it as it takes, and returns the page of the first.
func (l *layout) line(line Line) (at int) {
	s := styles[line.Style]
	label, from := clean(line.Label), 0.0
	var labels, rows []string
	if label != "" {
		from = labelled
		labels = l.wrap(label, s.size, s.bold, labelled-8)
	}
	for _, text := range strings.Split(strings.ReplaceAll(line.Text, "\r", "\n"), "\n") {
		if text = clean(text); text != "" {
			rows = append(rows, l.wrap(text, s.size, s.bold, widest-from)...)
		}
	}
	if len(labels)+len(rows) == 0 {
		return len(l.pages)
	}
	l.y += s.above
	for i := range max(len(labels), len(rows)) {
		if l.y+s.size*leading > lowest {
			if l.turn(); l.fault() != nil {
				return 0
			}
		}
		if i == 0 {
			at = len(l.pages)
		}
		if i < len(labels) {
			l.put(labels[i], margin, s.size, s.bold)
		}
		if i < len(rows) {
			l.put(rows[i], margin+from, s.size, s.bold)
		}
		l.y += s.size * leading
	}
	return at
}

// frame writes the head of a page and its number.
func (l *layout) frame(i int, p Paper) {
	at, end := &l.pages[i], a4Short-margin
	side := l.row(clean(p.Side), 0, margin, 8.5, false)
	shift := end - ended(side)
	head := l.wrap(clean(p.Head), 8.5, true, max(shift-16-margin, 60))
	for _, r := range side {
		r.X += shift
		*at = append(*at, r)
	}
	if len(head) > 0 {
		*at = append(*at, l.row(head[0], margin, margin, 8.5, true)...)
	}
	number := l.row(numbered(i+1, len(l.pages)), 0, a4Long-margin+8, 8.5, false)
	for _, r := range number {
		r.X += end - ended(number)
		*at = append(*at, r)
	}
}

// ended is where runs end.
func ended(runs []Run) (x float64) {
	for _, r := range runs {
		x = max(x, r.X+r.Width)
	}
	return x
}

func (l *layout) put(text string, x, size float64, bold bool) {
	last := len(l.pages) - 1
	l.pages[last] = append(l.pages[last], l.row(text, x, l.y+size*rise, size, bold)...)
}

// row parts a row into what Helvetica writes and what the pen draws. Words that are drawn stay together with the spaces
// between them, so that the browser puts them in the order of their script; a row with any letters that run from right to
// left is drawn as a whole.
func (l *layout) row(text string, x, y, size float64, bold bool) (runs []Run) {
	if text == "" {
		return nil
	}
	words := strings.Split(text, " ")
	whole := backwards(text)
	space := l.width(" ", size, bold)
	for i := 0; i < len(words); {
		drawn, j := whole || !plain(words[i]), i+1
		for j < len(words) && (whole || !plain(words[j])) == drawn {
			j++
		}
		r := Run{Text: strings.Join(words[i:j], " "), X: x, Y: y, Size: size, Bold: bold}
		r.Width = l.width(r.Text, size, bold)
		runs = append(runs, r)
		x += r.Width + space
		i = j
	}
	return runs
}

// rowsOnPage are more than a page holds of the smallest letters.
const rowsOnPage = 80

// wrap parts a text into rows no wider than room. A word that is wider is cut, never within a letter and its marks. When
// there are more rows than there may be pages it stops: nothing of it will be kept.
func (l *layout) wrap(text string, size float64, bold bool, room float64) (rows []string) {
	row, used := "", 0.0
	before, whole := false, backwards(text)
	for _, word := range strings.Split(text, " ") {
		if len(rows) > rowsOnPage*l.most {
			return rows
		}
		w := l.width(start(word), size, bold)
		drawn := whole || !plain(word)
		space := l.space(before && drawn, size, bold)
		before = drawn
		if row != "" && used+space+w > room {
			rows, row = append(rows, row), ""
		}
		for w > room && !l.missing && len(rows) <= rowsOnPage*l.most {
			n := l.fits(start(word), size, bold, room)
			rows, word = append(rows, word[:n]), word[n:]
			w = l.width(start(word), size, bold)
		}
		if row == "" {
			row, used = word, w
		} else {
			row, used = row+" "+word, used+space+w
		}
	}
	if row != "" {
		rows = append(rows, row)
	}
	return rows
}

// space is how wide the space between two words is: one that is drawn with them is the pen's.
func (l *layout) space(drawn bool, size float64, bold bool) float64 {
	if !drawn || l.pen == nil {
		return l.width(" ", size, bold)
	}
	return max(l.pen.Width(" ", size, bold), 0)
}

// start is as much of a word as a row could hold, so that a word of a million letters is not measured again for each row.
func start(word string) string {
	const most = 1024
	if len(word) <= most {
		return word
	}
	n := most
	for !utf8.RuneStart(word[n]) {
		n--
	}
	return word[:n]
}

// fits is how many bytes of a word fit a room, one letter at least.
func (l *layout) fits(word string, size float64, bold bool, room float64) int {
	ends := letters(word)
	low, high := 0, len(ends)-1
	for low < high {
		middle := (low + high + 1) / 2
		if l.width(word[:ends[middle]], size, bold) <= room {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return ends[low]
}

// letters are where the letters of a word end, each with the marks that belong to it.
func letters(word string) (ends []int) {
	joined := true
	for i, r := range word {
		if !joined && !unicode.In(r, unicode.Mn, unicode.Mc) && r != 0x200c && r != 0x200d {
			ends = append(ends, i)
		}
		joined = r == 0x200d || viramas[r]
	}
	return append(ends, len(word))
}

// viramas join the letter before to the one after, in the scripts of India.
var viramas = map[rune]bool{0x94d: true, 0x9cd: true, 0xa4d: true, 0xacd: true, 0xb4d: true, 0xbcd: true, 0xc4d: true, 0xccd: true, 0xd4d: true}

func (l *layout) width(text string, size float64, bold bool) float64 {
	m := l.thin
	if bold {
		m = l.thick
	}
	if plain(text) {
		return m.width(text, size)
	}
	if l.pen == nil {
		l.missing = true
		return 0
	}
	if w := l.pen.Width(text, size, bold); w >= 0 && w < 1e6 {
		return w
	}
	l.missing = true
	return 0
}

// clean is one line of a text without what steers a terminal or turns letters about.
func clean(s string) string {
	return strings.Join(strings.FieldsFunc(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0xad, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff, r == utf8.RuneError:
			return -1
		}
		return r
	}, s), func(r rune) bool { return r == ' ' }), " ")
}

// backwards says whether any letters of a text run from right to left.
func backwards(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r >= 0x590 && r <= 0x8ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfefe || r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
	})
}
