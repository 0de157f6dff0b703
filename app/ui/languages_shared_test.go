package ui_test

import (
	"context"
	"sync"

	"potli/app/ui"
)

// catalogues are the languages read once: thousands of pages are drawn here, and to
// read the words anew for each took most of the time.
var catalogues = sync.OnceValue(func() *ui.Languages {
	l := ui.NewLanguages(&device{})
	for _, tag := range []string{"en", "hi"} {
		if _, err := l.Use(context.Background(), tag); err != nil {
			panic(err)
		}
	}
	return l
})
