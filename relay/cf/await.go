//go:build js && wasm

package cf

import (
	"errors"
	"os"
	"syscall/js"
	"time"
)

// errFailed says nothing of why: what JavaScript throws may quote an address.
var errFailed = errors.New("the platform failed")

// settled is how a promise ended.
type settled struct {
	v   js.Value
	err error
}

// begin asks to be told how p ends. Both functions are released then; the
// library's own way keeps one of each pair for ever, and memory grows with every
// request.
func begin(p js.Value) <-chan settled {
	end := make(chan settled, 1)
	var then, otherwise js.Func
	release := func() {
		then.Release()
		otherwise.Release()
	}
	then = js.FuncOf(func(_ js.Value, args []js.Value) any {
		release()
		end <- settled{v: args[0]}
		return nil
	})
	otherwise = js.FuncOf(func(js.Value, []js.Value) any {
		release()
		end <- settled{err: errFailed}
		return nil
	})
	p.Call("then", then, otherwise)
	return end
}

// await returns how p ended, or os.ErrDeadlineExceeded. The zero time never
// comes. No timer is left behind: one that is pending keeps the object awake.
func await(p js.Value, deadline time.Time) (js.Value, error) {
	var late <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		late = t.C
	}
	select {
	case s := <-begin(p):
		return s.v, s.err
	case <-late:
		return js.Value{}, os.ErrDeadlineExceeded
	}
}

// try calls a function of JavaScript and turns what it throws into an error.
func try(f func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case js.Error:
			err = thrown(e)
		default:
			panic(e)
		}
	}()
	f()
	return nil
}
