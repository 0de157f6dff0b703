package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"potli/app/vault"
)

// Documents the wallet keeps sealed beside the records.
const (
	docPeople   = "people"
	docSettings = "settings"
	docTrash    = "trash"
	docShares   = "share/" // prefix
	docOut      = "out"    // when everything was last taken out
	docVerified = "verified"
)

// colours is how many person colours the style sheet has.
const colours = 8

func defaultSettings() Settings { return Settings{AutoLock: 5 * time.Minute} }

func getJSON(ctx context.Context, v *vault.Vault, name string, into any) error {
	b, err := v.Doc(ctx, name)
	if errors.Is(err, vault.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func putJSON(ctx context.Context, v *vault.Vault, name string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return v.PutDocs(ctx, map[string][]byte{name: b})
}

// SetSettings keeps the person's choices.
func (w *Wallet) SetSettings(ctx context.Context, settings Settings) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := putJSON(ctx, v, docSettings, settings); err != nil {
		return err
	}
	w.publish(func(s *Snapshot) { s.Settings = settings })
	w.mark(v)
	return nil
}
