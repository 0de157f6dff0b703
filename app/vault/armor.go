package vault

import (
	"bytes"
	"io"

	"filippo.io/age/armor"
)

// Armor returns a backup as text, in age's own form for it. Whoever hands files on
// only when they are text, or mends the ends of their lines, leaves this one whole.
func Armor(file []byte) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(file)/48*65 + 128) // 48 bytes a line
	w := armor.NewWriter(&b)
	if _, err := w.Write(file); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

// Unarmor undoes Armor, and returns anything else as it is. Error: record.ErrDamaged.
func Unarmor(file []byte) ([]byte, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(file[:min(len(file), 1024)], " \t\r\n"), []byte(armor.Header)) {
		return file, nil
	}
	b := bytes.NewBuffer(make([]byte, 0, len(file)/4*3))
	if _, err := io.Copy(b, armor.NewReader(bytes.NewReader(file))); err != nil {
		return nil, bad("not whole as text")
	}
	return b.Bytes(), nil
}
