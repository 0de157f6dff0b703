package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"potli/app/emergency"
	"potli/app/record"
	overview "potli/app/summary"
	"potli/app/vault"
)

// Emergency cards are sealed like everything else. One that its person wants to be
// found without unlocking is laid open besides, on this device alone: what is chosen
// for it, in words, and nothing else. Whoever has the phone in their hand can read
// that, which is its purpose, so it is asked for by itself and explained.

// Board is where cards lie that are shown without unlocking. It is not sealed.
type Board interface {
	// Put replaces all that lies there, and takes the cover off. When it returns nil,
	// it survives a crash.
	Put(ctx context.Context, b []byte) error
	// Clear takes everything away, and the cover off; that there was nothing is no error.
	Clear(ctx context.Context) error
	// Cover makes that nothing of what lies there is shown until the next Put or Clear.
	// It needs nothing that those need, and no time: a card that has to go is not seen
	// any more although the disk is busy, the wallet is locked or the program ends.
	Cover() error
}

// ErrCardOpen: a card of somebody who was hidden still lies open, and could not be covered.
var ErrCardOpen = errors.New("an emergency card still lies open")

const docEmergency = "emergency/" // prefix; + person

// keptCard is a card in the vault. A backup carries it to other devices, on which
// nobody has agreed to anything.
type keptCard struct {
	emergency.Card
	Device string `json:"device,omitempty"` // on which it may lie open
}

// posted is what lies on the Board, as far as this program knows.
type posted struct {
	mu   sync.Mutex
	body []byte
	who  []record.ProfileID // whose cards
	owed bool               // something has to go, and has not gone yet
}

func loadCards(ctx context.Context, v *vault.Vault) (map[record.ProfileID]emergency.Card, error) {
	docs, err := v.Docs(ctx, docEmergency)
	if err != nil {
		return nil, err
	}
	cards := map[record.ProfileID]emergency.Card{}
	for name, b := range docs {
		var c keptCard
		if err := json.Unmarshal(b, &c); err != nil {
			return nil, err
		}
		c.Open = c.Open && c.Device == v.Ring().Keys().Device
		cards[record.ProfileID(strings.TrimPrefix(name, docEmergency))] = c.Card
	}
	return cards, nil
}

// CardFacts are the allergies, conditions and medicines of the current person that
// are so now, as the summary has them. What is only presumed is not among them.
func (w *Wallet) CardFacts(ctx context.Context) (map[emergency.FieldID][]string, error) {
	s, err := w.Summary(ctx)
	if err != nil {
		return nil, err
	}
	facts := map[emergency.FieldID][]string{}
	for id, part := range map[emergency.FieldID]overview.Part{
		emergency.Allergies: overview.Allergies, emergency.Conditions: overview.Conditions, emergency.Medicines: overview.Medicines,
	} {
		for _, f := range s.Chapter(part).Now {
			if name := record.Tidy(f.Line.Title); name != "" && !f.Presumed && !slices.Contains(facts[id], name) {
				facts[id] = append(facts[id], name)
			}
		}
	}
	return facts, nil
}

// FlatFacts are facts in one list, as a card remembers them.
func FlatFacts(facts map[emergency.FieldID][]string) (list []string) {
	for _, id := range slices.Sorted(maps.Keys(facts)) {
		list = append(list, facts[id]...)
	}
	return list
}

// SetCard keeps somebody's card; what is chosen for it is told to all who care for the
// person. c.Open: they agree that it is shown without unlocking, on this device. Errors:
// ErrNoPerson, emergency.ErrField; those of mayWrite, where somebody else decides what is
// on it; with c.Open also those of MayShowCard.
func (w *Wallet) SetCard(ctx context.Context, c emergency.Card) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if _, ok := w.Snapshot().person(c.Person); !ok {
		return ErrNoPerson
	}
	if c, err = c.Checked(); err != nil {
		return err
	}
	if c.Open {
		if err := w.MayShowCard(ctx, c.Person); err != nil {
			return err
		}
	}
	w.cards.Lock()
	defer w.cards.Unlock()
	if err := w.mayTell(ctx, c.Person, c.Tell()); err != nil {
		return err
	}
	body, err := w.keepable(ctx, v, &c)
	if err != nil {
		return err
	}
	if err := v.PutDocs(ctx, map[string][]byte{docEmergency + string(c.Person): body}); err != nil {
		return err
	}
	w.showCards(func(cards map[record.ProfileID]emergency.Card) { cards[c.Person] = c })
	w.mark(v)
	return w.post(ctx)
}

// MayShowCard says why somebody's card may not be laid open or printed; nil: it may. Who
// helps reads it like whoever a link is given to, so the same people decide. Errors:
// ErrOfAge, ErrReader, ErrLocked.
func (w *Wallet) MayShowCard(ctx context.Context, who record.ProfileID) error {
	return w.mayShow(ctx, who)
}

// DropCard forgets somebody's card, here and with all who have it. Who may not decide that
// takes away what lies open here. Errors: ErrLocked, those of mayWrite.
func (w *Wallet) DropCard(ctx context.Context, id record.ProfileID) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	w.cards.Lock()
	defer w.cards.Unlock()
	if may := w.mayTell(ctx, id, nil); may != nil {
		return errors.Join(w.closeCard(ctx, v, id), may)
	}
	if err := v.PutDocs(ctx, map[string][]byte{docEmergency + string(id): nil}); err != nil {
		return err
	}
	w.showCards(func(cards map[record.ProfileID]emergency.Card) { delete(cards, id) })
	w.mark(v)
	return w.post(ctx)
}

func (w *Wallet) showCards(change func(map[record.ProfileID]emergency.Card)) {
	w.publish(func(s *Snapshot) {
		cards := map[record.ProfileID]emergency.Card{}
		maps.Copy(cards, s.Cards)
		change(cards)
		s.Cards = cards
	})
}

// openCards are the cards that lie open now: not those of people who are hidden or
// put aside, or whom this user may not show to others any longer, and none of the
// sample family. Error: nobody knows of some whether they may be shown, and they are
// left out.
func (w *Wallet) openCards(ctx context.Context, s *Snapshot) (views []emergency.View, who []record.ProfileID, err error) {
	for _, p := range s.People {
		c, ok := s.Cards[p.ID]
		if !ok || !c.Open || s.Demo || s.concealed(p.ID) {
			continue
		}
		switch may := w.MayShowCard(ctx, p.ID); {
		case may == nil:
			views, who = append(views, c.View), append(who, p.ID)
		case !errors.Is(may, ErrOfAge) && !errors.Is(may, ErrReader):
			err = may
		}
	}
	return views, who, err
}

// post lays open what is to lie open, and takes away what is not. It is called
// after whatever may have changed that; what stands there already is left alone.
func (w *Wallet) post(ctx context.Context) error {
	w.posted.mu.Lock()
	defer w.posted.mu.Unlock()
	s := w.Snapshot()
	if w.d.Board == nil || s.Phase != PhaseOpen || s.Demo {
		return nil
	}
	views, who, unsure := w.openCards(ctx, s)
	if errors.Is(unsure, ErrLocked) {
		return unsure // meanwhile: locking leaves what lies there, unless it is owed
	}
	body, err := json.Marshal(map[string]any{"cards": views})
	if err != nil || len(views) > 0 && bytes.Equal(body, w.posted.body) {
		return errors.Join(unsure, err)
	}
	if slices.ContainsFunc(w.posted.who, func(id record.ProfileID) bool { return !slices.Contains(who, id) }) {
		_ = w.cover() // whether it does or not, what follows says whether the card is gone
	}
	if len(views) == 0 {
		body, err = nil, w.d.Board.Clear(ctx)
	} else {
		err = w.d.Board.Put(ctx, body)
	}
	if err == nil {
		w.posted.body, w.posted.who, w.posted.owed = body, who, false
	}
	return errors.Join(unsure, err)
}

// cover hides what lies there until something that is owed has gone. posted.mu must be held.
func (w *Wallet) cover() error {
	w.posted.owed = true
	return w.d.Board.Cover()
}

// coverCard covers the Board for somebody who is about to be hidden, if their card is there.
func (w *Wallet) coverCard(id record.ProfileID) error {
	if s := w.Snapshot(); w.d.Board == nil || s.Demo || !s.Cards[id].Open {
		return nil
	}
	w.posted.mu.Lock()
	defer w.posted.mu.Unlock()
	return w.cover()
}

// clearOwed takes everything away where something has not gone that should have. Others'
// cards lie there again when the wallet is unlocked.
func (w *Wallet) clearOwed(ctx context.Context) {
	w.posted.mu.Lock()
	defer w.posted.mu.Unlock()
	if w.posted.owed && w.d.Board.Clear(ctx) == nil {
		w.posted.body, w.posted.who, w.posted.owed = nil, nil, false
	}
}

// unpost takes everything away, for good.
func (w *Wallet) unpost(ctx context.Context) error {
	w.posted.mu.Lock()
	defer w.posted.mu.Unlock()
	w.posted.body, w.posted.who, w.posted.owed = nil, nil, false
	if w.d.Board == nil {
		return nil
	}
	return w.d.Board.Clear(ctx)
}

// watchBoard keeps the Board in line with who is shown, and with who may show them.
func (w *Wallet) watchBoard() {
	var mu sync.Mutex
	var last string
	w.Subscribe(func(s *Snapshot) {
		now := s.standing()
		mu.Lock()
		changed := last != now
		last = now
		mu.Unlock()
		if changed && now != "" {
			go w.keepPosting()
		}
	})
}

// standing is all that decides which cards lie open; "" while the wallet is not open.
func (s *Snapshot) standing() (now string) {
	if s.Phase != PhaseOpen {
		return ""
	}
	for _, p := range s.People {
		if s.concealed(p.ID) {
			now += "-"
		}
		now += string(p.ID) + p.BirthDate + string(s.Sync[p.ID].Kind) + " "
		if c := s.Cards[p.ID]; c.Open { // as another tab has it now, too
			view, _ := json.Marshal(c.View)
			now += string(view)
		}
	}
	for _, c := range s.Coming {
		now += string(c.Person) + c.Day + strconv.Itoa(c.Notice) + " "
	}
	return now
}

// The waits between two tries to lay cards open or take them away.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = time.Minute
)

// postAgain lays open anew what this tab knows to lie open: one that was just locked, as when
// somebody was hidden here, may have been about to lay open what it knew before.
func (w *Wallet) postAgain() {
	w.posted.mu.Lock()
	w.posted.body = nil
	w.posted.mu.Unlock()
	w.readied.mu.Lock()
	w.readied.body = ""
	w.readied.mu.Unlock()
	go w.keepReady()
	w.keepPosting()
}

// keepPosting posts until it succeeds: a card of somebody who was hidden must not stay
// because the disk was busy. Locking takes everything away that is owed, and a wallet
// that was locked posts when it is unlocked.
func (w *Wallet) keepPosting() {
	for wait := firstWait; w.post(context.Background()) != nil && w.Snapshot().Phase == PhaseOpen; wait = min(2*wait, lastWait) {
		time.Sleep(wait)
	}
}
