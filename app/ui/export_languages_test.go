package ui

import "maps"

// LanguagesOf speaks nothing yet and has the catalogues that another has fetched.
func LanguagesOf(d Device, read *Languages) *Languages {
	read.mu.Lock()
	defer read.mu.Unlock()
	l := &Languages{device: d, loaded: maps.Clone(read.loaded), lettered: map[string]bool{}}
	l.all.Store(read.all.Load())
	return l
}

// Offer says which languages there are.
func (l *Languages) Offer(all []Language) { l.all.Store(&all) }
