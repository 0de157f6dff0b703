package relay_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// BenchmarkRelay measures a relay in a process of its own, over loopback and a
// SQLite file with full durability, that holds POTLI_BENCH_LINKS live links
// (default 100,000). Every request is a new reader at a random link, so each
// is charged and leaves a receipt, and waits for the disk twice.
//
//	go test -run '^$' -bench BenchmarkRelay -benchtime 5s ./relay
func BenchmarkRelay(b *testing.B) {
	links := 100_000
	if s := os.Getenv("POTLI_BENCH_LINKS"); s != "" {
		var err error
		if links, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	path := filepath.Join(b.TempDir(), "relay.db")
	seed(b, path, links)
	p := start(b, path)
	p.HTTP.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	atStart := memory(b, p)

	b.Run("GET_U", func(b *testing.B) {
		load(b, p, http.StatusOK, func(i int) (string, string, string) {
			return "GET", fmt.Sprintf("%s%s?recipient=reader-%d", wire.LinkPath, benchID(2*i%links), i), ""
		})
	})
	b.Run("POST_manifest", func(b *testing.B) {
		load(b, p, http.StatusOK, func(i int) (string, string, string) {
			return "POST", wire.LinkPath + benchID((2*i+1)%links), fmt.Sprintf(`{"recipient":"reader-%d"}`, i)
		})
	})
	b.Run("GET_U_repeat", func(b *testing.B) { // the same reader: one write, no receipt
		load(b, p, http.StatusOK, func(i int) (string, string, string) {
			return "GET", fmt.Sprintf("%s%s?recipient=again", wire.LinkPath, benchID(0)), ""
		})
	})
	b.Run("GET_gone", func(b *testing.B) { // no write
		load(b, p, http.StatusNotFound, func(i int) (string, string, string) {
			return "GET", wire.LinkPath + storetest.ID(fmt.Sprint("nobody", i)), ""
		})
	})
	b.Run("memory", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(links), "links")
		b.ReportMetric(atStart, "MB-at-start")
		b.ReportMetric(memory(b, p), "MB-after-load")
	})
}

func benchID(i int) string { return storetest.ID(fmt.Sprint("bench", i)) }

// seed makes links of about 1 KB, those with an even number with flag U.
func seed(b *testing.B, path string, links int) {
	b.Helper()
	db, err := sql.Open("sqlite", sqlstore.DSN(path))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	s, err := sqlstore.Open(context.Background(), db, sqlstore.SQLite)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := db.Exec(`PRAGMA synchronous = OFF`); err != nil { // only here: there is nothing to lose yet
		b.Fatal(err)
	}
	now := time.Now().Unix()
	jwe := []byte(storetest.JWE(wire.ContentTypeFHIR, 1000))
	for i := range links {
		sum := sha256.Sum256([]byte(benchID(i)))
		id := hex.EncodeToString(sum[:])
		mac := relay.PassMAC([32]byte{1}, id) // what the relay itself writes for a link without passcode
		l := relay.Link{ID: id, Expires: now + 86400, Keep: now + 2*86400, UsesLeft: wire.MaxUses, AttemptsLeft: 1, PassMAC: mac,
			Token: storetest.TokenHash("t"), ReceiptKey: storetest.ReceiptKey().PublicKey().Bytes(), ContentType: wire.ContentTypeFHIR}
		if i%2 == 0 {
			l.Flag = "U"
		}
		if _, err := s.Create(context.Background(), l, jwe, now); err != nil {
			b.Fatal(err)
		}
	}
}

// load sends b.N requests from 16 clients and reports rate and latencies.
func load(b *testing.B, p *process, want int, request func(i int) (method, path, body string)) {
	b.Helper()
	const clients = 16
	took := make([]time.Duration, b.N)
	next := make(chan int, clients)
	var wg sync.WaitGroup
	bad := 0
	var mu sync.Mutex
	b.ResetTimer()
	for range clients {
		wg.Go(func() {
			for i := range next {
				method, path, body := request(i)
				var in any
				if body != "" {
					in = body
				}
				begin := time.Now()
				a, err := p.Try(method, path, in, nil)
				took[i] = time.Since(begin)
				if err != nil || a.Status != want {
					mu.Lock()
					bad++
					mu.Unlock()
				}
			}
		})
	}
	for i := range b.N {
		next <- i
	}
	close(next)
	wg.Wait()
	b.StopTimer()
	if bad > 0 {
		b.Errorf("%d of %d requests failed", bad, b.N)
	}
	slices.Sort(took)
	ms := func(q int) float64 { return float64(took[(b.N-1)*q/100].Microseconds()) / 1000 }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
	b.ReportMetric(ms(50), "p50-ms")
	b.ReportMetric(ms(99), "p99-ms")
}

// memory is the resident memory of a process in megabytes.
func memory(b *testing.B, p *process) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Skip("resident memory is read from /proc, which is not here")
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kb) / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}
