package vault_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// fill sets every field below v to something of its own, so that a field that a
// page does not keep is found.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, n)
			fill(value, n)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("दवा ", *n))
	case reflect.Int:
		v.SetInt(int64(*n) * 1000 * int64(1-*n%2*2)) // of either sign
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("a kind that a page does not keep: " + v.Kind().String())
	}
}

func wholeOutline() fhir.Outline {
	var o fhir.Outline
	n := 0
	fill(reflect.ValueOf(&o).Elem(), &n)
	return o
}

func TestPageKeepsEveryField(t *testing.T) {
	whole := wholeOutline()
	flags := whole
	flags.Lines = []fhir.Line{{Inactive: true}, {Negated: true}, {}, {Entry: -1, Visit: 1 << 40}}
	for name, o := range map[string]fhir.Outline{
		"all":         whole,
		"flags":       flags,
		"none":        {Type: "x"},
		"same string": {Title: "a", Type: "a", Date: "a", Lines: []fhir.Line{{Kind: "a", Title: "a"}, {Kind: "a"}}},
		"long":        {Title: strings.Repeat("t", 300<<10)},
		"not UTF-8":   {Title: "\xff\x00", Lines: []fhir.Line{{Title: "\x01"}}},
		"subject":     {Subject: fhir.Person{Name: "A", BirthDate: "B", Gender: "C"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := vault.Memory()
			v := create(t, b)
			want := record.Meta{
				Profile: "asha", Format: "any/format", Added: time.Date(2031, 2, 3, 4, 5, 6, 7e6, time.UTC), Outline: o,
				Source: record.Source{How: "how", Name: "name", Host: "host", Link: "link"}, Title: "title", Date: "2031",
			}
			got, err := v.Add(ctx, want, []byte("body"))
			if err != nil {
				t.Fatal(err)
			}
			want.ID, want.Size, want.SHA256 = got.ID, 4, sha("body")
			if o.Lines == nil && o.Title == "" && o.Type == "" {
				want.Outline = got.Outline // Options.Outline was asked
			}
			add(t, v, "other", "another row") // written again beside another
			for at, v := range map[string]*vault.Vault{"as added": v, "opened again": reopen(t, b)} {
				if m, _ := v.Meta(want.ID); !reflect.DeepEqual(m, want) {
					t.Errorf("%s:\n%+v, want\n%+v", at, m, want)
				}
				entries := v.Entries()
				if e := entries[0]; len(entries) != 2 || e.ID() != want.ID || e.Profile() != "asha" || !reflect.DeepEqual(e.Meta(), want) || e != v.Entries()[0] {
					t.Errorf("%s: entries %+v", at, entries)
				}
			}
		})
	}
}

// A brief look is a whole one without the lines.
func TestBrief(t *testing.T) {
	v := create(t, vault.Memory())
	for name, o := range map[string]fhir.Outline{"all": wholeOutline(), "none": {Type: "x"}, "lines": {Type: "x", Lines: []fhir.Line{{}, {}, {}}}} {
		m := meta("asha", name)
		m.Outline = o
		if _, err := v.Add(ctx, m, []byte(name)); err != nil {
			t.Fatal(err)
		}
		e := v.Entries()[0]
		want := e.Meta()
		lines := len(want.Outline.Lines)
		want.Outline.Lines, want.Outline.Words = nil, ""
		if got, n := e.Brief(); !reflect.DeepEqual(got, want) || n != lines {
			t.Errorf("%s: %+v with %d lines, want %+v with %d", name, got, n, want, lines)
		}
		again := meta("asha", name)
		got, err := v.AddPacked(ctx, again, vault.Pack(o), []byte(name+" packed"))
		if err != nil {
			t.Fatal(err)
		}
		whole, _ := v.Meta(got.ID)
		if !reflect.DeepEqual(whole.Outline, o) || !reflect.DeepEqual(got.Outline, want.Outline) {
			t.Errorf("%s, packed elsewhere: %+v, and in brief %+v", name, whole.Outline, got.Outline)
		}
		if _, err := v.AddPacked(ctx, again, vault.Pack(o), []byte(name)); !errors.Is(err, record.ErrDuplicate) {
			t.Errorf("%s once more: %v", name, err)
		}
	}
}

// A page cut short or lengthened anywhere costs a rebuild and no record.
func TestPageCutShort(t *testing.T) {
	page := onePage(t)
	for _, harm := range []string{string(page[:len(page)/2]), string(page[:len(page)-1]), string(page) + "\x00", "potli-index/3\n", "potli-index/3\n\x00", "potli-index/2\n", "{", ""} {
		b := vault.Memory()
		family(t, b)
		want := len(reopen(t, b).Metas())
		set(t, b, nil, names(t, b, "index/")...)
		writeIndex(t, b, `{"version":"potli-vault/3","edition":1,"user":{},"pages":[{"name":"index/x","size":1,"sha256":"","epoch":1}]}`, harm)
		if v := reopen(t, b); len(v.Metas()) != want || !v.Rebuilt() {
			t.Errorf("%.40s: %d records, want %d; rebuilt %v", hex.EncodeToString([]byte(harm)), len(v.Metas()), want, v.Rebuilt())
		}
	}
}

// Opening tells of itself often enough for a single thread to yield.
func TestOpenTells(t *testing.T) {
	b := vault.Memory()
	fat(t, b, 600)
	calls := 0
	if _, err := vault.Open(ctx, options(b), ring(), func(done, total int) {
		if calls++; done > total {
			t.Errorf("%d of %d", done, total)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if calls < 5 {
		t.Errorf("%d calls for 600 records", calls)
	}
}

// A Reader reads the same as Meta, whatever it has read before.
func TestReader(t *testing.T) {
	v := fat(t, vault.Memory(), 3)
	long, n := fhir.Outline{}, 0
	fill(reflect.ValueOf(&long).Elem(), &n)
	for range 9 {
		long.Lines = append(long.Lines, long.Lines...)
	}
	for i, o := range []fhir.Outline{long, {Title: "Short"}, {}} {
		if _, err := v.Add(ctx, record.Meta{Profile: "p", Format: record.FormatFHIR, Outline: o}, fmt.Append(nil, "body ", i)); err != nil {
			t.Fatal(err)
		}
	}
	rests := 0
	read := vault.Reader{Rest: func() { rests++ }}
	for range 2 {
		for i, e := range v.Entries() {
			if got, want := read.Meta(e), e.Meta(); !reflect.DeepEqual(got, want) {
				t.Errorf("record %d: got\n%+v\nwant\n%+v", i, got, want)
			}
		}
	}
	if rests < 8 {
		t.Errorf("%d rests in twice a thousand lines", rests)
	}
}

// summer is Crypto elsewhere, which makes the hash of what it opens.
type summer struct {
	vault.Inline
	asked *int
	spoil byte // what it changes of a hash
}

func (s summer) OpenSum(ctx context.Context, o *keyring.Opener, sealed []byte, want envelope.Expect) (sum [sha256.Size]byte, body []byte, err error) {
	*s.asked++
	_, body, err = s.Open(ctx, o, sealed, want)
	sum = sha256.Sum256(sealed)
	sum[0] ^= s.spoil
	return sum, body, err
}

// A page that was hashed elsewhere is held against its hash like any other: one that is
// another page of ours, put in its place, is not taken.
func TestPagesSummedElsewhere(t *testing.T) {
	for spoil, rebuilt := range map[byte]bool{0: false, 1: true} {
		b := vault.Memory()
		fat(t, b, 5)
		pages, asked, o := len(names(t, b, "index/")), 0, options(b)
		o.Crypto = summer{asked: &asked, spoil: spoil}
		r, err := vault.Ring(ctx, b, keys())
		if err != nil {
			t.Fatal(err)
		}
		v, err := vault.Open(ctx, o, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if asked != pages || v.Rebuilt() != rebuilt || len(v.Entries()) != 5 {
			t.Errorf("spoilt %d: %d of %d pages summed, rebuilt %v, %d records", spoil, asked, pages, v.Rebuilt(), len(v.Entries()))
		}
	}
}
