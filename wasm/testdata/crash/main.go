// Command crash does what the runtime needs its tables of functions for: it moves
// deep stacks while the collector looks for pointers on them, through functions that
// reflection made too, it recovers, from the method of a nil pointer too, and it
// defers. Then it crashes, for its trace.
package main

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
)

func main() {
	debug.SetGCPercent(5)
	fmt.Println(errors.Join(outOfRange(3), outOfRange(5), ofNil()))
	fmt.Println(made(), *new(here).method(reflect.ValueOf(new(int))))
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

// valued has a method of its value, which a nil pointer to it has not.
type valued struct{ n int }

func (v valued) String() string { return fmt.Sprint(v.n) }

func ofNil() (err error) {
	defer func() { err = fmt.Errorf("recovered: %v", recover()) }()
	var s fmt.Stringer = (*valued)(nil)
	return errors.New(s.String())
}

// made calls a function that reflection made, over a stack that moves.
func made() int {
	var f func(*int, int) int
	reflect.ValueOf(&f).Elem().Set(reflect.MakeFunc(reflect.TypeOf(f), func(in []reflect.Value) []reflect.Value {
		n := deep(int(in[1].Int()), [40]int{})
		return []reflect.Value{reflect.ValueOf(n + *in[0].Interface().(*int))}
	}))
	x := 7
	return f(&x, 400) + x
}

type here struct{}

// Deep is called as a value of its method.
func (here) Deep(p *int) *int {
	*p = deep(300, [40]int{})
	return p
}

func (h here) method(p reflect.Value) *int {
	f := reflect.ValueOf(h).Method(0).Interface().(func(*int) *int)
	return f(p.Interface().(*int))
}

//go:noinline
func crash(m map[string]int, secret int) {
	defer fmt.Println("deferred")
	m["x"] = secret
}
