package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"potli/relay"
)

// takedown is the command of that name: it ends the link that somebody complained
// about, without its owner's word, while the relay runs. What names the link is
// read from standard input, because arguments stand in the list of processes and
// in the shell's history, and a link opens what it names.
func takedown(ctx context.Context, p program) error {
	var c config
	f := newFlags(p, "takedown")
	c.storeFlags(f)
	if err := f.done(); err != nil {
		return err
	}
	if err := c.places(p.getenv); err != nil {
		return err
	}
	fmt.Fprintln(p.errs, "Paste the link, its address, its id or the hash of its id, then press Enter:")
	text, err := firstLine(os.Stdin)
	if err != nil {
		return err
	}
	store, err := openStore(ctx, c, p.errs)
	if err != nil {
		return err
	}
	return errors.Join(takeDown(ctx, store, text, p.out), store.Close())
}

// firstLine reads no further than it must: a link is shorter than this.
func firstLine(in io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(&untilLine{in: in}, 16<<10))
	if err != nil {
		return "", fmt.Errorf("reading the link: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// untilLine ends after the first line, so that a person need not end the input.
type untilLine struct {
	in   io.Reader
	done bool
}

func (u *untilLine) Read(p []byte) (int, error) {
	if u.done {
		return 0, io.EOF
	}
	n, err := u.in.Read(p)
	u.done = strings.Contains(string(p[:n]), "\n")
	return n, err
}

func takeDown(ctx context.Context, store relay.Keeper, text string, out io.Writer) error {
	hash, err := idHash(text)
	if err != nil {
		return err
	}
	switch err := store.Takedown(ctx, hash, time.Now().Unix()); {
	case errors.Is(err, relay.ErrGone):
		return errors.New("the relay knows no such link: it has ended and is forgotten, or it is another relay's")
	case err != nil:
		return fmt.Errorf("taking the link down: %w", err)
	}
	_, err = fmt.Fprintln(out, "The link is taken down. Nobody can open it from now on, its file is erased, and it cannot be made again.")
	return err
}

var (
	errNoLink = errors.New("that is no link of a relay: want a link with shlink:/ in it, an address with /l/ in it, " +
		"an id of 43 characters, or 64 hexadecimal digits")
	shlink  = regexp.MustCompile(`shlink:/([A-Za-z0-9_-]+)`)
	address = regexp.MustCompile(`/l/([A-Za-z0-9_-]{43})(?:$|[?#])`)
	bareID  = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	hashed  = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
)

// idHash is how the tables name the link that text is about: what a person sees
// on a screen, what a QR code holds, or what is left of either in a complaint.
func idHash(text string) (string, error) {
	if hashed.MatchString(text) {
		return strings.ToLower(text), nil
	}
	if m := shlink.FindStringSubmatch(text); m != nil {
		payload, err := base64.RawURLEncoding.DecodeString(m[1])
		var link struct {
			URL string `json:"url"`
		}
		if err != nil || json.Unmarshal(payload, &link) != nil {
			return "", errNoLink
		}
		text = link.URL
	}
	id := text
	if m := address.FindStringSubmatch(text); m != nil {
		id = m[1]
	}
	if !bareID.MatchString(id) {
		return "", errNoLink
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:]), nil
}
