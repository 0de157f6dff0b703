package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// Documents the wallet keeps sealed beside the records.
const (
	docPeople   = "people"
	docSettings = "settings"
	docTrash    = "trash"
	docShares   = "share/" // prefix
	docOut      = "out"    // when everything was last taken out
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

// Choose shows another person's records. Where they are many it takes a moment:
// call it from a goroutine.
func (w *Wallet) Choose(id record.ProfileID) {
	if _, ok := w.Snapshot().person(id); !ok {
		return
	}
	w.preparing.Lock()
	defer w.preparing.Unlock()
	records := w.prepareToo(id)
	w.publish(func(s *Snapshot) {
		if _, ok := s.person(id); ok {
			s.Current, s.Records = id, records
		}
	})
}

func (s *Snapshot) person(id record.ProfileID) (Person, bool) {
	for _, p := range s.People {
		if p.ID == id {
			return p, true
		}
	}
	return Person{}, false
}

// Person returns the person whose records are shown.
func (s *Snapshot) Person() Person {
	p, _ := s.person(s.Current)
	return p
}

// AddPerson adds somebody to the family. Errors: ErrName, ErrLocked.
func (w *Wallet) AddPerson(ctx context.Context, p Person) (Person, error) {
	if p.Name = strings.TrimSpace(p.Name); p.Name == "" {
		return p, ErrName
	}
	people := w.Snapshot().People
	p.ID = record.ProfileID(w.randomID())
	p.Colour = len(people) % colours
	return p, w.setPeople(ctx, append(people[:len(people):len(people)], p))
}

// EditPerson changes name, birth date, gender or colour.
func (w *Wallet) EditPerson(ctx context.Context, p Person) error {
	if p.Name = strings.TrimSpace(p.Name); p.Name == "" {
		return ErrName
	}
	people := append([]Person(nil), w.Snapshot().People...)
	for i := range people {
		if people[i].ID == p.ID {
			people[i] = p
			return w.setPeople(ctx, people)
		}
	}
	return ErrNoPerson
}

func (w *Wallet) setPeople(ctx context.Context, people []Person) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := putJSON(ctx, v, docPeople, people); err != nil {
		return err
	}
	w.publish(func(s *Snapshot) { s.People = people })
	w.mark(v)
	return nil
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

// ChangePassphrase wraps the same keys under new words. The old words open
// copies of this storage that were made before.
// Errors: ErrWrongPassphrase, ErrWeak.
func (w *Wallet) ChangePassphrase(ctx context.Context, old, new string) error {
	if _, enough := w.Strength(new); !enough {
		return ErrWeak
	}
	v, err := w.open()
	if err != nil {
		return err
	}
	keys, err := w.reauthenticate(ctx, old)
	if err != nil {
		return err
	}
	_, end := w.work(JobCreate, "", false)
	defer end()
	unlock, err := w.lockFile(ctx, keys, new)
	if err != nil {
		return err
	}
	return v.SetUnlockFile(ctx, unlock)
}

// RecoveryText is asked for with the passphrase, again.
// Errors: ErrWrongPassphrase.
func (w *Wallet) RecoveryText(ctx context.Context, passphrase string) (string, error) {
	keys, err := w.reauthenticate(ctx, passphrase)
	if err != nil {
		return "", err
	}
	return keys.RecoveryText(), nil
}

// reauthenticate proves that whoever holds the phone knows the words.
func (w *Wallet) reauthenticate(ctx context.Context, passphrase string) (*keyring.Keys, error) {
	if _, err := w.open(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	keys, demo := w.keys, w.demo
	w.mu.Unlock()
	if demo {
		return keys, nil // nothing to protect, and it has no words
	}
	_, end := w.work(JobUnlock, "", false)
	defer end()
	keys, err := w.tryWords(ctx, passphrase)
	if err != nil {
		return nil, err
	}
	return keys, w.forgetFailures(ctx)
}
