package wallet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
)

// Law is by whose law somebody comes of age, and when.
type Law struct {
	Place string // ISO 3166
	Age   int
}

// Laws are those that can be chosen, the one that holds where none was first.
func Laws() []Law {
	var list []Law
	for place, l := range family.Laws {
		list = append(list, Law{place, l.Age})
	}
	rank := func(l Law) string { return strings.TrimPrefix(l.Place, family.DefaultLaw) } // "" comes first
	slices.SortFunc(list, func(a, b Law) int { return cmp.Compare(rank(a), rank(b)) })
	return list
}

// lawOf is by whose law a person comes of age, as it stands in their history. A law
// that is not known here is another release's.
func lawOf(p Person) family.SetMajority {
	place := cmp.Or(p.Law, family.DefaultLaw)
	law, ok := family.Laws[place]
	if !ok {
		place, law = family.DefaultLaw, family.Laws[family.DefaultLaw]
	}
	return family.SetMajority{Law: place, Age: law.Age, Offset: law.Offset + summer(place, p.BirthDate, law.Age)}
}

// summer is by how many minutes clocks are ahead of the place's own time when the day
// begins on which somebody comes of age. The program carries no table of time zones,
// which would be a quarter of its size; of these places the rules are simple, and a
// test holds them against the table.
func summer(place, birth string, age int) int {
	y, m, d, ok := family.ComesOfAge(birth, age)
	if !ok {
		return 0
	}
	from, to := time.Time{}, time.Time{} // Sundays on which clocks change, after the day has begun
	switch place {
	case "DE", "FR", "GB-EAW", "GB-SCT":
		from, to = sunday(y, time.April, 1).AddDate(0, 0, -7), sunday(y, time.November, 1).AddDate(0, 0, -7)
	case "US-AL", "US-MS":
		from, to = sunday(y, time.March, 8), sunday(y, time.November, 1)
	case "NZ": // where it is winter then
		from, to = sunday(y, time.April, 1), sunday(y, time.October, 1).AddDate(0, 0, -7)
	default:
		return 0
	}
	on := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if between := on.After(from) && !on.After(to); between != (place == "NZ") {
		return 60
	}
	return 0
}

// sunday is the first one from a day on.
func sunday(y int, m time.Month, d int) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return t.AddDate(0, 0, (7-int(t.Weekday()))%7)
}

// docLaw, with a person's id, is the law that this wallet has told a person's history
// of last: what differs from it was chosen here since.
const docLaw = "law/"

// syncLaw tells the others by whose law a person comes of age, and takes over what one
// of them has said. What the history refuses is not said again.
func (w *Wallet) syncLaw(ctx context.Context, s *syncing, id record.ProfileID) error {
	st, err := s.keeper.State(ctx, id)
	p, ok := w.Snapshot().person(id)
	if errors.Is(err, history.ErrNone) || err == nil && !ok {
		return nil
	}
	if err != nil {
		return err
	}
	var last family.SetMajority
	if err := getJSON(ctx, s.v, docLaw+string(id), &last); err != nil {
		return err
	}
	here, said := lawOf(p), family.SetMajority{Law: st.Majority.Law, Age: st.Majority.Age, Offset: st.Majority.Offset}
	chosen := here != last && (p.Law != "" || last != family.SetMajority{})
	switch _, known := family.Laws[said.Law]; {
	case here == said:
		return nil
	case chosen && st.Allowed(s.v.WalletID(), &here, w.d.Now()) == nil && st.RoleAt(s.v.WalletID(), w.believed()) >= family.Admin:
		if err := s.keeper.Write(ctx, id, &here); err != nil {
			return err
		}
		return putJSON(ctx, s.v, docLaw+string(id), here)
	case known && said.Law != here.Law:
		return w.takeLaw(ctx, id, said.Law)
	case chosen:
		return putJSON(ctx, s.v, docLaw+string(id), here)
	}
	return nil
}

// takeLaw keeps what another has said.
func (w *Wallet) takeLaw(ctx context.Context, id record.ProfileID, law string) error {
	p, _ := w.Snapshot().person(id)
	p.Law = law
	body, err := json.Marshal(lawOf(p))
	if err != nil {
		return err
	}
	return w.changePerson(ctx, id, map[string][]byte{docLaw + string(id): body}, func(p *Person) error {
		p.Law = law
		return nil
	})
}
