package find_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"potli/app/find"
)

func TestFold(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"capitals":             {"Blood COUNT", " blood count"},
		"accents":              {"ÄRZTIN café Škoda naïve", " arztin cafe skoda naive"},
		"accents apart":        {"cafe\u0301 A\u0308rztin", " cafe arztin"},
		"of transliteration":   {"Āyurveda Kṛṣṇa", " ayurveda krsna"},
		"two letters in one":   {"Straße Ænima cœur", " strasse aenima coeur"},
		"hyphen":               {"X-ray chest", " x ray chest\n xray"},
		"code":                 {"E11.9", " e11 9\n e119"},
		"virus":                {"SARS-CoV-2", " sars cov 2\n sarscov2"},
		"apostrophe":           {"Alzheimer's", " alzheimer s\n alzheimers"},
		"number":               {"13.2 g/dL", " 13.2 g dl\n gdl"},
		"pressure":             {"120/80 mmHg", " 120-80 mmhg\n 80"},
		"date":                 {"2025-02-01", " 2025-02-01"},
		"code of numbers":      {"718-7", " 718-7\n 7"},
		"money":                {"₹1,50,000.50", " 150000.50"},
		"dose":                 {"500mg 2.5ml", " 500 mg 2.5 ml"},
		"not a dose":           {"B12 HbA1c", " b12 hba1c"},
		"micro":                {"µg μg", " ug ug"},
		"end of a sentence":    {"fine. Next, please - thanks", " fine next please thanks"},
		"fields":               {"one\ntwo", " one\n two"},
		"signs":                {"(a) [b] <c> — d…", " a b c d"},
		"ten to the power":     {"10³/m²", " 103 m2\n 103m2"},
		"nothing":              {" - . ", ""},
		"no text":              {"a\xffb", " a b"},
		"nukta":                {"ज़ुकाम \u095bुकाम जुकाम", " जुकाम जुकाम जुकाम"},
		"length of vowels":     {"हीमोग्लोबिन हिमोग्लोबीन", " हिमोगलोबिन हिमोगलोबिन"},
		"joiners":              {"क्\u200dष क्\u200cष क्ष", " कष कष कष"},
		"nasals":               {"हिन्दी हिंदी कम्पनी कंपनी दाँत दांत", " हिंदि हिंदि कंपनि कंपनि दांत दांत"},
		"digits":               {"१३.२ ১২ ੧੨ ૧૨ ୧୨ ௧௨ ౧౨ ೧೨ ൧൨ ۱۲", " 13.2 12 12 12 12 12 12 12 12 12"},
		"danda":                {"बुखार।खांसी", " बुखार खांसि"},
		"visarga":              {"दुःख", " दुख"},
		"bengali halves":       {"\u0995\u09c7\u09be \u0995\u09cb", " \u0995\u09cb \u0995\u09cb"},
		"bengali khanda ta":    {"উৎস উত্স", " উতস উতস"},
		"gurmukhi":             {"ਬੁਖ਼ਾਰ ਬੁਖਾਰ ਪੱਟੀ", " ਬੁਖਾਰ ਬੁਖਾਰ ਪਟਿ"},
		"gujarati":             {"તાવ શરદી", " તાવ શરદિ"},
		"odia":                 {"ଜ୍ୱର ଜ୍ଵର", " ଜଵର ଜଵର"},
		"tamil, said with a t": {"காற்று", " காடு"},
		"telugu":               {"జ్వరం", " జవరం"},
		"kannada":              {"ಜ್ವರ", " ಜವರ"},
		"malayalam chillu":     {"പനി മരുന്ന് ഡോക്ടർ ഡോക്ടര്", " പനി മരുനന ഡോകടര ഡോകടര"},
		"urdu":                 {"بخار کے ليے", " بخار کے لیے"},
		"greek":                {"ΑΛΦΑ", " αλφα"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(find.Fold(tt.text)); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	if len(find.Latin1) != 0x180-0xc0 || len(find.Latin2) != 0x1f00-0x1e00 {
		t.Errorf("tables of %d and %d", len(find.Latin1), len(find.Latin2))
	}
}

// Every script of India writes the same sound at the same place of its block, and
// a long vowel as the short one.
func TestFoldParallel(t *testing.T) {
	for name, block := range map[string]rune{
		"Devanagari": 0x0900, "Bengali": 0x0980, "Gurmukhi": 0x0a00, "Gujarati": 0x0a80, "Odia": 0x0b00,
		"Tamil": 0x0b80, "Telugu": 0x0c00, "Kannada": 0x0c80, "Malayalam": 0x0d00,
	} {
		t.Run(name, func(t *testing.T) {
			word := func(places ...rune) string {
				var b strings.Builder
				for _, p := range places {
					b.WriteRune(block + p)
				}
				return b.String()
			}
			for _, c := range []struct{ a, b string }{
				{word(0x15, 0x3f), word(0x15, 0x40)},       // ki, kī
				{word(0x15, 0x41), word(0x15, 0x42)},       // ku, kū
				{word(0x15, 0x47), word(0x15, 0x48)},       // ke, kai
				{word(0x15, 0x4b), word(0x15, 0x4c)},       // ko, kau
				{word(0x07, 0x15), word(0x08, 0x15)},       // ik, īk
				{word(0x15, 0x4d, 0x24), word(0x15, 0x24)}, // kt, kat
				{word(0x15, 0x3c), word(0x15)},             // nukta
				{word(0x15, 0x01, 0x24), word(0x15, 0x02, 0x24)},
				{word(0x15, 0x4d) + "\u200d" + word(0x24), word(0x15, 0x24)},
				{word(0x67, 0x68), "12"},
				{word(0x28, 0x4d, 0x24), word(0x02, 0x24)}, // nt, ṃt
			} {
				if a, b := find.Fold(c.a), find.Fold(c.b); string(a) != string(b) || len(a) < 2 {
					t.Errorf("%s is %q, %s is %q", c.a, a, c.b, b)
				}
			}
		})
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Blood Count 13.2 g/dL", "हीमोग्लोबिन १३.२", "X-ray, E11.9 · 120/80", "பாராசிட்டமால்", "a\xff\u0301\u200d", "\u0995\u09c7\u09be", "ற்ற"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := find.Fold(s)
		if utf8.ValidString(s) && !utf8.Valid(once) {
			t.Fatalf("%q became %q", s, once)
		}
		for _, w := range strings.Fields(string(once)) {
			if len(w) > 48 {
				t.Errorf("a word of %d bytes", len(w))
			}
			if again := strings.Fields(string(find.Fold(w))); len(again) > 0 && !digits(w) && again[0] != w {
				t.Errorf("%q is folded once more to %q", w, again)
			}
			find.Sounds(w)
		}
		q := find.Parse(s)
		end := 0
		for _, p := range q.Spans(s) {
			if p.From < end || p.To <= p.From || p.To > len(s) {
				t.Fatalf("%q: a part from %d to %d after %d", s, p.From, p.To, end)
			}
			end = p.To
		}
		x := find.New()
		at := x.Add(s, s)
		h := x.Search(q)
		if len(s) < 200 && !q.Empty() && !strings.ContainsAny(s, "\"“”„«»") && len(strings.Fields(string(once))) < 8 && h.Head(at) != find.Exact {
			t.Errorf("%q does not find itself", s)
		}
	})
}

func digits(w string) bool { return strings.ContainsAny(w, "0123456789") }
