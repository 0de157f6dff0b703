package fountain

import (
	"encoding/binary"
	"hash/crc32"
)

// Forge changes the block of a frame and makes its checksum right again.
func Forge(text string, by byte) string {
	b, _ := fromBase45(text[len(Prefix):])
	b[head] ^= by
	b = b[:len(b)-4]
	return Prefix + base45(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b)))
}
