package strict_test

import (
	"errors"
	"strings"
	"testing"

	"potli/app/strict"
)

func TestDecode(t *testing.T) {
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"whole":                    {`{"v":"1","other":{"v":"2","w":[1,{"x":null}]}}`, nil},
		"in space":                 {" \n{ \"v\" : \"1\" }\t", nil},
		"twice":                    {`{"v":"1","v":"2"}`, strict.ErrMalformed},
		"twice, once in escapes":   {`{"v":"1","\u0076":"2"}`, strict.ErrMalformed},
		"twice, unknown, beneath":  {`{"v":"1","o":[{"p":1,"p":1}]}`, strict.ErrMalformed},
		"in capitals":              {`{"V":"1"}`, strict.ErrMalformed},
		"in a letter that folds":   {`{"\u212a":"1"}`, strict.ErrMalformed}, // the sign of kelvin, for "k"
		"a list":                   {`[]`, strict.ErrMalformed},
		"nothing":                  {``, strict.ErrMalformed},
		"two":                      {`{}{}`, strict.ErrMalformed},
		"not UTF-8":                {"{\"v\":\"\xff\"}", strict.ErrMalformed},
		"another type":             {`{"v":1}`, strict.ErrMalformed},
		"as deep as allowed":       {deep(8), nil},
		"deeper":                   {deep(9), strict.ErrTooDeep},
		"deeper than is looked at": {deep(1000), strict.ErrTooDeep},
		"as many as allowed":       {`{"a":[1` + strings.Repeat(",1", 3997) + `]}`, nil},
		"more":                     {`{"a":[1` + strings.Repeat(",1", 3998) + `]}`, strict.ErrTooBig},
	} {
		var v struct {
			V string `json:"v"`
			K string `json:"k"`
		}
		if err := strict.Decode([]byte(c.text), &v, "v", "k"); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestMembers(t *testing.T) {
	m, err := strict.Members([]byte(`{"a":"x\"}","A": [1,2 ], "n":{"b":{}} }`))
	if err != nil || string(m["a"]) != `"x\"}"` || string(m["A"]) != `[1,2 ]` || string(m["n"]) != `{"b":{}}` || len(m) != 3 {
		t.Errorf("%q, %v", m, err)
	}
	if _, err := strict.Members([]byte(`{"a":1,"\u0061":2}`)); !errors.Is(err, strict.ErrMalformed) {
		t.Errorf("twice: %v", err)
	}
	many := strings.TrimSuffix(strings.Repeat(`"x":1,`, 65), ",")
	for i := range 65 {
		many = strings.Replace(many, `"x"`, `"`+strings.Repeat("y", i)+`"`, 1)
	}
	if _, err := strict.Members([]byte("{" + many + "}")); !errors.Is(err, strict.ErrMalformed) {
		t.Errorf("65 members: %v", err)
	}
	list, err := strict.Elements([]byte(`[1,"]",{}]`), 3)
	if err != nil || len(list) != 3 || string(list[1]) != `"]"` {
		t.Errorf("%q, %v", list, err)
	}
	if _, err := strict.Elements([]byte(`[1,2]`), 1); !errors.Is(err, strict.ErrTooBig) {
		t.Errorf("one more than there may be: %v", err)
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string]error{`"\u0061bc"`: nil, `"abcd"`: strict.ErrTooBig, `1`: strict.ErrMalformed, `null`: strict.ErrMalformed} {
		if s, err := strict.Text([]byte(text), 3); !errors.Is(err, want) || err == nil && s != "abc" {
			t.Errorf("%s: %q, %v", text, s, err)
		}
	}
	if s, err := strict.Text(nil, 3); s != "" || err != nil {
		t.Errorf("no value: %q, %v", s, err)
	}
	if _, ok := strict.Bare([]byte(`"a\u0062"`)); ok {
		t.Error("an escape is bare")
	}
}

// FuzzDecode: no text makes the readers stumble, and what one takes whole the other
// takes apart.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"v":"1","a":[1,{"b":null}]}`, `{"v":"1","v":2}`, `{"a":"\\\""}`, `{"a":[[[[[[[[[`, "{}", `{"":-1.5e9}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var v map[string]any
		err := strict.Decode(b, &v, "v")
		if err != nil || !strict.Valid(b) {
			return
		}
		m, err := strict.Members(b)
		if err != nil {
			return // more than 64, or with long names
		}
		for name := range v {
			if _, ok := m[name]; !ok {
				t.Errorf("%q is in one reading alone", name)
			}
		}
		if len(m) != len(v) {
			t.Errorf("%d members and %d", len(m), len(v))
		}
	})
}
