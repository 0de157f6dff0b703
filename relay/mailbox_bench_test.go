package relay_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// BenchmarkDeposit is one deposit of 1 KiB, durable, over loopback; each 500 are
// acknowledged. Either every client has a mailbox of its own, or all share one
// and take its numbers from one another.
func BenchmarkDeposit(b *testing.B) {
	for name, shared := range map[string]bool{"own": false, "shared": true} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, nil)
			w.HTTP.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
			var boxes, highest atomic.Int64
			common := w.OpenMailbox(b, "", nil)
			sealed := storetest.Sealed("a", 1024)
			b.SetParallelism(16)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				m, n := common, &highest
				if !shared {
					m, n = w.OpenMailbox(b, fmt.Sprint(boxes.Add(1)), nil), new(atomic.Int64)
				}
				for pb.Next() {
					i := n.Add(1)
					d := wire.Deposit{ID: storetest.EntryID(fmt.Sprint(i)), Sealed: sealed}
					if a, err := w.Try("POST", wire.MailboxPath+m.ID, d, nil); err != nil || a.Status != http.StatusCreated {
						b.Errorf("%d %s %v", a.Status, a.Body, err)
						return
					}
					if i%500 == 0 {
						m.Call(b, "POST", "/ack", acknowledge(i-499, i))
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deposits/s")
		})
	}
}

func acknowledge(from, to int64) (a wire.Acknowledge) {
	for seq := from; seq <= to; seq++ {
		a.Seqs = append(a.Seqs, seq)
	}
	return a
}
