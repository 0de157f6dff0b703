package ccda

// LimitNodes sets how large a document may be, for tests, and returns how to undo it.
func LimitNodes(n int) (undo func()) {
	old := maxNodes
	maxNodes = n
	return func() { maxNodes = old }
}
