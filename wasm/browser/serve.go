//go:build js

package browser

import (
	"context"
	"errors"
	"runtime"
	"syscall/js"
	"time"

	"potli/app/wallet"
)

// Job computes bytes from bytes; wallet.Jobs.Run is one.
type Job func(ctx context.Context, job string, in []byte, progress func(done, total int)) ([]byte, error)

// progressEvery keeps a busy worker from flooding the page.
const progressEvery = 50 * time.Millisecond

// ServeJobs is the worker's side of Workers. It never returns: the page ends
// the worker. Call it when OnPage is false.
func ServeJobs(run Job) {
	// Lives as long as the worker. It is set, not added, because worker.js keeps
	// what came early until onmessage is another's.
	js.Global().Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if len(args) > 0 {
			try(func() js.Value { accept(run, get(args[0], "data")); return js.Undefined() })
		}
		return nil
	}))
	say(map[string]any{"ready": true})
	select {}
}

func accept(run Job, data js.Value) {
	id, job := integer(get(data, "id"), 0), text(get(data, "job"))
	if id == 0 || job == "" {
		return
	}
	in, err := fromJS(get(data, "input"))
	if err != nil {
		refuse(id, errors.New("worker: a job without input"))
		return
	}
	go serve(run, id, job, in)
}

func serve(run Job, id int, job string, in []byte) {
	var last time.Time
	progress := func(done, total int) {
		if now := time.Now(); done == total || now.Sub(last) >= progressEvery {
			last = now
			say(map[string]any{"id": id, "progress": []any{done, total}})
		}
	}
	out, err := guarded(run, job, in, progress)
	if err != nil {
		refuse(id, err)
		return
	}
	output, err := toJS(out)
	if err != nil {
		refuse(id, err)
		return
	}
	say(map[string]any{"id": id, "output": output, "memory": memory()}, []any{output.Get("buffer")})
}

// guarded turns a panic of a job into an error: a file that trips one must not
// take the worker, and with it the import, along.
func guarded(run Job, job string, in []byte, progress func(done, total int)) (out []byte, err error) {
	defer func() {
		if recover() != nil { // its text may quote the file
			out, err = nil, errors.New("worker: the job "+job+" failed unexpectedly")
		}
	}()
	return run(context.Background(), job, in, progress)
}

func refuse(id int, err error) {
	say(map[string]any{"id": id, "error": wallet.EncodeError(err), "memory": memory()})
}

func say(message ...any) { call(js.Global(), "postMessage", message...) }

// memory is about how large this instance has grown, in bytes.
func memory() int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.Sys)
}
