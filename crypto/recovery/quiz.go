package recovery

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Asked is how many words a quiz asks for.
const Asked = 3

// Quiz finds out whether a kit was written down: it asks for three of the words.
// It guards nothing, the kit stands on the same screen a moment before; so wrong
// answers are not counted.
type Quiz struct {
	places [Asked]int
	words  [Asked]string
}

// Quiz chooses three different places, each as likely as another, from rand.
func (k *Kit) Quiz(rand io.Reader) (*Quiz, error) {
	const bound = 256 / wordCount * wordCount // numbers that would favour some places are thrown away
	var places []int
	for len(places) < Asked {
		var b [1]byte
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return nil, fmt.Errorf("no randomness for a quiz: %w", err)
		}
		if place := int(b[0]) % wordCount; int(b[0]) < bound && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	q, all := new(Quiz), k.Words()
	for i, place := range places {
		q.places[i], q.words[i] = place+1, all[place]
	}
	return q, nil
}

// Places are the numbers of the words asked for, from 1 to 24, in order.
func (q *Quiz) Places() []int { return slices.Clone(q.places[:]) }

// Wrong returns the places whose answer is not the word, in order; none when all
// are right. Answers stand in the order of Places and are read as Parse reads
// words; a missing one is wrong.
func (q *Quiz) Wrong(answers []string) []int {
	var wrong []int
	for i, place := range q.places {
		if i >= len(answers) || !sameWord(answers[i], q.words[i]) {
			wrong = append(wrong, place)
		}
	}
	return wrong
}

func sameWord(answer, word string) bool {
	at, ok := words().find(strings.TrimSpace(answer))
	return ok && words().words[at] == word
}

// String keeps words out of logs.
func (q Quiz) String() string { return "recovery.Quiz{…}" }

// GoString keeps words out of logs written with %#v.
func (q Quiz) GoString() string { return q.String() }

// Format keeps words out of logs whatever the verb.
func (q Quiz) Format(s fmt.State, _ rune) { io.WriteString(s, q.String()) }
