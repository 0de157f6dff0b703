package shape

// looksSealed reports whether text, base64url, can be what a good cipher writes.
// It looks at eight places of 258 bytes, the first and the last among them, and
// refuses where one byte value comes up 23 times, as in programs, pages, images
// of disks and the directory that ends a zip, or where text stands: more than
// 11/20 printable bytes and 36. True ciphertext is refused with a probability
// below 2^-60; a test adds it up. What was compressed well, and no more, passes.
func looksSealed(text string) bool {
	const places, size = 8, 344 // characters
	var b [size / 4 * 3]byte
	last := max(0, len(text)-size)
	for i := range places {
		at := last * i / (places - 1) &^ 3 // whole groups of four
		n, err := b64.Decode(b[:], []byte(text[at:min(at+size, len(text))]))
		if err != nil || !looksRandom(b[:n]) {
			return false
		}
	}
	return true
}

func looksRandom(b []byte) bool {
	var seen [256]int
	most, printable := 0, 0
	for _, c := range b {
		seen[c]++
		most = max(most, seen[c])
		if ' ' <= c && c <= '~' || c == '\t' || c == '\n' || c == '\r' {
			printable++
		}
	}
	return most < 23 && printable <= 36+len(b)*11/20
}
