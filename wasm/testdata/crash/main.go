// Command crash does what the runtime needs its tables of functions for: it moves
// deep stacks while the collector looks for pointers on them, it recovers and it
// defers. Then it crashes, for its trace.
package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

func main() {
	debug.SetGCPercent(5)
	fmt.Println(errors.Join(outOfRange(3), outOfRange(5)))
	answers := make(chan int)
	for i := range 50 {
		go func() { answers <- deep(300+i, [40]int{}) }()
	}
	sum := 0
	for range 50 {
		sum += <-answers
	}
	fmt.Println(sum)
	crash(nil, 0x5eed)
}

// deep fails where a pointer to its stack did not move along with it.
func deep(n int, x [40]int) int {
	if n == 0 {
		runtime.GC()
		return x[3]
	}
	x[n%40] += n
	places := []*int{&x[1], nil}
	defer func() {
		if places[0] != &x[1] || *places[0] != x[1] {
			panic("a pointer was left behind")
		}
	}()
	return deep(n-1, x) + *places[0]
}

func outOfRange(i int) (err error) {
	defer func() { err = fmt.Errorf("recovered: %v", recover()) }()
	var none []int
	return errors.New(fmt.Sprint(none[i]))
}

//go:noinline
func crash(m map[string]int, secret int) {
	defer fmt.Println("deferred")
	m["x"] = secret
}
