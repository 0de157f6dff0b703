package fhir

// Kind is the drawer a person would look in for something.
type Kind string

// Kinds, in the order in which a summary shows them.
const (
	KindPatient      Kind = "patient"
	KindAllergy      Kind = "allergy"
	KindCondition    Kind = "condition"
	KindMedicine     Kind = "medicine"
	KindImmunization Kind = "immunization"
	KindResult       Kind = "result" // laboratory and other observations, reports
	KindVital        Kind = "vital"
	KindProcedure    Kind = "procedure"
	KindVisit        Kind = "visit"
	KindCarePlan     Kind = "careplan"
	KindAppointment  Kind = "appointment"
	KindDevice       Kind = "device" // what is worn, implanted or used, and glasses
	KindBill         Kind = "bill"   // bills, claims and insurance
	KindDocument     Kind = "document"
	KindPhoto        Kind = "photo"
	KindOther        Kind = "other"
)

// Message is a phrase to be said in the reader's language: a key of the
// message catalogue and its arguments.
type Message struct {
	Key  string            `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}

// ValueType says how a Value is to be shown.
type ValueType string

const (
	ValueText     ValueType = "text"     // Text as written in the record
	ValueDate     ValueType = "date"     // Text is a FHIR date, dateTime or instant, any precision
	ValuePeriod   ValueType = "period"   // Text start, End end; either may be empty
	ValueQuantity ValueType = "quantity" // Text number (with comparator), Unit
	ValueMessage  ValueType = "message"  // Messages: phrases in the reader's language; Text, if any, is the code or word they stand for
	ValueLink     ValueType = "link"     // Text, and Entry: another entry of the same file
)

// Value is one thing to read. Text comes from the record and is never
// translated; Code is kept so that a person can look it up.
type Value struct {
	Type     ValueType `json:"type"`
	Text     string    `json:"text,omitempty"`
	End      string    `json:"end,omitempty"`
	Unit     string    `json:"unit,omitempty"`
	Messages []Message `json:"messages,omitempty"`
	Entry    int       `json:"entry,omitempty"`
	Code     string    `json:"code,omitempty"` // "system|code"
}

// Field is a labelled value. Label is a key of the message catalogue
// ("field.dose") where Known, else the element's own name made readable
// ("Priority"), which is shown as it is.
type Field struct {
	Label  string  `json:"label"`
	Known  bool    `json:"known,omitempty"`
	Values []Value `json:"values"`
}

// Result is one row of a results table: an Observation, or a component of one.
type Result struct {
	Name   string  `json:"name"`
	Code   string  `json:"code,omitempty"`  // "system|code", as Line.Code
	Value  []Value `json:"value"`           // empty: not given; see Note
	Range  string  `json:"range,omitempty"` // "12 – 16 g/dL" as the laboratory gave it
	Flag   string  `json:"flag,omitempty"`  // "", "low", "high", "critical-low", "critical-high", "critical", "abnormal", "normal"
	Note   []Value `json:"note,omitempty"`
	Entry  int     `json:"entry"` // index of the Observation, or -1
	Indent bool    `json:"indent,omitempty"`
}

// Attachment is a document inside a resource. Data is not carried in the view:
// File.Attachment reads it.
type Attachment struct {
	Entry       int    `json:"entry"`
	Path        string `json:"path"` // where in the resource, e.g. "content[0].attachment"
	ContentType string `json:"contentType"`
	Title       string `json:"title,omitempty"`
	Size        int    `json:"size"`          // decoded bytes; 0 when there is no inline data
	URL         string `json:"url,omitempty"` // where it says it is, when not inline; never fetched
}

// Node is an element or text of a narrative after reduction to an allow-list:
// built again from what was understood, never copied.
type Node struct {
	Tag      string `json:"tag,omitempty"`  // "" for text
	Text     string `json:"text,omitempty"` // for text
	ColSpan  int    `json:"colspan,omitempty"`
	RowSpan  int    `json:"rowspan,omitempty"`
	Children []Node `json:"children,omitempty"`
}

// View is what a person reads of one resource. Nothing of the resource is left
// out: what no rule knew stands in More as labelled fields.
type View struct {
	Entry       int          `json:"entry"` // index in File.Entries
	Type        string       `json:"type"`  // FHIR resource type
	ID          string       `json:"id,omitempty"`
	Kind        Kind         `json:"kind"`
	Code        string       `json:"code,omitempty"`   // "system|code" of what it is about, as Line.Code
	Title       string       `json:"title"`            // from the record; "" when it has no words of its own: show the type's name
	Detail      []Value      `json:"detail,omitempty"` // one line under the title: dose, value, status
	Date        string       `json:"date,omitempty"`   // FHIR date or dateTime as written
	Alert       string       `json:"alert,omitempty"`  // "", "caution", "danger"
	Void        bool         `json:"void,omitempty"`   // entered in error: shown struck out, never as a fact
	Inactive    bool         `json:"inactive,omitempty"`
	Negated     bool         `json:"negated,omitempty"` // "no known allergies", immunization not done
	Fields      []Field      `json:"fields,omitempty"`
	Results     []Result     `json:"results,omitempty"`
	Parts       []int        `json:"parts,omitempty"` // of a report in a Document: entries that stand in it alone, as rows of Results
	Narrative   []Node       `json:"narrative,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	More        []Field      `json:"more,omitempty"`
	Visit       int          `json:"visit,omitempty"` // 1 + index of the Encounter it belongs to (an Encounter's own); 0: none
}

// Section is a heading of a document with what stands under it, in the
// document's own order; for a bundle that is no document, one per Kind.
type Section struct {
	Title     string `json:"title"`
	Kind      Kind   `json:"kind,omitempty"` // set when Title is "": show the kind's name
	Code      string `json:"code,omitempty"` // "system|code"
	Narrative []Node `json:"narrative,omitempty"`
	Entries   []int  `json:"entries,omitempty"` // into File.Entries
	Empty     string `json:"empty,omitempty"`   // code of emptyReason
	Level     int    `json:"level,omitempty"`   // 1: stands inside the section before it, and so on
	Missing   int    `json:"missing,omitempty"` // entries it names that are not in the file
}

// Person is who a document is about, as far as it says.
type Person struct {
	Name      string `json:"name,omitempty"`
	BirthDate string `json:"birthDate,omitempty"`
	Gender    string `json:"gender,omitempty"`
}

// Document is a whole file made readable.
type Document struct {
	Title    string    `json:"title"`
	Type     string    `json:"type"` // Bundle type or resource type
	Date     string    `json:"date,omitempty"`
	Author   string    `json:"author,omitempty"`
	Subject  Person    `json:"subject"`
	Origin   Origin    `json:"origin"`
	Sections []Section `json:"sections"`
	Views    []View    `json:"views"` // one per entry, same index
}

// Outline is what an index keeps of a whole file.
type Outline struct {
	Title   string `json:"title"`
	Type    string `json:"type"`
	Date    string `json:"date,omitempty"`
	Author  string `json:"author,omitempty"`
	Subject Person `json:"subject"`
	Lines   []Line `json:"lines"`           // clinical entries only; no Patient, Practitioner, Organization …
	Words   string `json:"words,omitempty"` // further text of the document, for a search: see Note
}
