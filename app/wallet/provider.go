package wallet

import (
	"context"
	"errors"
	"slices"
	"strings"

	"potli/app/inbox"
	"potli/app/party"
	"potli/crypto/jose"
)

// Why a provider's key could not be looked up, or is not theirs.
var (
	// ErrUnsigned: nobody signed it, so that there is no key to look for.
	ErrUnsigned = errors.New("not signed")
	// ErrNoOrigin: it names no address at which its key would be published.
	ErrNoOrigin = errors.New("no address at which the key could be looked up")
	// ErrNotTheirs: what is published there does not have the key. Whoever signed it has
	// no part in that address, or the key was taken back.
	ErrNotTheirs = errors.New("the key is not among those that are published there")
	// ErrNoKeys: what is published there is no set of keys.
	ErrNoKeys = errors.New("no set of keys is published there")
	// ErrKeyLeaked: a private key is published there. Anybody can sign with it.
	ErrKeyLeaked = errors.New("a private key is published there")
)

// CheckProvider looks for the key that signed an item, or the request in it, at the
// address that the item names, and says how the key is known from then on. A key that
// is found is kept as that address's, for this is all that was shown: the name in the
// item stays a claim.
//
// Call it on the person's own tap. The question tells that address that somebody looks
// its keys up; it is asked of nobody when the key was met in person, or found before.
//
// Errors: ErrNoItem, ErrUnsigned, ErrNoOrigin, ErrNotTheirs, ErrNoKeys, ErrKeyLeaked,
// ErrManyPins, those of share.Fetcher.
func (w *Wallet) CheckProvider(ctx context.Context, item string) (inbox.How, error) {
	who, err := w.claims(ctx, item)
	switch {
	case err != nil:
		return "", err
	case who.Key == "":
		return "", ErrUnsigned
	}
	for _, p := range w.Snapshot().Pins {
		if p.Thumbprint == who.Key && p.How != inbox.HowLink {
			return p.How, nil
		}
	}
	if who.Origin == "" || w.d.Directory == nil {
		return "", ErrNoOrigin
	}
	published, err := w.d.Directory.Keys(ctx, who.Origin)
	if err != nil {
		return "", err
	}
	if err := publishes(published, who.Key); err != nil {
		return "", err
	}
	_, host, _ := strings.Cut(who.Origin, "://")
	return inbox.HowDirectory, w.PinProvider(ctx, inbox.Pin{Thumbprint: who.Key, Name: host, How: inbox.HowDirectory})
}

// claims is who an item says it is from, with the key that signed it. Of a request it is
// who asks, whoever brought it.
func (w *Wallet) claims(ctx context.Context, item string) (party.Party, error) {
	it, _, _, err := w.shownItem(ctx, item)
	if err != nil {
		return party.Party{}, err
	}
	if !it.Asks {
		return it.From.Party(it.Signer), nil
	}
	a, err := w.Asked(ctx, item)
	if err != nil {
		return party.Party{}, err
	}
	return a.Request.From, nil
}

// publishes says whether a set of keys has the one with a thumbprint.
func publishes(set []byte, thumbprint string) error {
	keys, err := jose.ParseJWKS(set)
	switch {
	case errors.Is(err, jose.ErrPrivate):
		return ErrKeyLeaked
	case err != nil:
		return ErrNoKeys
	case !slices.ContainsFunc(keys, func(k jose.Key) bool { return k.Thumbprint() == thumbprint }):
		return ErrNotTheirs
	}
	return nil
}
