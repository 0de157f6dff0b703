//go:build js

package browser

import (
	"bytes"
	"encoding/binary"
)

// imageSize reads type and size in pixels out of the first bytes of a PNG, JPEG
// or WebP, so that an image is refused before it is decoded. typ is "" for
// anything else. Sources: PNG (W3C) 11.2.1 IHDR; JPEG (ITU T.81) B.2.2 SOFn;
// WebP container (RFC 9649) 2.5 to 2.7.
func imageSize(b []byte) (typ string, width, height int) {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		if len(b) < 24 || string(b[12:16]) != "IHDR" {
			return "", 0, 0
		}
		return "image/png", int(binary.BigEndian.Uint32(b[16:])), int(binary.BigEndian.Uint32(b[20:]))
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return jpegSize(b)
	case len(b) >= 30 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return webpSize(b)
	}
	return "", 0, 0
}

func jpegSize(b []byte) (typ string, width, height int) {
	for i := 2; i+9 < len(b); {
		if b[i] != 0xff {
			return "", 0, 0
		}
		marker := b[i+1]
		switch {
		case marker == 0xff: // fill byte
			i++
			continue
		case marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7): // stands alone
			i += 2
			continue
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			return "image/jpeg", int(binary.BigEndian.Uint16(b[i+7:])), int(binary.BigEndian.Uint16(b[i+5:]))
		case marker == 0xda || marker == 0xd9: // image data before a frame header
			return "", 0, 0
		}
		n := int(binary.BigEndian.Uint16(b[i+2:]))
		if n < 2 {
			return "", 0, 0
		}
		i += 2 + n
	}
	return "", 0, 0
}

func webpSize(b []byte) (typ string, width, height int) {
	u24 := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
	switch string(b[12:16]) {
	case "VP8X":
		return "image/webp", 1 + u24(b[24:]), 1 + u24(b[27:])
	case "VP8L":
		if b[20] != 0x2f {
			return "", 0, 0
		}
		v := binary.LittleEndian.Uint32(b[21:])
		return "image/webp", 1 + int(v&0x3fff), 1 + int(v>>14&0x3fff)
	case "VP8 ":
		if b[23] != 0x9d || b[24] != 0x01 || b[25] != 0x2a {
			return "", 0, 0
		}
		return "image/webp", int(binary.LittleEndian.Uint16(b[26:]) & 0x3fff), int(binary.LittleEndian.Uint16(b[28:]) & 0x3fff)
	}
	return "", 0, 0
}
