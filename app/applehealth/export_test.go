package applehealth

// LimitDays sets how many days are kept, for tests, and returns how to undo it.
func LimitDays(n int) (undo func()) {
	old := maxDays
	maxDays = n
	return func() { maxDays = old }
}
