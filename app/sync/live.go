package sync

import "context"

// Ear returns the mailbox in which what is new of a profile turns up: that of its
// newest epoch. false: a Round has not opened it yet, or there is nobody to be heard.
func (e *Engine) Ear(profile string) (Box, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.profiles[profile]
	if p == nil || p.v.Removed || len(p.v.Epochs) == 0 || p.alone() {
		return Box{}, false
	}
	b := p.box(len(p.v.Epochs) - 1)
	_, opened := p.opened[b.ID]
	return b, opened
}

// OwnEar is Ear for what the user's own devices share.
func (e *Engine) OwnEar(ctx context.Context, own Own) (Box, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	epochs, err := own.Epochs(ctx)
	if err != nil || len(epochs) == 0 {
		return Box{}, false
	}
	b := BoxOf("", epochs[len(epochs)-1])
	_, opened := e.opened[b.ID]
	return b, opened
}
