package browser

import (
	"context"
	"sync"
	"syscall/js"
)

// Chromium keeps an origin's databases in one LevelDB. Killed amid a write it
// leaves half an entry at the end of LevelDB's log, which the next start rightly
// ignores, but then writes on behind it; the start after that finds a checksum
// wrong in the middle of the log, and throws all databases of the origin away.
// (Seen with Chromium 156: killed twice, and everything is lost. TestTornWrite.)
//
// So the first write of a page is preceded by so much that LevelDB begins a new
// log and drops the old one with its half entry. Twenty milliseconds of this page
// and a tenth of a second of waiting, once, is what that costs.
const (
	rollTimes = 75     // 4.5 MB: LevelDB begins a new log after at most 4 MiB
	rollEach  = 60_000 // bytes: from 64 KiB on, values become files beside the log
	rollRoom  = 64 << 20
)

var renewal sync.Mutex
var renewed bool // guarded by renewal

// renew makes the browser begin a new log for its databases, unless this page did
// so before. It writes to the store of db and leaves nothing there. It is a
// precaution: where it fails, or there is little room, the page goes on without.
func renew(ctx context.Context, db js.Value, store string) {
	renewal.Lock()
	defer renewal.Unlock()
	if renewed || !hasLog() || !roomy(ctx) {
		return
	}
	renewed = true
	tx, err := call(db, "transaction", store, "readwrite")
	if err != nil {
		return
	}
	if err := roll(tx, store); err != nil {
		call(tx, "abort")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	first(ctx, tx, "complete", "abort")
}

func roll(tx js.Value, store string) error {
	const key = "~" // no name begins so
	s, err := call(tx, "objectStore", store)
	if err != nil {
		return err
	}
	nothing, err := construct("Uint8Array", rollEach)
	if err != nil {
		return err
	}
	for range rollTimes {
		if _, err := call(s, "put", nothing, key); err != nil {
			return err
		}
	}
	_, err = call(s, "delete", key)
	return err
}

// hasLog says whether this is Chromium, by what only Chromium says of a database.
func hasLog() bool {
	has, err := call(global("Reflect"), "has", global("IDBVersionChangeEvent", "prototype"), "dataLoss")
	return err == nil && has.Truthy()
}

// roomy says whether the browser lends so much room that a few megabytes more do
// no harm: the last small record must still fit (R8).
func roomy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v, err := promised(ctx, global("navigator", "storage"), "estimate")
	if err != nil {
		return false
	}
	return number(get(v, "quota"))-number(get(v, "usage")) > rollRoom
}
