//go:build js && wasm

package cf

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"syscall/js"
	"unicode/utf8"
)

// A number of JavaScript is exact up to here.
const maxExact = 1<<53 - 1

// toJS turns an argument of a statement into what storage.sql takes. Whatever it
// cannot carry exactly is an error: the platform would round, replace or panic.
// Errors name no values.
func toJS(v driver.Value) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case int64:
		if v > maxExact || v < -maxExact {
			return nil, errors.New("an integer beyond 2^53-1 cannot be stored exactly")
		}
		return float64(v), nil
	case bool: // SQLite has none; the platform would store a text
		if v {
			return 1, nil
		}
		return 0, nil
	case string:
		if !utf8.ValidString(v) {
			return nil, errors.New("a text that is not UTF-8 cannot be stored exactly")
		}
		return v, nil
	case []byte:
		if v == nil {
			return nil, nil
		}
		b := uint8Array.New(len(v))
		js.CopyBytesToJS(b, v)
		return b, nil
	}
	return nil, fmt.Errorf("a value of type %T cannot be stored", v)
}

// thrown keeps of an exception the code that SQLite gives, and drops the words.
func thrown(e js.Error) error {
	text := e.Error()
	if i := strings.LastIndex(text, "SQLITE_"); i >= 0 && i+30 > len(text) {
		return fmt.Errorf("the object's storage: %s", text[i:])
	}
	return errFailed
}
