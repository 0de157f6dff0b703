package vault

import "encoding/binary"

// packer writes numbers and strings one after the other. ref writes a string
// that is likely to come again: 0 is the empty one, 1 a new one that follows, and
// n+2 the n-th of those before.
type packer struct {
	b    []byte
	seen map[string]int
}

func (p *packer) num(n uint64) { p.b = binary.AppendUvarint(p.b, n) }
func (p *packer) int(n int)    { p.b = binary.AppendVarint(p.b, int64(n)) }

func (p *packer) str(s string) {
	p.num(uint64(len(s)))
	p.b = append(p.b, s...)
}

func (p *packer) ref(list ...string) {
	for _, s := range list {
		switch n, ok := p.seen[s]; {
		case s == "":
			p.num(0)
		case ok:
			p.num(uint64(n) + 2)
		default:
			p.seen[s] = len(p.seen)
			p.num(1)
			p.str(s)
		}
	}
}

// unpacker reads what a packer wrote. What it returns are parts of s. After
// something that can not be, bad is set and everything reads as empty.
type unpacker struct {
	s    string
	bad  bool
	seen []string
}

func (u *unpacker) fail() { u.s, u.bad = "", true }

func (u *unpacker) num() (n uint64) {
	for i := 0; i < len(u.s) && i < binary.MaxVarintLen64; i++ {
		c := u.s[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			u.s = u.s[i+1:]
			return n
		}
	}
	u.fail()
	return 0
}

func (u *unpacker) int() int {
	n := u.num()
	return int(int64(n>>1) ^ -int64(n&1))
}

// epoch reads the number of an epoch. No ring comes to a hundredth of it.
func (u *unpacker) epoch() int {
	n := u.num()
	if n > 1<<30 {
		u.fail()
		return 0
	}
	return int(n)
}

// count reads how many things follow. Each takes a byte or more, so no number
// can ask for more memory than the page itself.
func (u *unpacker) count() int {
	n := u.num()
	if n > uint64(len(u.s)) {
		u.fail()
		return 0
	}
	return int(n)
}

func (u *unpacker) take(n int) string {
	if n > len(u.s) {
		u.fail()
		return ""
	}
	s := u.s[:n]
	u.s = u.s[n:]
	return s
}

func (u *unpacker) str() string { return u.take(u.count()) }

func (u *unpacker) ref() string {
	switch n := u.num(); {
	case n == 0:
		return ""
	case n == 1:
		s := u.str()
		u.seen = append(u.seen, s)
		return s
	case n-2 < uint64(len(u.seen)):
		return u.seen[n-2]
	}
	u.fail()
	return ""
}
