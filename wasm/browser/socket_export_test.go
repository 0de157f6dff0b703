//go:build js

package browser

import (
	"context"
	"time"

	"potli/app/traffic"
)

// Hear is Network.Socket with another time between pings.
func Hear(ctx context.Context, url string, protocols []string, every time.Duration, message func(string) error) error {
	return hear(ctx, new(traffic.Request), url, protocols, every, message)
}
