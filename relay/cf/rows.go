//go:build js && wasm

package cf

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// rows are a whole result, as relay/cmd/worker/sql.mjs writes it.
type rows struct {
	names []string
	left  int    // rows not yet read
	cells []byte // of those
}

var errResult = errors.New("a result is not what sql.mjs writes")

func newRows(b []byte) (*rows, error) {
	r := &rows{cells: b}
	columns, err := r.u32()
	if err != nil {
		return nil, err
	}
	if r.left, err = r.u32(); err != nil {
		return nil, err
	}
	for range columns {
		v, err := r.cell()
		name, ok := v.(string)
		if err != nil || !ok {
			return nil, errResult
		}
		r.names = append(r.names, name)
	}
	return r, nil
}

func (r *rows) Columns() []string { return r.names }
func (r *rows) Close() error      { return nil }

func (r *rows) Next(dest []driver.Value) (err error) {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	for i := range dest {
		if dest[i], err = r.cell(); err != nil {
			return err
		}
	}
	return nil
}

// The kinds of a cell.
const (
	cellNull = iota
	cellNumber
	cellText
	cellBlob
)

// cell reads the next one: nil, int64, string or []byte.
func (r *rows) cell() (driver.Value, error) {
	kind, err := r.take(1)
	if err != nil {
		return nil, err
	}
	switch kind[0] {
	case cellNull:
		return nil, nil
	case cellNumber:
		b, err := r.take(8)
		if err != nil {
			return nil, err
		}
		return integer(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case cellText, cellBlob:
		n, err := r.u32()
		if err != nil {
			return nil, err
		}
		b, err := r.take(n)
		if err == nil && kind[0] == cellText {
			return string(b), nil
		}
		return b, err
	}
	return nil, errResult
}

func (r *rows) u32() (int, error) {
	b, err := r.take(4)
	if err != nil {
		return 0, err
	}
	return int(binary.LittleEndian.Uint32(b)), nil
}

// take is the next n bytes; they are never written again.
func (r *rows) take(n int) ([]byte, error) {
	if n > len(r.cells) {
		return nil, errResult
	}
	b := r.cells[:n:n]
	r.cells = r.cells[n:]
	return b, nil
}

// integer is what a column of a number must hold: the platform has no others that
// are exact.
func integer(f float64) (driver.Value, error) {
	if f != math.Trunc(f) || math.Abs(f) > maxExact {
		return nil, errors.New("a stored number is not an exact integer")
	}
	return int64(f), nil
}
