package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"potli/app/record"
	"potli/app/sync"
	"potli/app/vault"
)

// A record that is too large for one frame comes in parts, and each is a document
// until the last one is there: part/<id>/<bytes of the whole>/<where it begins>.

// pieces are the parts that are here, by record.
type pieces map[record.ID]*piece

type piece struct {
	of int
	at map[int]bool
}

// missing are the places of parts that are not here, none when no part is.
func (p pieces) missing(id record.ID) (places []int) {
	have := p[id]
	if have == nil {
		return nil
	}
	for at := 0; at < have.of; at += sync.PartSize {
		if !have.at[at] {
			places = append(places, at)
		}
	}
	return places
}

func partName(id record.ID, of, at int) string {
	return prefixPart + string(id) + "/" + strconv.Itoa(of) + "/" + strconv.Itoa(at)
}

// pieces returns what parts are here, read when it is first asked for.
func (k *Keeper) pieces(ctx context.Context) (pieces, error) {
	if k.parts != nil {
		return k.parts, nil
	}
	docs, err := k.v.Docs(ctx, prefixPart)
	if err != nil {
		return nil, fmt.Errorf("looking for parts: %w", err)
	}
	k.parts = pieces{}
	for name := range docs {
		field := strings.Split(strings.TrimPrefix(name, prefixPart), "/")
		if len(field) != 3 {
			continue
		}
		of, _ := strconv.Atoi(field[1])
		at, _ := strconv.Atoi(field[2])
		k.parts.add(record.ID(field[0]), of, at)
	}
	return k.parts, nil
}

func (p pieces) add(id record.ID, of, at int) {
	if p[id] == nil {
		p[id] = &piece{of: of, at: map[int]bool{}}
	}
	if p[id].of == of {
		p[id].at[at] = true
	}
}

// whole is a record some of whose parts came: with its body when none is missing
// any more.
type whole struct {
	id   record.ID
	of   int
	came []int
	docs map[string]vault.Doc
	body []byte
}

// partsOf puts parts that came to those that are here. Nothing is changed yet.
func (k *Keeper) partsOf(ctx context.Context, parts []sync.Part) (list []*whole, err error) {
	if len(parts) == 0 {
		return nil, nil
	}
	have, err := k.pieces(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		id := record.ID(p.ID)
		if _, _, here := k.v.Sum(id); here || len(p.ID) > 64 || strings.Contains(p.ID, "/") {
			continue
		}
		i := slices.IndexFunc(list, func(w *whole) bool { return w.id == id })
		if i < 0 {
			i, list = len(list), append(list, &whole{id: id, of: p.Of, docs: map[string]vault.Doc{}})
			if old := have[id]; old != nil {
				list[i].of = old.of
			}
		}
		if w := list[i]; w.of == p.Of {
			w.docs[partName(id, p.Of, p.At)], w.came = vault.Doc{Body: p.Body}, append(w.came, p.At)
		}
	}
	for _, w := range list {
		if err := k.join(ctx, w, have[w.id]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// join puts a record together when no part of it is missing. Its parts then go.
func (k *Keeper) join(ctx context.Context, w *whole, have *piece) error {
	for at := 0; at < w.of; at += sync.PartSize {
		if !slices.Contains(w.came, at) && (have == nil || !have.at[at]) {
			return nil
		}
	}
	body := make([]byte, 0, w.of)
	for at := 0; at < w.of; at += sync.PartSize {
		name := partName(w.id, w.of, at)
		part := w.docs[name].Body
		if part == nil {
			var err error
			part, err = k.v.Doc(ctx, name)
			if errors.Is(err, vault.ErrNotFound) || errors.Is(err, record.ErrDamaged) {
				delete(have.at, at) // it is asked for again
				return nil
			}
			if err != nil {
				return fmt.Errorf("putting parts together: %w", err)
			}
		}
		body = append(body, part...)
	}
	for at := 0; at < w.of; at += sync.PartSize {
		w.docs[partName(w.id, w.of, at)] = vault.Doc{}
	}
	w.body = body
	return nil
}

// arrived notes what was kept.
func (k *Keeper) arrived(list []*whole) {
	for _, w := range list {
		if w.body != nil {
			delete(k.parts, w.id)
			continue
		}
		for _, at := range w.came {
			k.parts.add(w.id, w.of, at)
		}
	}
}
