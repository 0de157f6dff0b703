package share

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/fhir/tree"
	"potli/app/record"
)

// opened is a source that was read: what it holds, about whom, and what of it may be offered.
type opened struct {
	source Source
	file   *fhir.File   // nil: a PDF or a picture
	trees  []object     // one per entry
	main   int          // entry of the person the document is about; -1: it has none
	about  []bool       // per entry: it is about that person, as far as it says
	marks  []mark       // per entry: sensitive groups
	heads  []*head      // per entry, made when asked for
	inside map[int]bool // Binaries that are the content of a document of the file; made when asked for
}

// head is what of a View is needed more than once; a whole View of every entry would be many times the record.
type head struct {
	title string
	kind  fhir.Kind
}

func (o *opened) head(i int) *head {
	if o.heads[i] == nil {
		v := o.file.View(i)
		o.heads[i] = &head{v.Title, v.Kind}
	}
	return o.heads[i]
}

func open(s Source, rules *rules) (*opened, error) {
	o := &opened{source: s, main: -1}
	if !s.Meta.Format.FHIR() {
		return o, nil
	}
	body, err := record.FHIR(s.Meta.Format, s.Body)
	if err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	if o.file, err = fhir.Parse(body); err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	o.trees, o.heads = make([]object, len(o.file.Entries)), make([]*head, len(o.file.Entries))
	for i, e := range o.file.Entries {
		if o.trees[i], err = tree.Read(e.Raw); err != nil {
			return nil, fmt.Errorf("reading a record: %w", err)
		}
	}
	o.settleSubject()
	o.marks = rules.markAll(o)
	return o, nil
}

// settleSubject finds whom the document is about. A file can hold more than one person (a mother and her child, the answer
// to a search): what is about another one is never offered, because it would be shared as this person's.
func (o *opened) settleSubject() {
	count := map[string]int{}
	keys := make([]string, len(o.trees))
	var patients []int
	for i, t := range o.trees {
		if o.typ(i) == "Patient" {
			patients = append(patients, i)
		}
		if keys[i] = o.subjectKey(i, t); keys[i] != "" {
			count[keys[i]]++
		}
	}
	main := o.mainSubject(patients, count)
	o.about = make([]bool, len(o.trees))
	for i, k := range keys {
		// With one person in the file, a reference that is missing or leads nowhere means that one.
		alone := len(patients) == 1 && !strings.HasPrefix(k, inFile) || len(patients) == 0 && k == ""
		o.about[i] = k == main && k != "" || alone
	}
}

// inFile begins the key of a subject that is an entry of the file.
const inFile = "entry "

func (o *opened) mainSubject(patients []int, count map[string]int) string {
	most := ""
	for _, k := range sorted(count) {
		if count[k] > count[most] {
			most = k
		}
	}
	if len(patients) == 0 {
		return most
	}
	o.main = patients[0]
	best := 0
	for _, p := range patients {
		if n := count[inFile+itoa(p)]; n > best {
			o.main, best = p, n
		}
	}
	for i, t := range o.trees {
		if n, ok := o.file.Resolve(i, tree.Text(tree.At(t, "subject.reference"))); ok && o.typ(i) == "Composition" && o.typ(n) == "Patient" {
			o.main = n
			break
		}
	}
	return inFile + itoa(o.main)
}

// subjectKey names the subject of an entry: inFile and its index when it is in the file.
func (o *opened) subjectKey(i int, t object) string {
	member := patientMember(o.typ(i))
	if member == "" {
		return ""
	}
	ref := tree.Text(tree.At(t, member+".reference"))
	if ref == "" || ref[0] == '#' {
		return ""
	}
	if n, ok := o.file.Resolve(i, ref); ok {
		if subjects[o.typ(n)] {
			return inFile + itoa(n)
		}
		return "" // a document that calls itself its subject: a fault seen in the field, not another person
	}
	return tail(ref)
}

// subjects are what a resource can be about.
var subjects = map[string]bool{"Patient": true, "Group": true, "Device": true, "Location": true, "Practitioner": true,
	"RelatedPerson": true, "Person": true, "Medication": true, "Substance": true, "Organization": true}

// tail reduces a reference to the Type/id it ends in, without version.
func tail(ref string) string {
	ref, _, _ = strings.Cut(ref, "/_history/")
	parts := strings.Split(ref, "/")
	if n := len(parts); n >= 2 {
		return parts[n-2] + "/" + parts[n-1]
	}
	return ref
}

func (o *opened) typ(i int) string { return o.file.Entries[i].Type }

// offered says whether an entry may be shared at all.
func (o *opened) offered(i int) bool {
	if o.file == nil || i < 0 || i >= len(o.trees) || unoffered[o.typ(i)] || !o.about[i] {
		return false
	}
	t := o.trees[i]
	if inError(t) {
		return false
	}
	_, unknown := statement(mainCode(t))
	if unknown {
		return false
	}
	switch o.typ(i) {
	case "DocumentReference", "Media":
		return len(o.attachments(i)) > 0 && !isRendering(t)
	case "Device":
		return !o.wrote(i)
	case "Binary":
		return tree.Text(t["data"]) != "" && isDocumentType(tree.Text(t["contentType"])) && !o.isAttached(i)
	}
	return true
}

// wrote says whether an entry is the author of a document of the file: the program that put it together is no device of the
// person's.
func (o *opened) wrote(entry int) bool {
	for i, t := range o.trees {
		if o.typ(i) != "Composition" {
			continue
		}
		for _, a := range tree.List(t["author"]) {
			if n, ok := o.file.Resolve(i, tree.Text(tree.Obj(a)["reference"])); ok && n == entry {
				return true
			}
		}
	}
	return false
}

func inError(t object) bool {
	if tree.Text(t["status"]) == "entered-in-error" {
		return true
	}
	for _, c := range tree.List(tree.At(t, "verificationStatus.coding")) {
		if tree.Text(tree.Obj(c)["code"]) == "entered-in-error" {
			return true
		}
	}
	return false
}

func isDocumentType(typ string) bool {
	typ = mediaType(typ)
	return typ == "application/pdf" || strings.HasPrefix(typ, "image/") || strings.HasPrefix(typ, "text/") ||
		typ == "application/xml"
}

// isAttached says whether a Binary is the content of a document of the same file, and goes with that.
func (o *opened) isAttached(binary int) bool {
	if o.inside == nil {
		o.inside = map[int]bool{}
		for i := range o.trees {
			if o.typ(i) == "Binary" {
				continue
			}
			for _, a := range o.attachments(i) {
				o.inside[a.binary] = true
			}
		}
	}
	return o.inside[binary]
}

// attachment is an Attachment with its content here.
type attachment struct {
	typ, title, date string
	data             string // base64
	binary           int    // entry of the Binary that holds the content; -1: inline
}

// attachments returns those of an entry whose content is in the file. An address outside is never fetched, so that an
// attachment that is only an address is nothing to share.
func (o *opened) attachments(i int) []attachment {
	var found []attachment
	tree.Each(o.trees[i], "", func(name string, a object) {
		if isAttachment(name, a) {
			if full, ok := o.attachment(i, a); ok {
				found = append(found, full)
			}
		}
	})
	return found
}

func (o *opened) attachment(from int, a object) (attachment, bool) {
	full := attachment{typ: mediaType(tree.Text(a["contentType"])), title: tree.Text(a["title"]), date: tree.Text(a["creation"]),
		data: tree.Text(a["data"]), binary: -1}
	if full.data == "" && tree.Text(a["url"]) != "" {
		n, ok := o.file.Resolve(from, tree.Text(a["url"]))
		if !ok || o.typ(n) != "Binary" {
			return attachment{}, false
		}
		full.data, full.binary = tree.Text(o.trees[n]["data"]), n
		if full.typ == "" {
			full.typ = mediaType(tree.Text(o.trees[n]["contentType"]))
		}
	}
	full.data = tidyBase64(full.data)
	if full.data == "" {
		return attachment{}, false
	}
	if full.typ == "" {
		full.typ = sniffAttachment(full.data)
	}
	return full, true
}

// isAttachment knows an Attachment by what it holds, and where it only has an address by its name too.
func isAttachment(name string, o object) bool {
	content := tree.Text(o["data"]) != "" || tree.Text(o["url"]) != ""
	switch name {
	case "attachment", "presentedForm", "content", "photo", "valueAttachment", "contentAttachment", "sourceAttachment", "image":
		_, nested := o["attachment"]
		return !nested && (content || tree.Text(o["contentType"]) != "")
	}
	return content && tree.Text(o["contentType"]) != ""
}

// tidyBase64 takes line breaks out, and one layer of base64 too many off a PDF: some hospitals encode twice.
func tidyBase64(s string) string {
	if strings.ContainsAny(s, " \n\r\t") {
		s = strings.Join(strings.Fields(s), "")
	}
	if strings.HasPrefix(s, "SlZCRVJp") { // base64 of "JVBERi", which is base64 of "%PDF"
		if b, err := base64.StdEncoding.DecodeString(s); err == nil {
			return string(b)
		}
	}
	return s
}

func sniffAttachment(data string) string {
	switch {
	case strings.HasPrefix(data, "JVBERi"):
		return "application/pdf"
	case strings.HasPrefix(data, "/9j/"):
		return "image/jpeg"
	case strings.HasPrefix(data, "iVBORw0KGgo"):
		return "image/png"
	}
	return "application/octet-stream"
}

// when is the date a record counts as, for which of two copies is the newer.
func (o *opened) when() string {
	m := o.source.Meta
	for _, d := range []string{m.Date, m.Outline.Date} {
		if d != "" {
			return d
		}
	}
	return m.Added.UTC().Format("2006-01-02T15:04:05Z")
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
