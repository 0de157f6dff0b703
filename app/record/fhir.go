package record

import (
	"errors"
	"fmt"

	"potli/app/card"
	"potli/app/ccda"
	"potli/app/fhir"
	"potli/app/note"
)

// FHIR returns what the bytes of a record say as FHIR R4: the bytes themselves
// where they are FHIR, what a health card has inside, a document Bundle for a
// clinical document in XML, text or a page. It is made anew each time it is
// wanted and is the same for the same bytes; what is kept, and goes out as the
// original, are the bytes. Everybody who reads records reads them through it.
// nil for a format that Format.FHIR denies. Errors: those of Sniff, card.ErrPart.
func FHIR(f Format, b []byte) (out []byte, err error) {
	switch f {
	case FormatFHIR:
		return b, nil
	case FormatCard, FormatCode:
		out, err = card.Open(b)
	case FormatCDA:
		out, err = ccda.FHIR(b)
	case FormatText:
		out, err = note.Text(b)
	case FormatHTML:
		out, err = note.HTML(b)
	}
	return out, refusal(err)
}

// refusal says for which of the reasons to refuse a file it cannot be read.
func refusal(err error) error {
	for _, r := range []struct{ from, to error }{
		{card.ErrTooBig, ErrTooBig}, {card.ErrMalformed, ErrDamaged}, {card.ErrNotCard, ErrDamaged},
		{ccda.ErrTooBig, ErrTooBig}, {ccda.ErrTooDeep, ErrTooDeep}, {ccda.ErrDamaged, ErrDamaged}, {ccda.ErrNotCDA, ErrDamaged},
		{note.ErrTooBig, ErrTooBig}, {note.ErrNotText, ErrEmpty},
	} {
		if errors.Is(err, r.from) {
			return fmt.Errorf("%w: %w", r.to, err)
		}
	}
	return err
}

// outline is what the index keeps of FHIR, and of all that is read as FHIR.
func outline(f Format, name string, b []byte) (fhir.Outline, error) {
	body, err := FHIR(f, b)
	if err != nil {
		return fhir.Outline{}, err
	}
	file, err := fhir.Parse(body)
	if err != nil {
		return fhir.Outline{}, err
	}
	o := file.Outline()
	if o.Title == "" && f != FormatFHIR && !f.Card() {
		o.Title = Title(name)
	}
	return o, nil
}
