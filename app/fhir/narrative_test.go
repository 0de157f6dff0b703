package fhir_test

import (
	"strings"
	"testing"

	"potli/app/fhir"
)

// outlineOf writes nodes in a short form: p(text b(text)).
func outlineOf(nodes []fhir.Node) string {
	var out []string
	for _, n := range nodes {
		switch {
		case n.Tag == "":
			out = append(out, n.Text)
		case len(n.Children) == 0:
			out = append(out, n.Tag+"()")
		default:
			span := ""
			if n.ColSpan > 0 {
				span = "@" + strings.Repeat("+", n.ColSpan)
			}
			out = append(out, n.Tag+span+"("+outlineOf(n.Children)+")")
		}
	}
	return strings.Join(out, "|")
}

func TestNarrative(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":               {`<div xmlns="http://www.w3.org/1999/xhtml">Hello</div>`, "div(Hello)"},
		"text alone":          {`No known allergies`, "No known allergies"},
		"nothing":             {``, ""},
		"blank":               {"<div> \n </div>", ""},
		"white space":         {"<p>a \n\t b</p>\n  <p>c</p>", "p(a b)|p(c)"},
		"space in a line":     {"<p><b>a</b> <i>b</i></p>", "p(b(a)| |i(b))"},
		"headings":            {"<h1>a</h1><h2>b</h2><h3>c</h3><h6>d</h6>", "h3(a)|h4(b)|h5(c)|h6(d)"},
		"table":               {`<table class="x"><thead><tr><th colspan="2">a</th></tr></thead><tbody><tr><td>b</td><td/></tr></tbody></table>`, "table(thead(tr(th@++(a)))|tbody(tr(td(b)|td())))"},
		"huge colspan":        {`<table><tr><td colspan="99999999999999999999">a</td></tr></table>`, "table(tr(td(a)))"},
		"span 0":              {`<table><tr><td colspan="-3">a</td></tr></table>`, "table(tr(td(a)))"},
		"list":                {"<ul><li>a<li>b</ul>", "ul(li(a)|li(b))"},
		"definition":          {"<dl><dt>a<dd>b<dt>c<dd>d</dl>", "dl(dt(a)|dd(b)|dt(c)|dd(d))"},
		"break":               {"a<br/>b<br>c", "a|br()|b|br()|c"},
		"rule":                {"<p>a</p><hr/><p>b</p>", "p(a)|hr()|p(b)"},
		"pre":                 {"<pre>a\n  b</pre>", "pre(a\n  b)"},
		"sub and sup":         {"H<sub>2</sub>O 10<sup>3</sup>", "H|sub(2)|O 10|sup(3)"},
		"entities":            {"<p>a &lt; b &amp;&nbsp;c &#233; &#x1F600; &eacute; &unknown;</p>", "p(a < b &\u00a0c é 😀 é &unknown;)"},
		"less than":           {"<p>Hb < 7 and K > 5</p>", "p(Hb < 7 and K > 5)"},
		"unknown element":     {"<p><font color='red'>a</font><blink>b</blink></p>", "p(ab)"},
		"script":              {"<p>a<script>alert(1)</script>b</p>", "p(ab)"},
		"script upper":        {"<p>a<SCRIPT SRC=x></SCRIPT >b</p>", "p(ab)"},
		"script unclosed":     {"<p>a<script>b</p>", "p(ab)"},
		"script self-closed":  {"<p>a<script/>b</p>", "p(ab)"},
		"style":               {"<style>p{color:red}</style><p>a</p>", "p(a)"},
		"comment":             {"<p>a<!-- b <p> -->c</p>", "p(ac)"},
		"comment unclosed":    {"<p>a<!-- b</p>", "p(a b)"},
		"cdata":               {"<p><![CDATA[a < b]]></p>", "p(a < b)"},
		"doctype and pi":      {"<?xml version='1.0'?><!DOCTYPE html><p>a</p>", "p(a)"},
		"svg":                 {`<svg onload="x"><text>a</text></svg>`, "a"},
		"iframe":              {`<iframe src="javascript:x">a</iframe>`, "a"},
		"prefix":              {`<xhtml:div xmlns:xhtml="http://www.w3.org/1999/xhtml"><xhtml:p>a</xhtml:p></xhtml:div>`, "div(p(a))"},
		"crossed":             {"<b>a<i>b</b>c</i>", "b(a|i(b))|c"},
		"stray end":           {"a</p></div></table>b", "ab"},
		"unclosed":            {"<div><p>a", "div(p(a))"},
		"cut in a tag":        {`<div><p>a</p><p class="b`, "div(p(a))"},
		"cut in an end tag":   {"<div><p>a</p", "div(p(a))"},
		"attribute with >":    {`<p title="a > b">c</p>`, "p(c)"},
		"end of a cell":       {"<table><tr><td></div>a</td></tr></table>", "table(tr(td(a)))"},
		"cells without rows":  {"<table><tr><td>a<td>b<tr><td>c</table>", "table(tr(td(a)|td(b))|tr(td(c)))"},
		"link to a standard":  {`<a href="http://hl7.org/fhir/R4/x.html">Active</a>`, "Active"},
		"link says it":        {`<a href="https://example.org/">example.org</a>`, "example.org| (https://example.org/)"},
		"link adds":           {`<a href="https://example.org/r/1">report</a>`, "report| (https://example.org/r/1)"},
		"link alone":          {`<a href="https://example.org/r/1"/>`, "https://example.org/r/1"},
		"telephone":           {`<a href="tel:+91-1">call</a>`, "call| (+91-1)"},
		"mail":                {`<a href="mailto:a@example.org">a@example.org</a>`, "a@example.org"},
		"javascript link":     {`<a href="javascript:alert(1)">a</a>`, "a"},
		"data link":           {`<a href="data:text/html,x">a</a>`, "a"},
		"picture":             {`a<img src="http://x/y.png" alt="an X-ray" onerror="x"/>b`, "aan X-rayb"},
		"picture, no words":   {`a<img src="x"/>b`, "ab"},
		"direction overrides": {"<p>a\u202eb\u2066c</p>", "p(abc)"},
		"nul":                 {"<p>a\x00b</p>", "p(ab)"},
		"broken utf-8":        {"<p>a\xffb</p>", "p(a\uFFFDb)"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.ReplaceAll(outlineOf(fhir.Narrative(c.in)), "| (", " (")
			if want := strings.ReplaceAll(c.want, "| (", " ("); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestNarrativeText(t *testing.T) {
	in := `<div><h2>Medicines</h2><table><tr><th>Name</th><th>Dose</th></tr><tr><td><b>A</b></td><td>1 &amp; 2</td></tr></table><ul><li>x</li><li>y</li></ul></div>`
	want := "Medicines\nName\tDose\nA\t1 & 2\nx\ny"
	if got := fhir.NarrativeText(fhir.Narrative(in)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNarrativeLimits: past the limits form is lost, text is not.
func TestNarrativeLimits(t *testing.T) {
	deep := strings.Repeat("<div>", 5000) + "bottom" + strings.Repeat("</div>", 5000)
	wide := strings.Repeat("<p>word</p>", 30_000)
	for name, in := range map[string]string{"deep": deep, "wide": wide} {
		nodes := fhir.Narrative(in)
		count, depth := measure(nodes)
		if count > 41_000 || depth > 45 {
			t.Errorf("%s: %d nodes, %d deep", name, count, depth)
		}
	}
	if fhir.NarrativeText(fhir.Narrative(deep)) != "bottom" {
		t.Error("deep: the text is lost")
	}
	if n := strings.Count(fhir.NarrativeText(fhir.Narrative(wide)), "word"); n != 30_000 {
		t.Errorf("wide: %d of 30000 words", n)
	}
}

func measure(nodes []fhir.Node) (count, depth int) {
	for _, n := range nodes {
		c, d := measure(n.Children)
		count += 1 + c
		depth = max(depth, d+1)
	}
	return count, depth
}

// allowedTags is written out again here: a change of the allow-list must be
// made twice.
var allowedTags = map[string]bool{"": true, "p": true, "div": true, "span": true, "b": true, "strong": true, "i": true, "em": true, "u": true, "br": true,
	"hr": true, "ul": true, "ol": true, "li": true, "dl": true, "dt": true, "dd": true, "table": true, "caption": true, "thead": true, "tbody": true,
	"tfoot": true, "tr": true, "td": true, "th": true, "h3": true, "h4": true, "h5": true, "h6": true, "sub": true, "sup": true, "pre": true, "code": true, "blockquote": true}

func checkNodes(t *testing.T, nodes []fhir.Node) {
	for _, n := range nodes {
		switch {
		case !allowedTags[n.Tag]:
			t.Fatalf("element %q", n.Tag)
		case n.Tag == "" && len(n.Children) > 0, n.Tag != "" && n.Text != "":
			t.Fatalf("a node that is text and element: %+v", n)
		case n.ColSpan < 0 || n.ColSpan > 100 || n.RowSpan < 0 || n.RowSpan > 100:
			t.Fatalf("span %d, %d", n.ColSpan, n.RowSpan)
		}
		checkNodes(t, n.Children)
	}
}

// attacks are markup that has run scripts somewhere (OWASP's and PortSwigger's
// cheat sheets by kind, written again). The tree may hold nothing but allowed
// elements and text, so nothing of them can run; the word that stands beside
// them must still be read.
var attacks = []string{
	`<script>alert(1)</script>`, `<script src=//x.example></script>`, `<scr<script>ipt>alert(1)</script>`, `<SCRIPT>alert(1)</SCRIPT>`,
	`<script/x>alert(1)</script>`, `<script
>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<img/src=x/onerror=alert(1)>`, `<IMG """><SCRIPT>alert(1)</SCRIPT>">`,
	`<svg onload=alert(1)>`, `<svg><script>alert(1)</script></svg>`, `<svg><animate onbegin=alert(1) attributeName=x>`, `<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`,
	`<svg><style>{font-family:'<iframe/onload=alert(1)>'`, `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`, `<math href="javascript:alert(1)">x</math>`,
	`<body onload=alert(1)>`, `<iframe src="javascript:alert(1)"></iframe>`, `<iframe srcdoc="<script>alert(1)</script>"></iframe>`, `<object data="javascript:alert(1)"></object>`,
	`<embed src="javascript:alert(1)">`, `<a href="javascript:alert(1)">x</a>`, `<a href="jav&#x09;ascript:alert(1)">x</a>`, `<a href=" javascript:alert(1)">x</a>`,
	`<a href="java&#0000115;cript:alert(1)">x</a>`, `<a href="vbscript:x">x</a>`, `<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>`, `<form action="javascript:alert(1)"><button>x</button></form>`,
	`<button formaction="javascript:alert(1)">x</button>`, `<input onfocus=alert(1) autofocus>`, `<select onfocus=alert(1) autofocus><option>x</select>`, `<textarea onfocus=alert(1) autofocus>x</textarea>`,
	`<video><source onerror=alert(1)></video>`, `<audio src=x onerror=alert(1)>`, `<details open ontoggle=alert(1)>x</details>`, `<marquee onstart=alert(1)>x</marquee>`,
	`<link rel=stylesheet href="javascript:alert(1)">`, `<meta http-equiv=refresh content="0;url=javascript:alert(1)">`, `<base href="javascript:/">`, `<style>@import "//x.example";</style>`,
	`<div style="background:url(javascript:alert(1))">x</div>`, `<div style="width:expression(alert(1))">x</div>`, `<p onmouseover="alert(1)">x</p>`, `<p/onclick=alert(1)>x</p>`,
	`<template><script>alert(1)</script></template>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`, `<xmp><script>alert(1)</script></xmp>`, `<plaintext><script>alert(1)</script>`,
	`<!--<img src="--><img src=x onerror=alert(1)//">`, `<![CDATA[<script>alert(1)</script>]]>`, `<?xml-stylesheet href="javascript:alert(1)"?>`, `<!DOCTYPE x [<!ENTITY e "<script>alert(1)</script>">]>&e;`,
	`<table background="javascript:alert(1)"><tr><td>x</td></tr></table>`, `<td colspan="1 onclick=alert(1)">x</td>`, `<isindex action="javascript:alert(1)">`, `<bgsound src="javascript:alert(1)">`,
	"<a\thref=\"javascript:alert(1)\">x</a>", "<img src=`x`onerror=alert(1)>", `<x onclick=alert(1) id=x>x</x>`, `<a name="constructor">x</a><a name="constructor" id="innerHTML">y</a>`,
	`<p id="__proto__">x</p>`, `<input name="attributes">`, `&lt;script&gt;alert(1)&lt;/script&gt;`, `&#60;img src=x onerror=alert(1)&#62;`,
	`<p title="--><script>alert(1)</script>">x</p>`, `</title><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`, `<scr` + "\x00" + `ipt>alert(1)</scr` + "\x00" + `ipt>`,
	`<img src="x" alt="<script>alert(1)</script>">`, `<a href="https://x.example/&quot;onclick=alert(1)">x</a>`, `<svg:script>alert(1)</svg:script>`, `<html:script xmlns:html="http://www.w3.org/1999/xhtml">alert(1)</html:script>`,
}

func TestNarrativeAttacks(t *testing.T) {
	for _, a := range attacks {
		for _, in := range []string{`<div><p>before</p>` + a + `<p>after</p></div>`, a} {
			nodes := fhir.Narrative(in)
			checkNodes(t, nodes)
			if text := fhir.NarrativeText(nodes); strings.Contains(in, "before") && !strings.Contains(text, "before") {
				t.Errorf("%s: what stood before is lost in %q", a, text)
			}
		}
	}
}

func FuzzNarrative(f *testing.F) {
	for _, a := range attacks {
		f.Add(a)
	}
	f.Add(`<div xmlns="http://www.w3.org/1999/xhtml"><table><tr><td colspan="2">a &amp; b</td></tr></table></div>`)
	f.Fuzz(func(t *testing.T, in string) {
		nodes := fhir.Narrative(in)
		checkNodes(t, nodes)
		if _, depth := measure(nodes); depth > 45 {
			t.Fatalf("%d deep", depth)
		}
		if !strings.ContainsAny(in, "<&") {
			got, want := strings.Fields(fhir.NarrativeText(nodes)), strings.Fields(strings.ToValidUTF8(in, "\uFFFD"))
			if len(got) == 0 && len(want) > 0 && plain(in) {
				t.Fatalf("the text %q is lost", in)
			}
		}
	})
}

func plain(s string) bool {
	for _, r := range s {
		if r >= 'a' && r <= 'z' {
			return true
		}
	}
	return false
}
