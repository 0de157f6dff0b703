package record_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"potli/app/record"
)

func drawing(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			m.Set(x, y, color.RGBA{uint8(x * 7), uint8(y * 5), uint8(x * y), 255})
		}
	}
	return m
}

func pngBytes(w, h int) []byte {
	var b bytes.Buffer
	png.Encode(&b, drawing(w, h))
	return b.Bytes()
}

func jpegBytes(w, h int) []byte {
	var b bytes.Buffer
	jpeg.Encode(&b, drawing(w, h), nil)
	return b.Bytes()
}

// webpBytes is the smallest lossless WebP: one pixel.
func webpBytes() []byte {
	return []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")
}

func pdfBytes() []byte {
	return []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n")
}

const cda = `<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><title>x</title></ClinicalDocument>`

// wide is a text in UTF-16 with a mark.
func wide(s string) string {
	out := "\xff\xfe"
	for _, r := range s {
		out += string([]byte{byte(r), 0})
	}
	return out
}

const patient = `{"resourceType":"Patient","name":[{"text":"A. Person"}]}`

// withThumbnail is a JPEG whose Exif segment holds a whole small JPEG, then cut
// off inside its own picture.
func withThumbnail() []byte {
	small, big := jpegBytes(8, 8), jpegBytes(64, 64)
	seg := append([]byte("Exif\x00\x00"), small...)
	n := len(seg) + 2
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1, byte(n >> 8), byte(n)}, seg...)
	return append(out, big[2:]...)
}

func TestSniff(t *testing.T) {
	for name, c := range map[string]struct {
		in    string
		want  record.Format
		err   error
		looks string
	}{
		"empty":               {"", "", record.ErrEmpty, ""},
		"blank":               {" \n\t ", "", record.ErrEmpty, ""},
		"patient":             {patient, record.FormatFHIR, nil, ""},
		"patient with BOM":    {"\xef\xbb\xbf" + patient, record.FormatFHIR, nil, ""},
		"patient, space":      {"\r\n  " + patient + "\n", record.FormatFHIR, nil, ""},
		"bundle":              {`{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + patient + `}]}`, record.FormatFHIR, nil, ""},
		"cut JSON":            {patient[:len(patient)-3], "", record.ErrDamaged, ""},
		"trailing garbage":    {patient + "x", "", record.ErrDamaged, ""},
		"other JSON":          {`{"name":"x"}`, "", record.ErrNotFHIR, ""},
		"JSON array":          {`[1,2]`, "", record.ErrNotFHIR, ""},
		"resourceType lower":  {`{"resourceType":"patient"}`, "", record.ErrNotFHIR, ""},
		"deep":                {`{"resourceType":"Patient","a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "", record.ErrTooDeep, ""},
		"pdf":                 {string(pdfBytes()), record.FormatPDF, nil, ""},
		"pdf after newline":   {"\n\n" + string(pdfBytes()), record.FormatPDF, nil, ""},
		"pdf cut":             {string(pdfBytes()[:60]), "", record.ErrDamaged, ""},
		"pdf only magic":      {"%PDF-", "", record.ErrDamaged, ""},
		"html with pdf word":  {"<html><body>%PDF-1.4 %%EOF startxref</body></html>", record.FormatHTML, nil, ""},
		"png":                 {string(pngBytes(20, 10)), record.FormatPNG, nil, ""},
		"png cut":             {string(pngBytes(20, 10)[:80]), "", record.ErrDamaged, ""},
		"png magic alone":     {"\x89PNG\r\n\x1a\n", "", record.ErrDamaged, ""},
		"png without size":    {strings.Replace(string(pngBytes(20, 10)), "\x00\x00\x00\x14", "\x00\x00\x00\x00", 1), "", record.ErrDamaged, ""},
		"png enormous":        {strings.Replace(string(pngBytes(20, 10)), "\x00\x00\x00\x14\x00\x00\x00\x0a", "\x7f\xff\xff\xff\x7f\xff\xff\xff", 1), "", record.ErrDamaged, ""},
		"jpeg":                {string(jpegBytes(20, 10)), record.FormatJPEG, nil, ""},
		"jpeg with tail":      {string(jpegBytes(20, 10)) + "phone data", record.FormatJPEG, nil, ""},
		"jpeg cut":            {string(jpegBytes(20, 10)[:200]), "", record.ErrDamaged, ""},
		"jpeg, thumbnail":     {string(withThumbnail()), record.FormatJPEG, nil, ""},
		"jpeg, cut thumbnail": {string(withThumbnail()[:len(withThumbnail())-30]), "", record.ErrDamaged, ""},
		"webp":                {string(webpBytes()), record.FormatWebP, nil, ""},
		"webp cut":            {string(webpBytes()[:20]), "", record.ErrDamaged, ""},
		"webp short":          {strings.Replace(string(webpBytes()), "\x1a\x00", "\x1a\x10", 1), "", record.ErrDamaged, ""},
		"age":                 {"age-encryption.org/v1\n-> X25519 abc\n", record.FormatBackup, nil, ""},
		"age armor":           {"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", record.FormatBackup, nil, ""},
		"age armor, space":    {"\r\n-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", record.FormatBackup, nil, ""},
		"link":                {"shlink:/eyJ1cmwiOiJ4In0", record.FormatLink, nil, ""},
		"link with viewer":    {"see https://viewer.example/#shlink:/eyJ1cmwiOiJ4In0 please", record.FormatLink, nil, ""},
		"link in JSON":        {`{"link":"shlink:/eyJ"}`, record.FormatLink, nil, ""},
		"utf-16 mark":         {"\xff\xfe{\x00", "", record.ErrUnknown, "utf16"},
		"utf-16":              {"{\x00\"\x00a\x00", "", record.ErrUnknown, "utf16"},
		"html":                {"<!DOCTYPE html><title>x</title><p>y", record.FormatHTML, nil, ""},
		"html without words":  {"<!DOCTYPE html><title>x</title>", "", record.ErrEmpty, ""},
		"html in utf-16":      {"\xff\xfe<\x00p\x00>\x00<\x00b\x00o\x00d\x00y\x00>\x00x\x00", record.FormatHTML, nil, ""},
		"svg":                 {`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`, "", record.ErrUnknown, "svg"},
		"c-cda":               {cda, record.FormatCDA, nil, ""},
		"c-cda, mark":         {"\xef\xbb\xbf" + cda, record.FormatCDA, nil, ""},
		"c-cda in utf-16":     {wide(cda), record.FormatCDA, nil, ""},
		"c-cda, prefix":       {`<h:ClinicalDocument xmlns:h="urn:hl7-org:v3"/>`, record.FormatCDA, nil, ""},
		"c-cda cut":           {cda[:len(cda)-4], "", record.ErrDamaged, ""},
		"c-cda, deep":         {`<ClinicalDocument>` + strings.Repeat("<a>", 300), "", record.ErrTooDeep, ""},
		"note":                {"Visit of 3 May\nPulse 72", record.FormatText, nil, ""},
		"note in brackets":    {"[Draft] Dear doctor", record.FormatText, nil, ""},
		"note in windows":     {"Temp\xe9rature 38", record.FormatText, nil, ""},
		"note in utf-16":      {wide("Pulse 72"), record.FormatText, nil, ""},
		"note with a link":    {wide("shlink:/eyJ1cmwiOiJ4In0"), "", record.ErrUnknown, "utf16"},
		"note too long":       {strings.Repeat("a ", 3<<20), "", record.ErrTooBig, ""},
		"pairing code":        {"potli-pair-1-abcdef", "", record.ErrUnknown, "pair"},
		"recovery kit":        {"My kit\nAGE-SECRET-KEY-PQ-1QQQ", "", record.ErrUnknown, "secret"},
		"kit as a page":       {"<html><body><p>My kit</p><pre>age-secret-key-pq-1qqq</pre></body></html>", "", record.ErrUnknown, "secret"},
		"kit in pieces":       {"<html><body><p>My kit</p>AGE&#45;SECRET-<b>KEY-PQ</b>-1QQQ</body></html>", "", record.ErrUnknown, "secret"},
		"kit far below":       {"<html><body><p>" + strings.Repeat("word ", 20<<10) + "</p>AGE-SECRET-KEY-PQ-1QQQ</body></html>", "", record.ErrUnknown, "secret"},
		"pairing in a page":   {"<!DOCTYPE html><title>POTLI-PAIR-1:ABC</title><p>y", "", record.ErrUnknown, "pair"},
		"page with a link":    {"<html><body>see shlink:/eyJ1cmwiOiJ4In0</body></html>", record.FormatHTML, nil, ""},
		"fhir xml":            {`<Patient xmlns="http://hl7.org/fhir"/>`, "", record.ErrUnknown, "fhirxml"},
		"xml":                 {`<?xml version="1.0"?><a/>`, "", record.ErrUnknown, "xml"},
		"zip":                 {"PK\x03\x04aaaa", "", record.ErrUnknown, "zip"},
		"docx":                {"PK\x03\x04aaaa[Content_Types].xml", "", record.ErrUnknown, "docx"},
		"exe":                 {"MZ\x90\x00", "", record.ErrUnknown, "exe"},
		"elf":                 {"\x7fELF\x02", "", record.ErrUnknown, "exe"},
		"gif":                 {"GIF89a", "", record.ErrUnknown, "gif"},
		"heic":                {"\x00\x00\x00\x18ftypheic", "", record.ErrUnknown, "heic"},
		"mp4":                 {"\x00\x00\x00\x18ftypisom", "", record.ErrUnknown, "video"},
		"tiff":                {"II*\x00aaaa", "", record.ErrUnknown, "tiff"},
		"rtf":                 {`{\rtf1 hello}`, "", record.ErrUnknown, "rtf"},
		"gzip":                {"\x1f\x8b\x08", "", record.ErrUnknown, "gzip"},
		"dicom":               {strings.Repeat("\x00", 128) + "DICM", "", record.ErrUnknown, "dicom"},
		"health card":         {"shc:/5676290952", record.FormatCode, nil, ""},
		"health card, words":  {"My card: SHC:/5676290952", record.FormatCode, nil, ""},
		"health card, link":   {"https://viewer.example/SMARTHealthCard/#%7B%7D", record.FormatCode, nil, ""},
		"health card, long":   {"shc:/" + strings.Repeat("5", 1<<20), "", record.ErrUnknown, ""},
		"health card file":    {`{"verifiableCredential":["eyJ"]}`, record.FormatCard, nil, ""},
		"link before card":    {"shlink:/eyJ1cmwiOiJ4In0 shc:/56", record.FormatLink, nil, ""},
		"text":                {"hello", record.FormatText, nil, ""},
		"noise":               {"\x01\x02\x80\x81", "", record.ErrUnknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := record.Sniff([]byte(c.in))
			if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Fatalf("got error %v, want %v", err, c.err)
			}
			if err == nil && got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			var u *record.UnknownError
			if errors.As(err, &u); c.err == record.ErrUnknown && (u == nil || u.Looks != c.looks) {
				t.Fatalf("got %v, want one that looks like %q", err, c.looks)
			}
		})
	}
}

func TestSniffTooBig(t *testing.T) {
	b := make([]byte, record.MaxBytes+1)
	copy(b, pdfBytes())
	if _, err := record.Sniff(b); !errors.Is(err, record.ErrTooBig) {
		t.Fatalf("got %v", err)
	}
	if _, err := record.Sniff(b[:record.MaxBytes]); !errors.Is(err, record.ErrDamaged) {
		t.Fatalf("at the limit: got %v", err)
	}
}

// TestPictureOracle: what is taken for a whole picture has a header the
// standard library reads the same way, and every cut of one is noticed.
func TestPictureOracle(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {3, 70}, {640, 480}} {
		for name, b := range map[string][]byte{"png": pngBytes(size.X, size.Y), "jpeg": jpegBytes(size.X, size.Y)} {
			if f, err := record.Sniff(b); err != nil || f != record.Format("image/"+name) {
				t.Errorf("%s %v: %v %v", name, size, f, err)
			}
			for cut := 1; cut < len(b); cut += 1 + len(b)/300 {
				if f, err := record.Sniff(b[:len(b)-cut]); err == nil {
					t.Errorf("%s %v without its last %d bytes is taken for a whole %s", name, size, cut, f)
				}
			}
		}
	}
}

func TestFixtures(t *testing.T) {
	for name, want := range map[string]record.Format{"report.pdf": record.FormatPDF, "card.jpg": record.FormatJPEG, "card.png": record.FormatPNG, "card.webp": record.FormatWebP} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := record.Sniff(b); err != nil || got != want {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func FuzzSniff(f *testing.F) {
	for _, b := range [][]byte{nil, []byte(patient), pdfBytes(), pngBytes(4, 4), jpegBytes(8, 8), webpBytes(), withThumbnail(), []byte("shlink:/abc"),
		[]byte("age-encryption.org/v1\n"), []byte("<html>"), []byte(cda), []byte(wide(cda)), []byte("Visit\nPulse 72"), []byte("<html><body>x"), []byte("PK\x03\x04"), []byte("{\"resourceType\":\"Bundle\",\"entry\":[{}]}")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		format, err := record.Sniff(b)
		if err != nil { // a damaged file may still name its format
			return
		}
		switch format {
		case record.FormatBackup, record.FormatLink:
			return
		case record.FormatCard, record.FormatCode: // whether it can be read is said when it is
			return
		case "":
			t.Fatal("no format and no error")
		case record.FormatPNG, record.FormatJPEG:
			if _, _, err := image.DecodeConfig(bytes.NewReader(b)); err != nil && format == record.FormatPNG && !odd(err) {
				t.Fatalf("%s that the standard library refuses: %v", format, err)
			}
		}
		if _, err := record.Summarise(format, "x", b); err != nil {
			t.Fatalf("%s cannot be summarised: %v", format, err)
		}
	})
}

// odd: the standard library also looks at checksums and colour types; we do
// not need to.
func odd(err error) bool {
	return strings.Contains(err.Error(), "checksum") || strings.Contains(err.Error(), "unsupported") || strings.Contains(err.Error(), "invalid format")
}
