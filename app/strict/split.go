package strict

import "bytes"

// split tells f of each value of an object or an array, which is valid JSON.
func split(b []byte, open byte, f func(name, value []byte) error) error {
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != open {
		return malformed("not an object or a list where one belongs")
	}
	for b = space(b[1:]); b[0] != '}' && b[0] != ']'; b = space(b) {
		var name []byte
		if open == '{' {
			n := quoted(b)
			name, b = b[:n], space(space(b[n:])[1:]) // the colon
		}
		n, err := length(b)
		if err != nil {
			return err
		}
		if err := f(name, b[:n]); err != nil {
			return err
		}
		if b = space(b[n:]); b[0] == ',' {
			b = space(b[1:])
		}
	}
	return nil
}

func space(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// length is that of the value which valid JSON begins with.
func length(b []byte) (int, error) {
	depth := 0
	for i := 0; i < len(b); {
		switch c := b[i]; c {
		case '"':
			i += quoted(b[i:])
		case '{', '[':
			if depth++; depth > maxDepth {
				return 0, ErrTooDeep
			}
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			i++
			continue
		default:
			i += len(b[i:]) - len(bytes.TrimLeft(b[i:], "+-.0123456789Eaeflnrstu"))
		}
		if depth == 0 {
			return i, nil
		}
	}
	return 0, malformed("cut short") // not in valid JSON
}

// quoted is the length of the string which valid JSON begins with. Documents are
// strings of megabytes without a backslash.
func quoted(b []byte) int {
	for i := 1; ; {
		n := bytes.IndexByte(b[i:], '"')
		back := bytes.IndexByte(b[i:i+n], '\\')
		if back < 0 {
			return i + n + 1
		}
		i += back + 2
	}
}
