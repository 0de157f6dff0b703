package kill_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"potli/app/history"
	"potli/app/record"
)

// life is one vault, at an origin of its own, and what it must hold.
type life struct {
	t      *testing.T
	name   string
	rand   *rand.Rand
	url    string
	weight []string // what is done, each as often as it stands here
	kit    string   // of the backup that the vault is made of, where that is what is done
	relay  string   // where the peer is met, if there is one

	mu      sync.Mutex
	peer    *peer  // who shares the person; nil: nobody
	sure    model  // acknowledged
	perhaps *model // what was under way when the browser ended
	backup  []byte
	saved   model // what the backup holds
	n       int
	which   string        // number of the browser
	opened  chan struct{} // closed when the vault was opened and compared
	orders  chan struct{} // one for each order that is given out
	pending order
	ending  bool           // nothing new is added any more
	most    int            // how many orders a browser is given, if not 0
	given   int            // to this one
	even    chan struct{}  // closed when the peer has all that is here, and the reverse
	hit     map[string]int // what was under way when a browser ended
}

// model is what a vault holds: records by the hash of their bytes, since an id
// that was never told can not be known.
type model struct {
	records map[string]record.ID // "" while nobody was told
	docs    map[string]string
	none    bool // there is no vault
}

func empty() model { return model{records: map[string]record.ID{}, docs: map[string]string{}} }

func (m model) clone() model { return model{maps.Clone(m.records), maps.Clone(m.docs), m.none} }

func (m model) same(r report) bool {
	if m.none || r.None {
		return m.none && r.None
	}
	got := slices.Sorted(maps.Values(r.Records))
	if !slices.Equal(got, slices.Sorted(maps.Keys(m.records))) || !maps.Equal(m.docs, r.Docs) {
		return false
	}
	for id, sum := range r.Records {
		if want := m.records[sum]; want != "" && want != id {
			return false
		}
	}
	return true
}

// start, order and report as testdata/vaultloop has them.
type start struct {
	Kit   string `json:"kit,omitempty"`
	Made  bool   `json:"made,omitempty"`
	Relay string `json:"relay,omitempty"`
}

type order struct {
	Do         string              `json:"do"`
	ID         record.ID           `json:"id,omitempty"`
	Body       string              `json:"body,omitempty"`
	Docs       map[string]string   `json:"docs,omitempty"`
	Invitation *history.Invitation `json:"invitation,omitempty"`
}

type report struct {
	Err     string               `json:"err"`
	ID      record.ID            `json:"id"`
	None    bool                 `json:"none"`
	Records map[record.ID]string `json:"records"`
	Docs    map[string]string    `json:"docs"`
	Faults  int                  `json:"faults"`
	Rebuilt bool                 `json:"rebuilt"`
	Public  []byte               `json:"public"`
}

func newLife(t *testing.T, name string, weight []string, site http.Handler) *life {
	l := &life{
		t: t, name: name, rand: rand.New(rand.NewPCG(29, uint64(len(name)))), weight: weight,
		sure: empty(), even: make(chan struct{}), hit: map[string]int{},
	}
	mux := http.NewServeMux()
	mux.Handle("/", site)
	mux.HandleFunc("POST /start", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(start{Kit: l.kit, Made: l.made(), Relay: l.relay})
	})
	mux.HandleFunc("POST /next", l.next)
	mux.HandleFunc("POST /backup", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.backup, l.saved = b, l.sure.clone()
	})
	mux.HandleFunc("GET /backup", func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		w.Write(l.backup)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	l.url = s.URL
	return l
}

// made says whether a browser has said that there is a vault.
func (l *life) made() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n > 0
}

// begin makes ready for another browser.
func (l *life) begin(which int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.which, l.given = fmt.Sprint(which), 0
	l.opened, l.orders = make(chan struct{}), make(chan struct{}, 1000)
}

// next takes a report and gives the next order.
func (l *life) next(w http.ResponseWriter, r *http.Request) {
	var got report
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
		return // the browser ended amid its report
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.URL.RawQuery != l.which {
		return // the last word of a browser that is no more
	}
	if l.peer != nil {
		l.came(got)
	}
	select {
	case <-l.opened:
		l.settle(got)
	default:
		l.compare(got)
		close(l.opened)
	}
	if l.given++; l.most > 0 && l.given > l.most {
		l.mu.Unlock()
		<-r.Context().Done() // until the browser is no more
		l.mu.Lock()
		return
	}
	l.choose()
	json.NewEncoder(w).Encode(l.pending)
	select {
	case l.orders <- struct{}{}:
	default:
	}
}

// compare holds what a new browser found against what the old one said.
func (l *life) compare(got report) {
	if l.perhaps != nil {
		l.hit[l.pending.Do]++
	}
	if got.Err != "" || got.Faults != 0 || got.Rebuilt {
		l.t.Errorf("%s: after a kill in %q: error %q, %d faults, rebuilt %v", l.name, l.pending.Do, got.Err, got.Faults, got.Rebuilt)
	}
	switch {
	case l.sure.same(got):
	case l.perhaps != nil && l.perhaps.same(got):
		l.sure = *l.perhaps
	default:
		l.t.Errorf("%s: after a kill in %q: %d records and documents %v; acknowledged were %d and %v",
			l.name, l.pending.Do, len(got.Records), got.Docs, len(l.sure.records), l.sure.docs)
	}
	for id, sum := range got.Records {
		l.sure.records[sum] = id
	}
	l.perhaps = nil
}

// settle takes in what was acknowledged.
func (l *life) settle(got report) {
	if got.Err != "" {
		l.t.Errorf("%s: %s: %s", l.name, l.pending.Do, got.Err)
		return
	}
	if l.perhaps != nil {
		l.sure, l.perhaps = *l.perhaps, nil
	}
	switch l.pending.Do {
	case "add":
		l.sure.records[sumOf(l.pending.Body)] = got.ID
	case "join":
		l.peer.joined = true
	case "recover", "erase", "round":
		if !l.sure.same(got) {
			l.t.Errorf("%s: after %s: %d records, none at all %v", l.name, l.pending.Do, len(got.Records), got.None)
		}
	}
}

// do is what is to be done next.
func (l *life) do() string {
	switch {
	case l.kit != "" && l.sure.none:
		return "recover"
	case l.kit != "":
		return "erase"
	case l.peer != nil && !l.peer.joined:
		return "join"
	case l.peer != nil && l.ending:
		return "round"
	}
	do := l.weight[l.rand.IntN(len(l.weight))]
	switch {
	case l.weight[0] == "restore" && l.backup == nil:
		// First something that a backup can be made of.
		if do = "add"; len(l.sure.records) >= many {
			do = "export"
		}
	case do == "remove" && len(l.sure.records) == 0:
		do = "docs"
	case do == "add" && len(l.sure.records) >= many:
		do = l.weight[len(l.weight)-2] // to remove one, or a round
	}
	return do
}

// many is more records than a life needs. All are read at each start.
const many = 24

// choose decides what comes next and what the vault holds when it is done.
func (l *life) choose() {
	l.n++
	next := l.sure.clone()
	l.pending = order{Do: l.do()}
	switch l.pending.Do {
	case "add":
		l.pending.Body = paper(l.rand, l.n)
		next.records[sumOf(l.pending.Body)] = ""
	case "remove":
		sums := slices.Sorted(maps.Keys(next.records))
		sum := sums[l.rand.IntN(len(sums))]
		l.pending.ID = next.records[sum]
		delete(next.records, sum)
	case "docs":
		l.pending.Docs = l.documents()
		for name, body := range l.pending.Docs {
			if next.docs[name] = body; body == "" {
				delete(next.docs, name)
			}
		}
	case "restore":
		for sum, id := range l.saved.records {
			if _, ok := next.records[sum]; !ok {
				next.records[sum] = id
			}
		}
		for name, body := range l.saved.docs {
			if _, ok := next.docs[name]; !ok {
				next.docs[name] = body
			}
		}
	case "recover":
		next = l.saved.clone()
	case "erase":
		next = model{none: true}
	case "join":
		l.pending.Invitation = l.peer.invitation
	case "round":
		if !l.ending {
			l.peer.works(l.rand)
		}
	}
	l.perhaps = &next
}

// documents are some to write, and to delete.
func (l *life) documents() map[string]string {
	docs := map[string]string{}
	for range 1 + l.rand.IntN(3) {
		name := fmt.Sprint("doc", l.rand.IntN(4))
		if docs[name] = fmt.Sprint(l.n); l.rand.IntN(4) == 0 {
			docs[name] = ""
		}
	}
	return docs
}

// paper is a document of up to 40 KB that no other is like.
func paper(r *rand.Rand, n int) string {
	return fmt.Sprintf("%%PDF-1.4 %d %s", n, strings.Repeat("x", r.IntN(40_000)))
}

func sumOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}
