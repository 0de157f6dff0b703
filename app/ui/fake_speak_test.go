package ui_test

import "context"

// voice is a phone's voices, as a test wants them: what it would read is told apart by the languages alone.
type voice struct {
	here, away, none []string
	late             []string // come when they are waited for
	reads            []string // what Read was asked for
	cloud            bool     // with voices elsewhere too
	done             func(ok bool)
	stopped          int
}

func (v *voice) Voices(string) (here, away, none []string) { return v.here, v.away, v.none }

func (v *voice) AwaitVoices(context.Context) { v.here, v.late = append(v.here, v.late...), nil }

func (v *voice) Read(id string, away bool, touch func(), done func(ok bool)) (stop func()) {
	touch()
	v.reads, v.cloud, v.done = append(v.reads, id), away, done
	return func() { v.stopped++ }
}
