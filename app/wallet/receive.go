package wallet

import (
	"net/url"

	"potli/app/share"
)

// Link reads a SMART Health Link out of pasted text. Errors: share.ErrNoLink,
// share.ErrBadLink, share.ErrVersion.
func (w *Wallet) Link(text string) (share.Link, error) { return share.Parse(text) }

// hostOf is the host of a link as a person may be shown it.
func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Host
}
