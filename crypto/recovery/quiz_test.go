package recovery_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"testing"

	"potli/crypto/recovery"
)

func TestQuiz(t *testing.T) {
	k := kitOf(t, "quiz")
	w := k.Words()
	q, err := k.Quiz(bytes.NewReader([]byte{255, 240, 25, 1, 49, 23, 7})) // two thrown away, one place thrice
	if err != nil {
		t.Fatal(err)
	}
	at := q.Places()
	if !slices.Equal(at, []int{2, 8, 24}) {
		t.Fatalf("places %v", at)
	}
	right := []string{w[at[0]-1], w[at[1]-1], w[at[2]-1]}
	for _, tt := range []struct {
		name    string
		answers []string
		want    []int
	}{
		{"right", right, nil},
		{"capitals and spaces", []string{" " + strings.ToUpper(right[0]) + "\n", right[1], right[2]}, nil},
		{"four letters", []string{right[0][:min(4, len(right[0]))], right[1], right[2]}, nil},
		{"in another order", []string{right[1], right[0], right[2]}, at[:2]},
		{"another word of the list", []string{right[0], right[1], "zoo"}, at[2:]},
		{"no word of the list", []string{right[0], "recieve", right[2]}, at[1:2]},
		{"an empty answer", []string{"", right[1], right[2]}, at[:1]},
		{"one missing", right[:2], at[2:]},
		{"none", nil, at},
		{"one too many", append(slices.Clone(right), "zoo"), nil},
	} {
		if got := q.Wrong(tt.answers); !slices.Equal(got, tt.want) {
			t.Errorf("%s: wrong at %v, want %v", tt.name, got, tt.want)
		}
	}
	if _, err := k.Quiz(strings.NewReader("\x01\x01\x01")); err == nil {
		t.Error("a quiz of one place thrice")
	}
}

// Three different places in order, each as often as another.
func TestQuizIsFair(t *testing.T) {
	k := kitOf(t, "fair")
	count := make(map[int]int)
	const runs = 3000
	for i := range runs {
		chance := sha256.Sum256([]byte(strconv.Itoa(i)))
		q, err := k.Quiz(bytes.NewReader(chance[:]))
		if err != nil {
			t.Fatal(err)
		}
		p := q.Places()
		if len(p) != recovery.Asked || p[0] < 1 || p[0] >= p[1] || p[1] >= p[2] || p[2] > 24 {
			t.Fatalf("places %v", p)
		}
		for _, place := range p {
			count[place]++
		}
	}
	for place := 1; place <= 24; place++ {
		if n := count[place] * 24; n < runs*recovery.Asked*3/4 || n > runs*recovery.Asked*5/4 {
			t.Errorf("place %d was asked %d times in %d", place, count[place], runs)
		}
	}
}
