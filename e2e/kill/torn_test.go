package kill_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A browser that is killed amid a write leaves half of it at the end of its
// database's log. That happens too seldom to wait for it, so here each end is
// given such a half: nothing is lost by it, neither at the next start nor at
// the one after that, which reads over what was half written.
func TestTornWrite(t *testing.T) {
	l := newLife(t, "torn", []string{"add", "add", "add", "docs"}, program(t))
	l.most = 3 // four megabytes would make the browser begin a new log by itself
	b := newBrowser(t, installed(t), []*life{l})
	var torn []string
	for range 5 {
		kill := b.start()
		written := b.patient(l.opened)
		for range 3 { // the third is given out when two were acknowledged
			written = written && b.patient(l.orders)
		}
		if !written {
			t.Error("nothing happens any more")
		}
		dropped(torn)
		kill()
		if t.Failed() {
			return
		}
		torn = tear(t, b.dir)
	}
	b.last()
}

// dropped waits until the browser has begun new logs and dropped those that are
// torn: it does so behind the first write, on its own time. Where it does not, what
// is lost at the next start will tell.
func dropped(torn []string) {
	for range 100 {
		if !slices.ContainsFunc(torn, func(name string) bool { _, err := os.Stat(name); return err == nil }) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// torn are the logs of a browser's profile that end with half an entry.
func torn(t *testing.T, profile string) (names []string) {
	t.Helper()
	logs, _ := filepath.Glob(filepath.Join(profile, "Default", "IndexedDB", "*.leveldb", "*.log"))
	for _, name := range logs {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if isTorn(b) {
			names = append(names, name)
		}
	}
	return names
}

// isTorn goes through the last block of a log. What is whole before it is of no
// matter; an entry whose later parts are missing is torn as well.
func isTorn(log []byte) bool {
	block := log[len(log)/logBlock*logBlock:]
	kind := byte(logFull)
	if len(block) == 0 && len(log) > 0 {
		block = log[len(log)-logBlock:]
	}
	for len(block) >= logHeader {
		n := logHeader + int(binary.LittleEndian.Uint16(block[4:]))
		if kind = block[6]; n > len(block) {
			return true
		}
		block = block[n:]
	}
	return len(block) > 0 || kind != logFull && kind != logLast
}

// LevelDB's log is made of blocks, of which an entry, or a part of one that goes on
// in the next block, never crosses the end. Ahead of each stand four bytes of a
// checksum, two of its length and one of its kind (LevelDB, doc/log_format.md).
const (
	logBlock  = 32 << 10
	logHeader = 4 + 2 + 1
	logFull   = 1 // a whole entry
	logFirst  = 2 // its first part; 3 is one in the middle
	logLast   = 4
)

// tear ends the newest log of every database of a browser's profile as a kill amid
// a write does: with the head of an entry and half of what belongs to it. It
// returns the names of these logs.
func tear(t *testing.T, profile string) (torn []string) {
	t.Helper()
	dirs, _ := filepath.Glob(filepath.Join(profile, "Default", "IndexedDB", "*.leveldb"))
	for _, dir := range dirs {
		logs, _ := filepath.Glob(filepath.Join(dir, "*.log"))
		if len(logs) == 0 {
			continue
		}
		last := logs[len(logs)-1] // sorted by number, of six digits
		if err := tearLog(last); err != nil {
			t.Fatal(err)
		}
		torn = append(torn, last)
	}
	if len(torn) == 0 {
		t.Fatalf("no database of the browser has a log: %q", dirs)
	}
	return torn
}

func tearLog(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	left := logBlock - int(st.Size()%logBlock)
	var half []byte
	if left < 2*logHeader {
		half, left = make([]byte, left), logBlock // the next block then
	}
	head := binary.LittleEndian.AppendUint32(nil, 0xbad)
	head = binary.LittleEndian.AppendUint16(head, uint16(left-logHeader))
	half = append(append(half, head...), logFirst)
	half = append(half, make([]byte, (left-logHeader)/2)...)
	_, err = f.Write(half)
	return err
}

func TestIsTorn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "000003.log")
	entry := func(kind byte, n int) []byte {
		return append([]byte{0, 0, 0, 0, byte(n), byte(n >> 8), kind}, make([]byte, n)...)
	}
	for label, log := range map[string][]byte{
		"empty":              nil,
		"one":                entry(logFull, 100),
		"two blocks":         append(entry(logFirst, logBlock-logHeader), entry(logLast, 5)...),
		"a full block":       entry(logFull, logBlock-logHeader),
		"a block with a gap": append(append(entry(logFull, logBlock-logHeader-3), 0, 0, 0), entry(logFull, 9)...),
	} {
		if isTorn(log) {
			t.Errorf("%s: is said to be torn", label)
		}
		os.WriteFile(name, log, 0o600)
		if err := tearLog(name); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(name); !isTorn(b) || len(b) <= len(log) {
			t.Errorf("%s: torn, it is said to be whole", label)
		}
	}
	if !isTorn(entry(logFull, 100)[:5]) || !isTorn(entry(logFirst, logBlock-logHeader)) {
		t.Error("half a head, or the first part alone, is said to be whole")
	}
}
