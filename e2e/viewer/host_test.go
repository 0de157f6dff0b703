package viewer_test

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// host is a place where links are kept: one handler a link, by path.
type host struct {
	*httptest.Server
	mu    sync.Mutex
	paths map[string]http.HandlerFunc
	Seen  []seen
}

type seen struct {
	Method, Path, Query, ContentType string
	Body                             map[string]any
}

func newHost(t testing.TB) *host {
	h := &host{paths: map[string]http.HandlerFunc{}}
	h.Server = httptest.NewServer(h)
	h.URL = strings.Replace(h.URL, "127.0.0.1", "localhost", 1)
	t.Cleanup(h.Close)
	return h
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	w.Header().Set("Access-Control-Allow-Headers", "content-type")
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s := seen{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, ContentType: r.Header.Get("Content-Type")}
	if r.Method == http.MethodPost {
		_ = json.NewDecoder(r.Body).Decode(&s.Body)
	}
	h.mu.Lock()
	h.Seen = append(h.Seen, s)
	f := h.paths[r.URL.Path]
	h.mu.Unlock()
	if f == nil {
		problem(w, http.StatusNotFound, nil)
		return
	}
	f(w, r.WithContext(r.Context()))
}

// last returns the newest request's body.
func (h *host) last() seen {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.Seen) == 0 {
		return seen{}
	}
	return h.Seen[len(h.Seen)-1]
}

func (h *host) handle(path string, f http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.paths[path] = f
}

func problem(w http.ResponseWriter, status int, more map[string]any) {
	body := map[string]any{"message": "no"}
	for k, v := range more {
		body[k] = v
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

var b64 = base64.RawURLEncoding

// link is a SMART Health Link in the making.
type link struct {
	Key     []byte
	Payload map[string]any
}

func (h *host) link(path, flag string) link {
	key := make([]byte, 32)
	rand.Read(key)
	return link{key, map[string]any{
		"url": h.URL + path, "flag": flag, "key": b64.EncodeToString(key), "label": "Blue folder", "exp": time.Now().Add(10 * time.Minute).Unix(),
	}}
}

func (l link) String() string {
	b, err := json.Marshal(l.Payload)
	if err != nil {
		panic(err)
	}
	return "shlink:/" + b64.EncodeToString(b)
}

// seal makes a compact JWE; deflated when asked.
func (l link) seal(plain []byte, cty string, deflated bool) string {
	head := map[string]string{"alg": "dir", "enc": "A256GCM"}
	if cty != "" {
		head["cty"] = cty
	}
	if deflated {
		head["zip"] = "DEF"
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestCompression)
		w.Write(plain)
		w.Close()
		plain = b.Bytes()
	}
	hb, _ := json.Marshal(head)
	h64 := b64.EncodeToString(hb)
	block, err := aes.NewCipher(l.Key)
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	iv := make([]byte, 12)
	rand.Read(iv)
	sealed := gcm.Seal(nil, iv, plain, []byte(h64))
	n := len(sealed) - 16
	return strings.Join([]string{h64, "", b64.EncodeToString(iv), b64.EncodeToString(sealed[:n]), b64.EncodeToString(sealed[n:])}, ".")
}

const fhirType = "application/fhir+json"

// direct serves one file for flag U and returns its link.
func (h *host) direct(path string, plain []byte) link {
	l := h.link(path, "U")
	jwe := l.seal(plain, fhirType, false)
	h.handle(path, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			problem(w, http.StatusMethodNotAllowed, nil)
			return
		}
		w.Header().Set("Content-Type", "application/jose")
		w.Write([]byte(jwe))
	})
	return l
}

// manifest serves files for a POST.
func (h *host) manifest(path string, files func() []map[string]any) {
	h.handle(path, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			problem(w, http.StatusMethodNotAllowed, nil)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"files": files(), "status": "finalized", "list": map[string]any{"resourceType": "List", "zz": 1}, "unknown": true})
	})
}
