package loadtest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tick is the unit of /proc/<pid>/stat (USER_HZ, fixed by Linux's ABI).
const tick = time.Second / 100

// spent is the processor time that pid and all its descendants have used.
func spent(pid int) (time.Duration, error) {
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("processor time is read from /proc, which is not here: %v", err)
	}
	parent, ticks := map[int]int{}, map[int]int64{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		// proc(5): pid (name) state ppid … utime stime; the name may hold anything.
		fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
		if len(fields) < 13 {
			continue
		}
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		parent[id], _ = strconv.Atoi(string(fields[1]))
		utime, _ := strconv.ParseInt(string(fields[11]), 10, 64)
		stime, _ := strconv.ParseInt(string(fields[12]), 10, 64)
		ticks[id] = utime + stime
	}
	if _, ok := ticks[pid]; !ok {
		return 0, fmt.Errorf("process %d is not there", pid)
	}
	var sum int64
	for id, n := range ticks {
		for at := id; at > 1; at = parent[at] {
			if at == pid {
				sum += n
				break
			}
		}
	}
	return time.Duration(sum) * tick, nil
}

// memory is a line of a process's own memory in bytes: VmRSS what it holds now,
// VmHWM the most that it ever did.
func memory(pid int, line string) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("memory is read from /proc: %w", err)
	}
	for text := range bytes.Lines(b) {
		if rest, ok := bytes.CutPrefix(text, []byte(line+":")); ok {
			kb, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("process %d has no %s", pid, line)
}
