package vault

import (
	"errors"

	"potli/app/record"
)

// isLost says whether an error means that one object is damaged or gone, and
// others may be fine.
func isLost(err error) bool {
	return errors.Is(err, record.ErrDamaged) || errors.Is(err, ErrNotFound)
}
