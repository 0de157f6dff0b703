//go:build js

package browser

import (
	"context"
	"errors"
	"sync"
	"syscall/js"
	"time"

	"potli/app/wallet"
)

// Workers is wallet.Worker: it runs jobs in dedicated workers, each a second
// instance of the module this page runs, so nothing is downloaded twice.
//
//	page                                   worker (web/worker.js, then ServeJobs)
//	  │ {module}                             │ instantiates the module
//	  ├─────────────────────────────────────▶│
//	  │◀──────────────────────────── {ready} │
//	  │ {id, job, input}    buffer handed over
//	  ├─────────────────────────────────────▶│
//	  │◀─────────────── {id, progress: [done, total]}   any number
//	  │◀──────────── {id, output, memory} or {id, error, memory}
//	  │◀──────────────────────── {stopped}   the program ended: out of memory
//
// A worker does one job at a time, and cancelling ends the worker: nothing
// else interrupts a computation. Wasm memory never shrinks, so a worker that
// grew large (scrypt takes 128 MiB) is ended after its job; the others after
// idleFor, because they have seen keys.
type Workers struct {
	script string // URL of worker.js
	wasm   string // URL of the module, for when the page did not keep it; "": it does
	beside bool   // it is not the page's own program

	slots  chan struct{}
	mu     sync.Mutex // owns idle and kept
	idle   []*instance
	kept   js.Value // the module, where it is not the page's own
	policy js.Value
}

var _ wallet.Worker = (*Workers)(nil)

// ErrWorker: the worker could not be started, or died. Memory that cannot be
// had is the usual reason.
var ErrWorker = errors.New("the worker stopped")

const (
	atOnce     = 2
	idleFor    = 30 * time.Second
	startWait  = 30 * time.Second
	keepBelow  = 96 << 20 // bytes of memory of a worker worth keeping
	policyName = "wallet-worker"
)

// NewWorkers returns a pool that starts workers when there is a job for them.
// It makes the Trusted Types policy "wallet-worker", which knows one URL.
func NewWorkers(script, wasm string) *Workers {
	w := &Workers{script: script, wasm: wasm, slots: make(chan struct{}, atOnce)}
	if tt := global("trustedTypes"); tt.Truthy() {
		// Lives as long as the page: the policy can be made once only.
		only := js.FuncOf(func(_ js.Value, args []js.Value) any {
			if len(args) > 0 && text(args[0]) == script {
				return script
			}
			return nil
		})
		p, err := call(tt, "createPolicy", policyName, map[string]any{"createScriptURL": only})
		if err != nil {
			only.Release()
		}
		w.policy = p
	}
	return w
}

// Beside returns a pool of one worker for another program: the same script, the
// same policy, and a module that is fetched and compiled with the first job.
func (w *Workers) Beside(wasm string) *Workers {
	return &Workers{script: w.script, wasm: wasm, beside: true, slots: make(chan struct{}, 1), policy: w.policy}
}

// Run performs one job in a worker. Errors of the job keep their identity;
// ErrWorker says that the worker itself failed.
func (w *Workers) Run(ctx context.Context, job string, in []byte, progress func(done, total int)) ([]byte, error) {
	return w.give(ctx, job, func() (js.Value, error) { return toJS(in) }, progress)
}

// give is Run on bytes that are made when a worker has room, and handed over.
func (w *Workers) give(ctx context.Context, job string, in func() (js.Value, error), progress func(done, total int)) ([]byte, error) {
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	i, err := w.take(ctx)
	if err != nil {
		return nil, err
	}
	out, err, reusable := i.run(ctx, job, in, progress)
	if reusable {
		w.keep(i)
	} else {
		i.end()
	}
	return out, err
}

// Stop ends the idle workers.
func (w *Workers) Stop() {
	w.mu.Lock()
	idle := w.idle
	w.idle = nil
	w.mu.Unlock()
	for _, i := range idle {
		i.end()
	}
}

// take returns an idle worker or starts one.
func (w *Workers) take(ctx context.Context) (*instance, error) {
	w.mu.Lock()
	for len(w.idle) > 0 {
		i := w.idle[len(w.idle)-1]
		w.idle = w.idle[:len(w.idle)-1]
		if i.timer.Stop() && !i.dead {
			w.mu.Unlock()
			return i, nil
		}
		i.end()
	}
	w.mu.Unlock()
	return w.start(ctx)
}

// keep puts a worker aside for the next job, for a while.
func (w *Workers) keep(i *instance) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = append(w.idle, i)
	i.timer = time.AfterFunc(idleFor, func() { w.retire(i) })
}

func (w *Workers) retire(i *instance) {
	w.mu.Lock()
	for n, other := range w.idle {
		if other == i {
			w.idle = append(w.idle[:n], w.idle[n+1:]...)
			break
		}
	}
	w.mu.Unlock()
	i.end()
}

// start makes a worker and waits until it is ready.
func (w *Workers) start(ctx context.Context) (*instance, error) {
	module, rest, err := w.module(ctx)
	if err != nil {
		return nil, err
	}
	var url any = w.script
	if get(w.policy, "createScriptURL").Type() == js.TypeFunction {
		if url, err = call(w.policy, "createScriptURL", w.script); err != nil {
			return nil, errors.Join(ErrWorker, err)
		}
	}
	worker, err := construct("Worker", url)
	if err != nil {
		return nil, errors.Join(ErrWorker, err)
	}
	i := newInstance(worker)
	if _, err := call(worker, "postMessage", map[string]any{"module": module, "rest": rest}); err != nil {
		i.end()
		return nil, errors.Join(ErrWorker, err)
	}
	timeout := time.NewTimer(startWait)
	defer timeout.Stop()
	for {
		select {
		case m := <-i.messages:
			if m.dead {
				i.end()
				return nil, ErrWorker
			}
			if m.ready {
				return i, nil
			}
		case <-timeout.C:
			i.end()
			return nil, ErrWorker
		case <-ctx.Done():
			i.end()
			return nil, ctx.Err()
		}
	}
}

// module returns the program, compiled: what the page runs, with its rest where that is
// apart, or what runs beside it. It returns when all of the page's is there, since until
// then the policy that names the script could not answer at once (web/rest.js).
func (w *Workers) module(ctx context.Context) (module, rest js.Value, err error) {
	if global("potliRest").Truthy() {
		if rest, err = await(ctx, global("potliRest")); err != nil {
			return module, rest, errors.Join(ErrWorker, err)
		}
	}
	if w.beside {
		module, err = w.other(ctx)
		return module, js.Undefined(), err
	}
	if m := global("potliModule"); m.Truthy() {
		return m, rest, nil
	}
	if w.wasm == "" {
		return module, rest, ErrWorker
	}
	if module, err = w.compile(ctx); err != nil {
		return module, rest, err
	}
	call(global("Object"), "assign", js.Global(), map[string]any{"potliModule": module})
	return module, rest, nil
}

// other compiles the program beside the page's once.
func (w *Workers) other(ctx context.Context) (js.Value, error) {
	w.mu.Lock()
	kept := w.kept
	w.mu.Unlock()
	if kept.Truthy() {
		return kept, nil
	}
	m, err := w.compile(ctx)
	if err == nil {
		w.mu.Lock()
		w.kept = m
		w.mu.Unlock()
	}
	return m, err
}

func (w *Workers) compile(ctx context.Context) (js.Value, error) {
	response, err := promised(ctx, js.Global(), "fetch", w.wasm)
	if err != nil {
		return js.Undefined(), errors.Join(ErrWorker, err)
	}
	m, err := promised(ctx, global("WebAssembly"), "compileStreaming", response)
	if err != nil {
		return js.Undefined(), errors.Join(ErrWorker, err)
	}
	return m, nil
}

// instance is one running worker. dead is written by event handlers.
type instance struct {
	worker   js.Value
	messages chan message
	cancel   []func()
	timer    *time.Timer
	last     int
	dead     bool
	once     sync.Once
}

// message is what a worker says, copied out of the event.
type message struct {
	ready, dead bool
	id          int
	done, total int
	progress    bool
	output      js.Value
	failed      string
	memory      int64
}

func newInstance(worker js.Value) *instance {
	i := &instance{worker: worker, messages: make(chan message, 64)}
	died := func(js.Value) { i.dead = true; i.push(message{dead: true}) }
	i.cancel = []func(){
		listen(worker, "message", func(e js.Value) { i.push(read(get(e, "data"))) }),
		listen(worker, "error", died),
		listen(worker, "messageerror", died),
	}
	return i
}

// push never blocks: it is called by event handlers. Progress is dropped when
// nobody keeps up; answers find room, since one job has one.
func (i *instance) push(m message) {
	if m.progress && len(i.messages) > cap(i.messages)/2 {
		return
	}
	select {
	case i.messages <- m:
	default:
	}
}

func read(data js.Value) message {
	m := message{
		ready:  yes(get(data, "ready")),
		dead:   get(data, "stopped").Truthy(),
		id:     integer(get(data, "id"), 0),
		output: get(data, "output"),
		failed: text(get(data, "error")),
		memory: number(get(data, "memory")),
	}
	if p := get(data, "progress"); p.Type() == js.TypeObject {
		m.progress = true
		m.done, m.total = integer(get(p, "0"), 0), integer(get(p, "1"), 0)
	}
	return m
}

// run performs one job. reusable is false when the worker must be ended.
func (i *instance) run(ctx context.Context, job string, in func() (js.Value, error), progress func(done, total int)) (out []byte, err error, reusable bool) {
	i.last++
	input, err := in()
	if err != nil {
		return nil, errors.Join(ErrWorker, err), true
	}
	ask := map[string]any{"id": i.last, "job": job, "input": input}
	if _, err := call(i.worker, "postMessage", ask, []any{input.Get("buffer")}); err != nil {
		return nil, errors.Join(ErrWorker, err), false
	}
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err(), false
		case m := <-i.messages:
			switch {
			case m.dead:
				return nil, ErrWorker, false
			case m.id != i.last:
			case m.progress:
				if progress != nil {
					progress(m.done, m.total)
				}
			case m.failed != "":
				return nil, wallet.DecodeError(m.failed), m.memory < keepBelow
			default:
				out, err := fromJS(m.output)
				return out, err, err == nil && m.memory < keepBelow
			}
		}
	}
}

func (i *instance) end() {
	i.once.Do(func() {
		i.dead = true
		call(i.worker, "terminate")
		for _, f := range i.cancel {
			f()
		}
	})
}
