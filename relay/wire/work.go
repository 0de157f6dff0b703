package wire

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"time"
)

// Work is asked of whoever creates something while many do: in the Problem of a
// 428, which comes before the body is read. The client looks for a counter for
// which WorkDone is true and repeats the request with "Potli-Work:
// <challenge>.<counter>". A challenge holds for the id it was given for, WorkLife
// long. When all is calm no work is asked for.
//
// A server that answers before a large body is read may break the connection
// (RFC 9112, 9.6), and a browser then tells its program of no answer at all. So
// whoever is about to send more than AskFirst bytes sends the same request with
// "Potli-Work: ask" and no body before: it creates nothing, and its answer is 204
// or the 428.
type Work struct {
	Challenge string `json:"challenge"`
	Bits      int    `json:"bits"` // MinWorkBits..MaxWorkBits
}

// A slow phone computes some 300,000 of these hashes a second in wasm (a fifth of
// 1.7 million on a server's core), and finds a counter after 2^bits of them on
// average: 0.4 s at the most that may be asked, and in 14 of 15 times within the
// 1 s that RL8 allows. No client does more, whatever a server asks.
const (
	MinWorkBits = 12
	MaxWorkBits = 17
	WorkLife    = 5 * time.Minute
	AskForWork  = "ask"     // in place of the work
	AskFirst    = 128 << 10 // bytes; Go's server reads 256 KiB of a refused body before it hangs up
)

// WorkDone reports whether
//
//	SHA-256(challenge || "." || id || "." || counter)
//
// begins with at least n zero bits. challenge is the text as it came, id that of
// the path, counter a decimal number; all three are ASCII as they stand in the
// request.
func WorkDone(challenge, id, counter string, n int) bool {
	return WorkZeros(sha256.Sum256([]byte(challenge+"."+id+"."+counter))) >= n
}

// WorkZeros counts the zero bits that a hash begins with, up to 64.
func WorkZeros(hash [32]byte) int { return bits.LeadingZeros64(binary.BigEndian.Uint64(hash[:])) }
