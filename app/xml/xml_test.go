package xml_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"potli/app/xml"
)

// flat writes down what is read: <a x="1">text</a>.
func flat(r io.Reader) (string, error) {
	var out strings.Builder
	x := xml.NewReader(r)
	for {
		t, err := x.Next()
		if err == io.EOF {
			return out.String(), nil
		}
		if err != nil {
			return out.String(), err
		}
		switch t.Kind {
		case xml.Start:
			out.WriteString("<" + t.Name)
			for _, a := range t.Attrs {
				out.WriteString(" " + a.Name + "='" + string(a.Value) + "'")
			}
			out.WriteString(">")
		case xml.End:
			out.WriteString("</" + t.Name + ">")
		default:
			out.Write(t.Text)
		}
	}
}

func TestRead(t *testing.T) {
	long, name := strings.Repeat("x&amp;ä", 20_000), strings.Repeat("n", 128)
	for name, c := range map[string]struct{ in, want string }{
		"plain":         {`<a><b x="1" y='2'/>text</a>`, `<a><b x='1' y='2'></b>text</a>`},
		"mark":          {"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<a/>\n", `<a></a>`},
		"prefixes":      {`<h:a xmlns:h="u" xsi:type="PQ"/>`, `<a type='PQ'></a>`},
		"not meant":     {`<a foo:negationInd="true" x="1" foo:x="2" foo:type="PQ" xml:lang="en"/>`, `<a x='1'></a>`},
		"other xsi":     {`<a p:type="PQ" xmlns:p="http://www.w3.org/2001/XMLSchema-instance"><b p:type="TS"/></a>`, `<a type='PQ'><b type='TS'></b></a>`},
		"long name":     {"<" + name + "tail>x</" + name + "tail>", "<" + name + ">x</" + name + ">"},
		"references":    {`<a x="&lt;&#65;&#x42;&quot;">&amp;&apos;&#128512;</a>`, `<a x='<AB"'>&'😀</a>`},
		"unknown":       {`<a>&nbsp;&#0;&#xD800; & &;</a>`, `<a>&nbsp;&#0;&#xD800; & &;</a>`},
		"comment":       {`<a><!-- <b> -- --><?php ?>x<!----></a>`, `<a>x</a>`},
		"cdata":         {`<a><![CDATA[<b>&amp;]]></a>`, `<a><b>&amp;</a>`},
		"greater":       {`<a x="a>b">></a>`, `<a x='a>b'>></a>`},
		"doctype":       {`<!DOCTYPE a><a/>`, `<a></a>`},
		"doctype, long": {`<!DOCTYPE a SYSTEM "x>y" [<!ELEMENT a (b|c)*> <!-- don't ]> --> <!ENTITY e "]>">]><a>&e;</a>`, `<a>&e;</a>`},
		"spaces":        {"<a  x = \"1\"\n></a >", `<a x='1'></a>`},
		"long":          {"<a>" + long + "</a>", "<a>" + strings.ReplaceAll(long, "&amp;", "&") + "</a>"},
	} {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{"": strings.NewReader(c.in), "by bytes": iotest.OneByteReader(strings.NewReader(c.in))} {
				if got, err := flat(r); got != c.want || err != nil {
					t.Errorf("%s: got %.200q, %v\nwant %.200q", how, got, err, c.want)
				}
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	var syntax *xml.SyntaxError
	for name, in := range map[string]string{
		"nothing": "", "text": "hello", "cut": "<a><b></b>", "cut tag": "<a x=", "cut comment": "<a><!-- </a>", "cut cdata": "<a><![CDATA[x</a>",
		"crossed": "<a><b></a></b>", "two roots": "<a/><b/>", "text behind": "<a/>x", "no name": "< a/>", "no value": "<a x/>",
		"bare value": "<a x=1/>", "open quote": `<a x="1/>`, "less in tag": `<a <b/>`, "late doctype": "<a/><!DOCTYPE a>", "doctype cut": "<!DOCTYPE a [ <!ELEMENT",
		"end with words": "<a></a b>", "end alone": "</a>", "declaration inside": "<a><!ELEMENT b></a>",
	} {
		if got, err := flat(strings.NewReader(in)); !errors.As(err, &syntax) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestLimits(t *testing.T) {
	if _, err := flat(strings.NewReader(strings.Repeat("<a>", xml.MaxDepth+1))); !errors.Is(err, xml.ErrTooDeep) {
		t.Errorf("deep: %v", err)
	}
	if _, err := flat(strings.NewReader(`<a x="` + strings.Repeat("y", xml.MaxTag+9) + `"/>`)); !errors.Is(err, xml.ErrTooBig) {
		t.Errorf("a long tag: %v", err)
	}
	if _, err := flat(strings.NewReader("<!DOCTYPE a [" + strings.Repeat("<!ELEMENT a ANY>", xml.MaxDoctype/10))); !errors.Is(err, xml.ErrTooBig) {
		t.Errorf("a long document type: %v", err)
	}
	lol := `<!DOCTYPE a [<!ENTITY l "` + strings.Repeat("ha", 1000) + `"><!ENTITY m "` + strings.Repeat("&l;", 1000) + `">]><a>&m;</a>`
	if got, err := flat(strings.NewReader(lol)); got != "<a>&m;</a>" || err != nil {
		t.Errorf("entities: %q, %v", got, err)
	}
	broken := errors.New("gone")
	if _, err := flat(io.MultiReader(strings.NewReader("<a>"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("the source's error: %v", err)
	}
}

// TestNamesAreNotKept: long names of strangers do not stay in memory.
func TestNamesAreNotKept(t *testing.T) {
	const n, size = 300, 100_000
	r, w := io.Pipe()
	go func() {
		long := strings.Repeat("n", size)
		io.WriteString(w, "<a>")
		for i := range n {
			fmt.Fprintf(w, "<b%d%s/>", i, long)
		}
		io.WriteString(w, "</a>")
		w.Close()
	}()
	before := heap()
	x := xml.NewReader(r)
	for {
		if _, err := x.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if after := heap(); after > before+10<<20 {
		t.Errorf("%d bytes stay of names", after-before)
	}
	runtime.KeepAlive(x)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// FuzzRead: whatever is read is read alike in one piece and byte by byte, and
// nothing unfolds.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`<a><b x="1"/>t&amp;</a>`, `<!DOCTYPE a [<!ENTITY e "]>">]><a>&e;</a>`, "<a><![CDATA[x]]></a>", "<?xml version='1.0'?><a:b c:d='e'>&#65;</a:b>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		one, err := flat(bytes.NewReader(b))
		parts, perr := flat(iotest.OneByteReader(bytes.NewReader(b)))
		if one != parts && err == nil || (err == nil) != (perr == nil) {
			t.Errorf("%q: %q, %v and %q, %v", b, one, err, parts, perr)
		}
		if len(one) > 8*len(b)+64 {
			t.Errorf("%d bytes became %d", len(b), len(one))
		}
	})
}
