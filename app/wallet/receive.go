package wallet

import (
	"context"
	"net/url"

	"potli/app/record"
	"potli/app/share"
)

// Link reads a SMART Health Link out of pasted text. Errors: share.ErrNoLink,
// share.ErrBadLink, share.ErrVersion.
func (w *Wallet) Link(text string) (share.Link, error) { return share.Parse(text) }

// Receive opens a stranger's link and keeps what it holds as records of the
// current person, byte for byte. Nothing is asked of the host before this is
// called. Errors: *share.PasscodeError, share.ErrGone, share.ErrOffline,
// share.ErrCancelled ….
func (w *Wallet) Receive(ctx context.Context, l share.Link, recipient, passcode string) (*ImportReport, error) {
	if _, err := w.open(); err != nil {
		return nil, err
	}
	_, end := w.work(JobReceive, "", false)
	files, _, err := share.Receive(ctx, w.d.Fetcher, l, recipient, passcode)
	end()
	if err != nil {
		return nil, err
	}
	source := record.Source{How: "link", Host: hostOf(l.URL), Link: l.Hash()}
	list := make([]File, len(files))
	for i, f := range files {
		list[i] = File{
			Name: l.Label, Size: int64(len(f.Body)), How: "link", source: &source,
			Read: func(context.Context) ([]byte, error) { return f.Body, f.Err },
		}
	}
	return w.Import(ctx, list), nil
}

// hostOf is the host of a link as a person may be shown it.
func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Host
}
