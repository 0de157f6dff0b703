package wallet

// CheckLinked reads what a linked device is given.
func CheckLinked(b []byte) error { _, err := readLinked(b); return err }
