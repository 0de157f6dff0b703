package ui

import "maps"

// LanguagesOf speaks nothing yet and has the catalogues that another has fetched.
func LanguagesOf(d Device, read *Languages) *Languages {
	read.mu.Lock()
	defer read.mu.Unlock()
	return &Languages{device: d, loaded: maps.Clone(read.loaded)}
}
