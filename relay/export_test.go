package relay

import (
	"maps"
	"slices"
)

// For tests of what only handlers call.

var (
	WorkBits   = workBits
	PadReceipt = padReceipt
)

// MaxUpload is the largest body of the control plane.
const MaxUpload = maxUpload

// Routes lists every path with its methods.
func Routes() map[string][]string {
	all := make(map[string][]string)
	for _, rt := range routes {
		all[rt.pattern] = slices.Sorted(maps.Keys(rt.methods))
	}
	return all
}

// Planes says of every path for whom it is.
func Planes() map[string]string {
	all := make(map[string]string)
	for _, rt := range routes {
		all[rt.pattern] = map[plane]string{planeData: "data", planeControl: "control", planeCounts: "counts"}[rt.plane]
	}
	return all
}
