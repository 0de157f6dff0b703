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

// table is all processes of this machine.
type table struct {
	parent map[int]int
	own    map[int]time.Duration // processor time, without that of children
}

func processes() (table, error) {
	t := table{map[int]int{}, map[int]time.Duration{}}
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(names) == 0 {
		return t, fmt.Errorf("processor time is read from /proc, which is not here: %v", err)
	}
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
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		t.parent[pid] = int(number(fields[1]))
		t.own[pid] = ticks(fields[11:13])
	}
	return t, nil
}

// of is the processor time of a process and all its descendants.
func (t table) of(pid int) (sum time.Duration) {
	for id, d := range t.own {
		for at := id; at > 1; at = t.parent[at] {
			if at == pid {
				sum += d
				break
			}
		}
	}
	return sum
}

// busy is the processor time of everything on this machine.
func busy() (time.Duration, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("processor time is read from /proc: %w", err)
	}
	// proc(5): cpu user nice system idle iowait irq softirq …
	line, _, _ := bytes.Cut(b, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 8 {
		return 0, fmt.Errorf("/proc/stat begins with %q", line)
	}
	return ticks(fields[1:4]) + ticks(fields[6:8]), nil
}

func ticks(fields [][]byte) (sum time.Duration) {
	for _, f := range fields {
		sum += time.Duration(number(f)) * tick
	}
	return sum
}

func number(text []byte) int64 {
	n, _ := strconv.ParseInt(string(text), 10, 64)
	return n
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
