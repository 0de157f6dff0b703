//go:build js

// Command divided is a program whose rest comes late. What it prints must not depend on
// when.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sort"
	"strings"
	"sync"
	"syscall/js"
	"time"
)

// cold is what a start does not need. Its length keeps it from being written in place.
//
//go:noinline
func cold(n int, s ...string) (string, error) {
	if n == 0 {
		return strings.Join(s, " "), errors.New("none")
	}
	list := append(s, fmt.Sprint(n))
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	rest, err := cold(n-1, list...)
	return fmt.Sprintf("%d(%s)", n, rest), err
}

type shape interface{ area(scale float64) float64 }

type square struct{ side float64 }

//go:noinline
func (s square) area(scale float64) float64 {
	if s.side < 0 {
		panic(fmt.Sprintf("a side of %v", s.side))
	}
	return s.side * s.side * scale
}

//go:noinline
func coldRescue(f func()) (why any) {
	defer func() { why = recover() }()
	f()
	return nil
}

//go:noinline
func coldLocals(a, b, c, d int, text string) map[string]int {
	m := map[string]int{text: a + b*10 + c*100 + d*1000}
	for i := range 100 {
		m[fmt.Sprint(text, i)] = i
	}
	return m
}

func main() {
	// A goroutine that begins in what is not there, and a collection before it runs.
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Add(1)
		go coldWorker(i, &wait)
	}
	runtime.GC()
	wait.Wait()
	text, err := cold(3, "a", "b")
	fmt.Println(text, err)
	var s shape = square{3}
	fmt.Println(s.area(2))
	fmt.Println(coldRescue(func() { square{-1}.area(1) }))
	fmt.Println(len(coldLocals(1, 2, 3, 4, "x")), coldLocals(1, 2, 3, 4, "x")["x"])
	var v struct{ A []int }
	fmt.Println(json.Unmarshal([]byte(`{"A":[1,2,3]}`), &v), v)

	// What JavaScript calls: by itself, amid a call of ours, and for an answer.
	done := make(chan bool)
	js.Global().Set("finish", js.FuncOf(func(js.Value, []js.Value) any { close(done); return nil }))
	answers := make(chan string, 10)
	js.Global().Set("ask", js.FuncOf(func(_ js.Value, args []js.Value) any {
		out := coldAnswer(args[0].String())
		answers <- out
		return out
	}))
	fmt.Println(js.Global().Call("amid").String()) // calls ask meanwhile
	fmt.Println(<-answers)
	js.Global().Call("soon") // calls ask twice, later
	fmt.Println(<-answers, <-answers)
	begun := time.Now()
	<-time.After(30 * time.Millisecond)
	fmt.Println(time.Since(begun) >= 30*time.Millisecond)
	<-done
	fmt.Println("ended")
}

//go:noinline
func coldWorker(i int, wait *sync.WaitGroup) {
	defer wait.Done()
	text, _ := cold(i, fmt.Sprint(i))
	workers.Lock()
	defer workers.Unlock()
	workers.said = append(workers.said, text)
	if len(workers.said) == 4 {
		sort.Strings(workers.said)
		fmt.Println(workers.said)
	}
}

var workers struct {
	sync.Mutex
	said []string
}

//go:noinline
func coldAnswer(s string) string {
	var b strings.Builder
	for i, r := range s {
		fmt.Fprintf(&b, "%d%c", i, r)
	}
	return b.String()
}
