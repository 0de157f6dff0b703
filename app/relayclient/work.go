package relayclient

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"hash"
	"maps"
	"strconv"
	"time"

	"potli/app/share"
	"potli/relay/wire"
)

// Work is done on the thread of the page and not in the worker: it is seldom asked for, is over within a second on a slow
// phone (package wire has the figures), and to start a worker takes such a phone longer than most answers. So it is done
// in small steps, and the browser draws and listens between them.
const (
	workStep = 4096 // tries: 3 ms in wasm on a desktop, some 15 ms on a slow phone
	workRest = time.Millisecond
	// askTimes is how often a request is begun again because more work is asked for; each time is a challenge that ran out,
	// on a machine that was suspended in between.
	askTimes = 4
)

// pay sends q, which is about id, and does the work that the relay may ask for it.
func (c *Client) pay(ctx context.Context, id string, q Request) (Response, error) {
	_, creates := q.Header["If-None-Match"]
	asking := creates && len(q.Body) > wire.AskFirst
	for range askTimes {
		now := q
		if asking {
			now.Body, now.Header = nil, maps.Clone(q.Header)
			now.Header[wire.WorkHeader] = wire.AskForWork
		}
		resp, err := do(ctx, c.http, now)
		if err != nil {
			return Response{}, err
		}
		work, ok := asked(resp)
		if !ok && (!asking || resp.Status != 204) {
			return resp, nil
		}
		asking = false
		if !ok {
			continue
		}
		counter, err := solve(work, id, func(int) error { return Sleep(ctx, workRest) })
		if err != nil {
			return Response{}, err
		}
		q.Header[wire.WorkHeader] = work.Challenge + "." + counter
	}
	return Response{}, &share.BusyError{}
}

// asked returns the work that an answer asks for.
func asked(r Response) (wire.Work, bool) {
	var p wire.Problem
	if r.Status != 428 || json.Unmarshal(r.Body, &p) != nil || p.Work == nil {
		return wire.Work{}, false
	}
	return *p.Work, true
}

// solve looks for the counter that makes wire.WorkDone true. After every workStep tries it calls rest with how many there
// have been, and ends with the error that rest returns. A server that asks for more than any may is refused: it would
// empty somebody's battery.
func solve(w wire.Work, id string, rest func(tried int) error) (counter string, err error) {
	if w.Bits > wire.MaxWorkBits {
		return "", share.ErrRefused
	}
	// What is common to all tries is hashed once: half as many tries again in the same time.
	prefix := sha256.New()
	prefix.Write([]byte(w.Challenge + "." + id + "."))
	common := prefix.(hash.Cloner)
	var text [20]byte
	var sum [32]byte
	for n := 0; ; n++ {
		if n > 0 && n%workStep == 0 {
			if err := rest(n); err != nil {
				return "", err
			}
		}
		try, err := common.Clone()
		if err != nil {
			return "", err
		}
		number := strconv.AppendInt(text[:0], int64(n), 10)
		try.Write(number)
		try.Sum(sum[:0])
		if wire.WorkZeros(sum) >= w.Bits {
			return string(number), nil
		}
	}
}
