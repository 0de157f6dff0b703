package worker_test

import (
	"testing"

	"potli/relay/storetest"
)

// TestContract is what every engine must do.
func TestContract(t *testing.T) {
	s := start(t, program(t))
	storetest.RunHTTP(t, s.client())
}
