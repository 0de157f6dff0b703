// Package fountain carries a few kilobytes from one screen to one camera, without any network: as an endless sequence of
// QR codes of which any that are seen will do.
//
//	payload ──SHA-256 behind it──▶ blocks ──Sender.Frame(n)──▶ text of a QR ~~~ camera ~~~▶ Receiver.Add ──▶ payload
//	                                         0 … k-1: a block each
//	                                         k …    : mixtures of all blocks
//
// A camera misses frames, and a plain loop would make it wait a whole round for each one that it missed. Here every
// mixture stands for any block that is missing, so that k frames are enough, whichever they are: the chance that one more
// is needed is below one in two hundred. This is a random linear fountain (D. MacKay, "Fountain codes", IEE Proceedings
// 152(6), 2005, section 2) over the field of 256 elements. LT codes with the robust soliton distribution, which are made
// for thousands of blocks, would ask for a third more frames when there are thirty, as here.
//
// What is not its business: what the payload is (see Pack), drawing and reading codes, and secrecy. Nothing is encrypted:
// the key would have to stand on the same screen, and whoever films it has both. The screen is what has to be kept from
// others' eyes, for as long as it shows.
//
// # Frame
//
// A frame is "POTLI-FILM-1:" and, in base45 (RFC 9285), these bytes, numbers big-endian:
//
//	 0   4  session: the first bytes of the SHA-256 of the payload
//	 4   3  length of the message, which is the payload and its SHA-256
//	 7   2  length of a block
//	 9   3  n, the number of the frame
//	12   …  the block
//	end  4  CRC-32 (IEEE) of all before
//
// The message is cut into k blocks, the last one filled up with zeros. Frame n < k holds block n. Of a frame n ≥ k each
// byte is the sum, over all blocks i, of c(i) times the byte of block i at the same place, in the field of 256 elements
// with x⁸+x⁴+x³+x²+1, which is RaptorQ's too (RFC 6330, section 5.7). c(i) is the top byte of the i-th output of the
// generator below.
//
//	x = session XOR n·0x9E3779B1, or 1 if that is 0; thrown away: 4 outputs
//	each output: x ^= x<<13, x ^= x>>17, x ^= x<<5, then x·0x2C9277B5    (all modulo 2³²)
//
// Those are Marsaglia's shifts ("Xorshift RNGs", Journal of Statistical Software 8(14), 2003) under a multiplication. It is
// needed: the shifts alone are linear, and no more than 32 of their mixtures would ever be independent.
//
// A receiver keeps to one session, length and block length; anything else begins anew. These bytes and the numbers here
// are for ever: the clinic's page of another release reads them (testdata/frames.txt, web/viewer/film.js).
package fountain

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
)

// Prefix begins every frame.
const Prefix = "POTLI-FILM-1:"

const (
	// MaxPayload is what a sequence may hold: at three frames a second 256 KiB would take five minutes, which nobody
	// holds a phone up for.
	MaxPayload = 256 << 10
	// MinFrame and MaxFrame are the bytes of a frame, header and CRC included. 380 are version 15 at level M.
	MinFrame, MaxFrame = 64, 400

	head      = 12
	overhead  = head + 4
	sum       = sha256.Size
	mostFrame = 1<<24 - 1
	mostBlock = 2048 // blocks of one message
)

var (
	// ErrSize: the payload is empty or too large, or such frames are not made.
	ErrSize = errors.New("no sequence of codes holds this")
	// ErrFrame: this is no frame, or one that was misread. The next may be good.
	ErrFrame = errors.New("no frame of a sequence of codes")
	// ErrDamaged: all blocks are there and they are not what was sent.
	ErrDamaged = errors.New("a sequence of codes that does not fit together")
)

// Sender makes the frames of one payload. It is never changed, so it is safe for concurrent use.
type Sender struct {
	session uint32
	length  int // of the message
	blocks  [][]byte
}

// New returns a Sender whose frames have at most size bytes, MinFrame to MaxFrame. Error: ErrSize.
func New(payload []byte, size int) (*Sender, error) {
	if len(payload) == 0 || len(payload) > MaxPayload || size < MinFrame || size > MaxFrame {
		return nil, ErrSize
	}
	hash := sha256.Sum256(payload)
	message := append(append(make([]byte, 0, len(payload)+sum), payload...), hash[:]...)
	count := (len(message) + size - overhead - 1) / (size - overhead)
	if count > mostBlock {
		return nil, ErrSize
	}
	block := (len(message) + count - 1) / count // no longer than needed: the last one is nearly full
	s := &Sender{session: binary.BigEndian.Uint32(hash[:]), length: len(message), blocks: make([][]byte, count)}
	for i := range s.blocks {
		s.blocks[i] = make([]byte, block)
		copy(s.blocks[i], message[min(i*block, len(message)):])
	}
	return s, nil
}

// Blocks is how many frames a receiver needs.
func (s *Sender) Blocks() int { return len(s.blocks) }

// Frame returns frame n as the text of a code; numbers that are too large begin anew.
func (s *Sender) Frame(n int) string {
	n &= mostFrame
	b := binary.BigEndian.AppendUint32(nil, s.session)
	b = append(b, byte(s.length>>16), byte(s.length>>8), byte(s.length))
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.blocks[0])))
	b = append(b, byte(n>>16), byte(n>>8), byte(n))
	b = append(b, s.block(n)...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return Prefix + base45(b)
}

func (s *Sender) block(n int) []byte {
	if n < len(s.blocks) {
		return s.blocks[n]
	}
	out := make([]byte, len(s.blocks[0]))
	for i, c := range mixture(s.session, n, len(s.blocks)) {
		add(out, s.blocks[i], c)
	}
	return out
}

// Receiver puts a payload together from frames in any order. Not safe for concurrent use. The zero value is ready.
type Receiver struct {
	session uint32
	length  int
	rows    []row // by the block that each begins with
	have    int
	begun   bool
}

// row is an equation: the sum of the blocks, each times its coefficient, is data. A row at i has nothing before i, and
// one at i.
type row struct{ coefficients, data []byte }

// Progress says how far a Receiver has come.
type Progress struct {
	Have, Need int  // frames
	New        bool // this frame brought something
	Anew       bool // it began another sequence
}

// Add takes the text of a code. It returns the payload once, with the frame that completes it. Errors: ErrFrame, after
// which nothing has changed; ErrDamaged, after which the Receiver is empty.
func (r *Receiver) Add(text string) (payload []byte, p Progress, err error) {
	f, err := parse(text)
	if err != nil {
		return nil, r.progress(), err
	}
	anew := !r.begun || f.session != r.session || f.length != r.length || len(f.data) != r.block()
	if anew {
		*r = Receiver{session: f.session, length: f.length, rows: make([]row, f.count()), begun: true}
	}
	before := r.have
	r.solve(f.row(len(r.rows)))
	p = r.progress()
	p.New, p.Anew = r.have > before, anew
	if r.have < len(r.rows) || !p.New {
		return nil, p, nil
	}
	payload, err = r.message()
	if err != nil {
		*r = Receiver{}
	}
	return payload, p, err
}

func (r *Receiver) progress() Progress { return Progress{Have: r.have, Need: len(r.rows)} }

func (r *Receiver) block() int {
	for _, row := range r.rows {
		if row.data != nil {
			return len(row.data)
		}
	}
	return 0
}

// solve brings a new equation into line with those that are there (Gaussian elimination). One that follows from them
// vanishes.
func (r *Receiver) solve(e row) {
	for i := range e.coefficients {
		c := e.coefficients[i]
		if c == 0 {
			continue
		}
		if r.rows[i].data == nil {
			scale(e.coefficients, inverse(c))
			scale(e.data, inverse(c))
			r.rows[i] = e
			r.have++
			return
		}
		add(e.coefficients, r.rows[i].coefficients, c)
		add(e.data, r.rows[i].data, c)
	}
}

// message works out the blocks from the last to the first and checks the whole.
func (r *Receiver) message() ([]byte, error) {
	for i := len(r.rows) - 1; i >= 0; i-- {
		for j := range i {
			if c := r.rows[j].coefficients[i]; c != 0 {
				r.rows[j].coefficients[i] = 0
				add(r.rows[j].data, r.rows[i].data, c)
			}
		}
	}
	whole := make([]byte, 0, len(r.rows)*r.block())
	for _, row := range r.rows {
		whole = append(whole, row.data...)
	}
	payload, hash := whole[:r.length-sum], whole[r.length-sum:r.length]
	if got := sha256.Sum256(payload); string(got[:]) != string(hash) || binary.BigEndian.Uint32(hash) != r.session {
		return nil, ErrDamaged
	}
	return payload, nil
}

// frame is one that was read.
type frame struct {
	session   uint32
	length, n int
	data      []byte
}

func (f frame) count() int { return (f.length + len(f.data) - 1) / len(f.data) }

// row is the equation that a frame states.
func (f frame) row(count int) row {
	if f.n >= count {
		return row{mixture(f.session, f.n, count), f.data}
	}
	one := make([]byte, count)
	one[f.n] = 1
	return row{one, f.data}
}

// parse reads a frame and holds it to every limit, since a code was drawn by a stranger.
func parse(text string) (frame, error) {
	digits, ok := strings.CutPrefix(strings.Trim(text, "\r\n"), Prefix) // a space is a digit of base45
	if !ok || len(digits) > 3*MaxFrame/2 {
		return frame{}, ErrFrame
	}
	b, ok := fromBase45(digits)
	if !ok || len(b) <= overhead {
		return frame{}, ErrFrame
	}
	body, check := b[:len(b)-4], b[len(b)-4:]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(check) {
		return frame{}, ErrFrame
	}
	f := frame{
		session: binary.BigEndian.Uint32(body),
		length:  int(body[4])<<16 | int(body[5])<<8 | int(body[6]),
		n:       int(body[9])<<16 | int(body[10])<<8 | int(body[11]),
		data:    body[head:],
	}
	block := int(binary.BigEndian.Uint16(body[7:]))
	if block != len(f.data) || f.length <= sum || f.length > MaxPayload+sum || f.count() > mostBlock {
		return frame{}, ErrFrame
	}
	return f, nil
}
