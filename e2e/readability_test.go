package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// What a text may ask of its reader: somebody who left school at twelve, or reads their
// third language. Grades are those of Flesch and Kincaid (Kincaid et al., 1975: 0.39 words
// a sentence + 11.8 syllables a word - 15.59), which are rough, so one sentence may be
// worse than all of them together.
const (
	mostWords    = 20  // in a sentence
	mostGrade    = 4.0 // of a catalogue as a whole
	worstGrade   = 11.0
	gradedWords  = 12 // fewer say nothing about a grade
	spoken       = 5  // fewer are a label, which would make all of it look easy
	mostSyllable = 5  // in a word
)

// hard are words that people at a counter do not use, with what to write instead; with
// known is what may be said where it is explained on the same page, or is a proper name.
var hard = map[string]string{
	"utilise": "use", "utilize": "use", "commence": "begin", "terminate": "end", "prior": "before", "subsequently": "then", "additional": "more",
	"approximately": "about", "assistance": "help", "authenticate": "prove who you are", "authentication": "proof", "credentials": "words", "cryptographic": "locked",
	"ciphertext": "locked record", "plaintext": "readable", "decrypt": "open", "decrypted": "opened", "decryption": "opening", "encrypt": "lock", "encrypted": "locked", "encryption": "lock",
	"functionality": "what it does", "initiate": "begin", "invalid": "wrong, and say what is right", "malformed": "broken", "parameter": "", "parse": "read", "parsing": "reading", "payload": "what is sent",
	"purchase": "buy", "regarding": "about", "require": "need", "requires": "needs", "required": "needed", "revoke": "take back", "revoked": "taken back", "session": "", "sufficient": "enough",
	"token": "", "verify": "check", "verified": "checked", "verification": "check", "via": "by", "hash": "", "jwe": "", "jws": "", "wasm": "", "database": "what is kept here", "algorithm": "", "ciphertexts": "", "indexeddb": "", "javascript": "", "backend": "", "endpoint": "", "relay’s": "", "biometric": "finger or face", "demographic": "", "artefact": "", "stanza": "", "bundle": "document", "fhir": "", "json": "", "resource": "record",
	"metadata": "", "timestamp": "time", "sync": "keep the same on all phones", "synchronise": "", "ledger": "list", "granted": "given", "recipient": "who gets it", "obtain": "get", "ensure": "make sure",
	"consequently": "so", "nevertheless": "still", "therefore": "so", "hereby": "", "pursuant": "", "shall": "will", "browser storage": "", "cache": "", "api": "", "url": "link", "server": "", "client": "", "protocol": "",
}

// allowed are messages that may have one hard word, with the reason. FHIR is what one asks a
// hospital for, or what a hospital asks for.
var allowed = map[string]string{
	"add.kinds fhir":             "what files may be brought, by the names that are on them",
	"add.paste-hint fhir":        "what may be pasted",
	"error.not-fhir fhir":        "what to ask for instead",
	"export.ktc-hint fhir":       "the name that a registration desk asks for",
	"export.originals-hint fhir": "the name that another program asks for",
	"receipt.save-fhir fhir":     "the name that a hospital asks for",
	"looks.fhirxml fhir":         "what the file is, beside what can be read instead",
	"record.type fhir":           "folded away, for who helps with a record",
	"rule.FHIR-01 fhir":          "what a checker found, for who made the file",
	"receipt.verify-text jws":    "what to look for in another program",
	"kit.note-2 encryption":      "the address of the program that opens a backup without Potli",
}

// TestEnglishIsPlain: every sentence that Potli says, in the words from which it is translated.
func TestEnglishIsPlain(t *testing.T) {
	for _, folder := range []string{"messages", "messages/start", "learn"} {
		texts := englishTexts(t, folder)
		var all count
		for _, key := range sorted(texts) {
			for _, text := range texts[key] {
				for _, fault := range plain(text) {
					if allowed[key+" "+strings.Fields(fault)[0]] == "" {
						t.Errorf("web/%s/en.json: %s: %s\n\t%s", folder, key, fault, text)
					}
				}
				for _, s := range sentences(text) {
					if len(wordsIn(s)) >= spoken {
						all.add(s)
					}
				}
			}
		}
		if g := all.grade(); g > mostGrade {
			t.Errorf("web/%s/en.json asks for %.1f years of school, at most %.1f", folder, g, mostGrade)
		}
		t.Logf("web/%s: %d texts, %d words, %.1f words a sentence, grade %.1f", folder, len(texts), all.words, float64(all.words)/float64(all.sentences), all.grade())
	}
}

// TestPlainFinds: the rules find what they are for.
func TestPlainFinds(t *testing.T) {
	for text, want := range map[string]string{
		"Please verify the credentials.": "credentials, verify",
		"Show this code at the counter.": "",
		"one two three four five six seven eight nine ten one two three four five six seven eight nine ten one": "21 words",
		"Internationalisation helps.": "Internationalisation",
	} {
		got := strings.Join(plain(text), ", ")
		for _, part := range strings.Split(want, ", ") {
			if !strings.Contains(got, part) || want == "" && got != "" {
				t.Errorf("%q: got %q, want %q", text, got, want)
			}
		}
	}
	for word, want := range map[string]int{"phone": 1, "records": 2, "medicine": 3, "the": 1, "table": 2, "opened": 2, "shared": 1, "emergency": 4, "": 0} {
		if got := syllables(word); got != want {
			t.Errorf("%q has %d syllables, want %d", word, got, want)
		}
	}
}

// englishTexts reads a catalogue: what each key says, in each number.
func englishTexts(t *testing.T, folder string) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root(t), "web", filepath.FromSlash(folder), "en.json"))
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]any{}
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	texts := map[string][]string{}
	for key, v := range raw {
		switch v := v.(type) {
		case string:
			texts[key] = []string{v}
		case map[string]any:
			for _, s := range v {
				texts[key] = append(texts[key], fmt.Sprint(s))
			}
			slices.Sort(texts[key])
		}
	}
	return texts
}

func sorted(m map[string][]string) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// plain says what is hard about a text.
func plain(text string) (faults []string) {
	for _, s := range sentences(text) {
		words := wordsIn(s)
		if len(words) > mostWords {
			faults = append(faults, fmt.Sprintf("%d words in a sentence", len(words)))
		}
		var c count
		if c.add(s); len(words) >= gradedWords && c.grade() > worstGrade {
			faults = append(faults, fmt.Sprintf("grade %.1f: %s", c.grade(), s))
		}
		for _, w := range words {
			if instead, bad := hard[strings.ToLower(w)]; bad {
				faults = append(faults, fmt.Sprintf("%s (better: %s)", strings.ToLower(w), instead))
			} else if syllables(strings.ToLower(w)) > mostSyllable {
				faults = append(faults, w+" is long")
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// An address ends no sentence, and a placeholder is one word.
var (
	sentenceEnd = regexp.MustCompile(`[.!?:…]["”’)]*(\s+|$)|\n+`)
	placeholder = regexp.MustCompile(`\{[a-z-]+\}`)
)

func sentences(text string) (list []string) {
	for _, s := range sentenceEnd.Split(placeholder.ReplaceAllString(text, "name"), -1) {
		if strings.TrimSpace(s) != "" {
			list = append(list, s)
		}
	}
	return list
}

func wordsIn(s string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '’' && r != '\'' }),
		func(w string) bool { return !strings.ContainsFunc(w, unicode.IsLetter) })
}

// count is how much there is to read.
type count struct{ words, sentences, syllables int }

func (c *count) add(text string) {
	for _, s := range sentences(text) {
		c.sentences++
		for _, w := range wordsIn(s) {
			c.words++
			c.syllables += max(1, syllables(strings.ToLower(w)))
		}
	}
}

func (c *count) grade() float64 {
	if c.words == 0 {
		return 0
	}
	return 0.39*float64(c.words)/float64(c.sentences) + 11.8*float64(c.syllables)/float64(c.words) - 15.59
}

// syllables counts groups of vowels, without an e that is not heard.
func syllables(word string) (n int) {
	vowel := func(r byte) bool { return strings.IndexByte("aeiouy", r) >= 0 }
	for i := range len(word) {
		if vowel(word[i]) && (i == 0 || !vowel(word[i-1])) {
			n++
		}
	}
	silent := strings.HasSuffix(word, "e") && !strings.HasSuffix(word, "le") ||
		strings.HasSuffix(word, "es") && !regexp.MustCompile(`(s|x|z|ch|sh|c|g)es$`).MatchString(word) ||
		strings.HasSuffix(word, "ed") && !strings.HasSuffix(word, "ted") && !strings.HasSuffix(word, "ded")
	if silent && n > 1 {
		n--
	}
	return n
}
