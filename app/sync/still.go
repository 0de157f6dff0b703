package sync

// Still runs do while nothing of a profile is on its way. Afterwards the Engine looks
// at the profile anew, so that do may change what this device has written in its
// history and nobody was told yet: see Told.
func (e *Engine) Still(profile string, do func() error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.profiles, profile)
	return do()
}

// Told is the counter up to which others may have heard what a device has written in
// a history, by the notes that the Engine keeps of it. 0: not known.
func Told(kept []byte, device string) uint64 {
	n, err := readNotes(kept, device)
	if err != nil {
		return 0
	}
	told := n.Sent
	if n.Flight != nil {
		told = max(told, n.Flight.Sent)
	}
	return told
}

// Sent is the counter up to which what a device has written is at the relay. 0: nothing,
// or not known.
func Sent(kept []byte, device string) uint64 {
	n, err := readNotes(kept, device)
	if err != nil {
		return 0
	}
	return n.Sent
}
