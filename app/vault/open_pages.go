package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"

	"potli/crypto/envelope"
)

// ahead is how many pages are on their way while one is read: storage and Crypto may
// both be elsewhere.
const ahead = 3

// pages reads pages into the state, in their order.
func (l *loading) pages(ctx context.Context, pages []*page) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // of those that nobody waits for any more
	coming := make([]chan fetched, len(pages))
	begin := func(i int) {
		if i < len(pages) {
			coming[i] = make(chan fetched, 1)
			go func() { coming[i] <- l.fetch(ctx, pages[i]) }()
		}
	}
	for i := range ahead {
		begin(i)
	}
	for i, p := range pages {
		l.p.tell(i, l.total)
		begin(i + ahead)
		if err := l.take(p, <-coming[i]); err != nil {
			return err
		}
	}
	return nil
}

// page reads one page into the state.
func (l *loading) page(ctx context.Context, p *page) error { return l.take(p, l.fetch(ctx, p)) }

// fetched is the body of a page, or that it is lost, or an error about something else.
type fetched struct {
	body []byte
	lost bool
	err  error
}

// fetch reads and opens a page. It changes nothing: several are under way at once.
func (l *loading) fetch(ctx context.Context, p *page) fetched {
	id, ok := strings.CutPrefix(p.Name, prefixIndex)
	if !ok {
		return fetched{lost: true}
	}
	sealed, err := get(ctx, l.v.o.Blobs, p.Name)
	switch {
	case errors.Is(err, ErrNotFound):
		return fetched{lost: true}
	case err != nil:
		return fetched{err: err}
	}
	sum, body, err := l.openPage(ctx, p.Epoch, sealed, envelope.Expect{Kind: "index", ID: id})
	if sum != p.SHA256 || isDamage(err) {
		return fetched{lost: true}
	}
	return fetched{body: body, err: err}
}

// openPage is open for a page, and says what its hash is.
func (l *loading) openPage(ctx context.Context, epoch int, sealed []byte, x envelope.Expect) (sum string, body []byte, err error) {
	if c, ok := l.v.o.Crypto.(Summer); ok {
		if sum, body, err := c.OpenSum(ctx, l.opener(epoch), sealed, x); err == nil {
			return hex.EncodeToString(sum[:]), body, nil
		}
	}
	_, body, err = l.open(ctx, epoch, sealed, x)
	return digest(sealed), body, err
}

// take enters the rows of a page.
func (l *loading) take(p *page, f fetched) error {
	if f.err != nil {
		return f.err
	}
	if f.lost {
		l.lost()
		return nil
	}
	rows, old, err := readPage(f.body)
	switch {
	case errors.Is(err, ErrVersion):
		return err
	case err != nil:
		l.lost()
		return nil
	case old:
		l.old = append(l.old, rows...)
		return nil
	}
	p.rows, p.size, p.docs = rows, total(rows), rows[0].Meta == nil
	l.s.pages = append(l.s.pages, p)
	return nil
}
