package keyring

import (
	"strings"

	"filippo.io/age"
)

const (
	secretPrefix = "AGE-SECRET-KEY-PQ-1"
	maxRecovery  = 64 << 10 // a recovery text has under 1 KiB
)

// RecoveryText is what a person keeps on paper or in a file: comment lines and
// the identity in age's own form, so that
//
//	age -d -i recovery.txt backup.age > backup.zip
//
// works with the stock tool. Whoever holds it and a backup reads everything.
func (k *Keys) RecoveryText() string {
	return "# Potli recovery text. Whoever has this and a backup can read every record in it.\n" +
		"# Keep it on paper, apart from the backup.\n" +
		"# Without Potli: age -d -i recovery.txt backup.age > backup.zip (https://age-encryption.org)\n" +
		k.Identity.String() + "\n"
}

// FromRecovery reads an identity out of a recovery text and makes new device
// keys around it. It forgives what typing and copying do: case, spaces and line
// breaks inside the key, CRLF, a byte order mark, text around it in comments.
// The key's own checksum finds a mistyped character. Error: ErrBadRecovery.
func FromRecovery(text string) (*Keys, error) {
	if len(text) > maxRecovery {
		return nil, ErrBadRecovery
	}
	var typed strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if !strings.HasPrefix(line, "#") {
			typed.WriteString(strings.Join(strings.Fields(line), ""))
		}
	}
	s := strings.ToUpper(typed.String())
	if !strings.HasPrefix(s, secretPrefix) {
		return nil, ErrBadRecovery
	}
	id, err := age.ParseHybridIdentity(s)
	if err != nil {
		return nil, ErrBadRecovery // age's own error would quote what it read
	}
	return around(id)
}
