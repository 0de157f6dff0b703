package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"potli/app/card/cardtest"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/wallet"
	"potli/crypto/jose"
)

// withIssuers is a bench whose release has a directory of issuers.
func withIssuers(t *testing.T, directory *[]byte) *bench {
	t.Helper()
	b := newBench(t)
	b.deps.Issuers = func(context.Context) ([]byte, error) {
		if *directory == nil {
			return nil, errors.New("not to be had")
		}
		return *directory, nil
	}
	b.restart()
	return b.create()
}

// worth is what the cards of a record are worth.
func (b *bench) worth(id record.ID) (states []wallet.CardState) {
	b.t.Helper()
	list, err := b.CheckCards(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range list {
		states = append(states, r.State)
	}
	return states
}

func TestHealthCards(t *testing.T) {
	var directory []byte
	b := withIssuers(t, &directory)
	i := cardtest.New("https://clinic.test/cards")
	now := b.clock.now()
	for name, c := range map[string]struct {
		body []byte
		ext  string
	}{
		"a file":        {cardtest.File(i.Card(now, nil)), ".smart-health-card"},
		"a code":        {[]byte(cardtest.Code(i.Card(now, nil))), ".txt"},
		"parts":         {[]byte(strings.Join(cardtest.Parts(i.Card(now, nil), 3), "\n")), ".txt"},
		"two of a file": {cardtest.File(i.Card(now, nil), i.Card(now, nil)), ".smart-health-card"},
	} {
		t.Run(name, func(t *testing.T) {
			id := b.importOne(file("card", c.body))
			b.restart()
			b.unlock()
			fileName, _, body, err := b.Original(t.Context(), id)
			if err != nil || !bytes.Equal(body, c.body) || !strings.HasSuffix(fileName, c.ext) {
				t.Errorf("the original: %q, %d bytes, %v", fileName, len(body), err)
			}
			m, _ := b.Record(id)
			if m.Outline.Subject.Name != "Meera Sample" || len(m.Outline.Lines) == 0 || m.Outline.Lines[0].Kind != fhir.KindImmunization {
				t.Errorf("outline: %+v", m.Outline)
			}
			d, err := b.Document(t.Context(), id)
			if err != nil || len(d.Views) != 2*len(b.worth(id)) {
				t.Errorf("document: %+v, %v", d, err)
			}
			for _, x := range []struct {
				directory []byte
				want      wallet.CardState
			}{
				{cardtest.Directory(i.Info(nil)), wallet.CardVerified},
				{cardtest.Directory(i.Info(cardtest.Object{"unlisted": true})), wallet.CardUnknownIssuer},
				{cardtest.Directory(i.Info(nil, i.JWK(cardtest.Object{"use": "enc"}))), wallet.CardInvalid},
				{cardtest.Directory(), wallet.CardUnchecked},
				{nil, wallet.CardUnchecked},
				{[]byte("<html>"), wallet.CardUnchecked},
			} {
				directory = x.directory
				for _, got := range b.worth(id) {
					if got != x.want {
						t.Errorf("%.80s: %s, want %s", x.directory, got, x.want)
					}
				}
			}
		})
	}
	p, err := b.PrepareLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Items) != 1 || p.Items[0].Kind != fhir.KindImmunization { // the same vaccination, four times
		t.Errorf("to be shared: %+v", p.Items)
	}
	if _, err := b.Share(t.Context(), p); err != nil {
		t.Errorf("sharing what a card says: %v", err)
	}
	if list := b.Papers(b.Snapshot().Current); len(list) != 0 {
		t.Errorf("a card is taken for a photo: %+v", list)
	}
}

func TestBadHealthCards(t *testing.T) {
	var directory []byte
	b := withIssuers(t, &directory)
	i := cardtest.New("https://clinic.test/cards")
	now := b.clock.now()
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"a part":        {cardtest.Parts(i.Card(now, nil), 3)[1], wallet.ErrCardPart},
		"a cut code":    {cardtest.Code(i.Card(now, nil))[:101], record.ErrDamaged},
		"half a card":   {cardtest.Code(i.Card(now, nil)[:101]), record.ErrDamaged},
		"no card in it": {`{"verifiableCredential":["x"]}`, record.ErrDamaged},
		"other things":  {`{"verifiableCredential":{"a":1}}`, record.ErrDamaged},
		"a bomb":        {string(cardtest.File(i.Seal(i.Header(), cardtest.Deflate(make([]byte, 2<<20))))), record.ErrTooBig},
	} {
		f := b.Import(t.Context(), []wallet.File{file("card", []byte(c.body))}).Files[0]
		if !errors.Is(f.Err, c.want) || f.ID != "" {
			t.Errorf("%s: %+v", name, f)
		}
		if err := wallet.DecodeError(wallet.EncodeError(f.Err)); !errors.Is(err, c.want) {
			t.Errorf("%s, on the way back from a worker: %v", name, err)
		}
	}
	id := b.importOne(file("report.json", []byte(allergy)))
	if got := b.worth(id); got != nil {
		t.Errorf("a record that is no card is worth %v", got)
	}
}

// handed is what a link holds, given to whoever asks.
type handed struct{ files []share.EncryptedFile }

func (p handed) Fetch(context.Context, share.Request) (share.Fetched, error) {
	return share.Fetched{Files: p.files}, nil
}

func TestHealthCardOfALink(t *testing.T) {
	i := cardtest.New("https://clinic.test/cards")
	directory := cardtest.Directory(i.Info(nil))
	b := withIssuers(t, &directory)
	body, key := cardtest.File(i.Card(b.clock.now(), nil)), bytes.Repeat([]byte{7}, share.KeySize)
	jwe, err := jose.Encrypt(key, share.TypeCard, body, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.deps.Fetcher = handed{[]share.EncryptedFile{{ContentType: share.TypeCard, JWE: jwe}}}
	b.restart()
	b.unlock()
	item, err := b.ReceiveHeld(t.Context(), share.Link{URL: "https://host.test/x", Key: key, Flag: "U"}, "Meera", "")
	if err != nil {
		t.Fatal(err)
	}
	report, err := b.AcceptItem(t.Context(), item, b.Snapshot().Current, nil)
	if err != nil || len(report.Files) != 1 || report.Files[0].Err != nil {
		t.Fatalf("%+v, %v", report, err)
	}
	id := report.Files[0].ID
	m, _ := b.Record(id)
	if _, _, got, err := b.Original(t.Context(), id); err != nil || !bytes.Equal(got, body) || m.Format != record.FormatCard || m.Source.Host != "host.test" {
		t.Errorf("%+v, %v", m, err)
	}
	if got := b.worth(id); len(got) != 1 || got[0] != wallet.CardVerified {
		t.Errorf("it is worth %v", got)
	}
}
