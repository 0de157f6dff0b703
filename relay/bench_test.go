package relay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"potli/relay/loadtest"
	"potli/relay/storetest/postgres"
)

// BenchmarkRelay measures a relay in a process of its own, over loopback and
// with full durability, that holds POTLI_BENCH_LINKS live links (default
// 100,000), on every engine that is here.
//
//	go test -run '^$' -bench BenchmarkRelay -benchtime 1x -timeout 30m ./relay
func BenchmarkRelay(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { measure(b, filepath.Join(b.TempDir(), "relay.db")) })
	b.Run("PostgreSQL", func(b *testing.B) {
		server := postgres.Start(b)
		measure(b, server.Database(b), server.PID())
	})
}

// measure runs the whole of package loadtest once; also are processes that work
// for the relay.
func measure(b *testing.B, database string, also ...int) {
	links := 100_000
	if s := os.Getenv("POTLI_BENCH_LINKS"); s != "" {
		var err error
		if links, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		p := start(b, database)
		report, err := loadtest.Target{
			Name: b.Name(), Base: p.Base, Processes: append([]int{p.cmd.Process.Pid}, also...), Self: os.Getpid(), Now: time.Now,
			Links: links, Clients: 32, Each: 5 * time.Second, More: 2 * links,
		}.Run()
		fmt.Printf("\n%s", report) // b.Log cuts it off
		if err != nil {
			b.Fatal(err)
		}
		p.kill()
	}
}
