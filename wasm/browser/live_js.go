//go:build js

package browser

import (
	"bytes"
	"context"
	"fmt"
	"syscall/js"

	"potli/app/relayclient"
)

// longestLine is more than any line of a relay's stream of events.
const longestLine = 1 << 10

var _ relayclient.Streamer = Network{}

// Stream reads an answer line by line as it comes. EventSource would do as much,
// but cannot send the owner's token.
func (n Network) Stream(ctx context.Context, r relayclient.Request, line func(string) error) error {
	noted, err := n.Meter.Begin(ctx, r.URL, weight(r))
	if err != nil {
		return err
	}
	err = fetching(ctx, ask{method: r.Method, url: r.URL, header: r.Header, body: r.Body}, func(response js.Value) error {
		if status := integer(get(response, "status"), 0); status != 200 {
			return fmt.Errorf("no stream: status %d", status)
		}
		var rest []byte
		return pieces(ctx, response, func(chunk js.Value) error {
			b, err := fromJS(chunk)
			if err != nil {
				return err
			}
			noted.Got(len(b))
			rest = append(rest, b...)
			for {
				first, after, whole := bytes.Cut(rest, []byte("\n"))
				if len(first) > longestLine {
					return ErrTooLong
				}
				if !whole {
					return nil
				}
				if err := line(string(bytes.TrimSuffix(first, []byte("\r")))); err != nil {
					return err
				}
				rest = after
			}
		})
	})
	noted.Over(err)
	return err
}
