package family_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/family"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// earnest is a realm of age files, user documents of crypto/keyring and signed
// entries.
type earnest struct {
	users   []*keyring.User // all documents there ever were
	sealed  []*realSealed
	kits    map[string]*age.HybridIdentity // by user
	all     *chain.Log                     // what anybody ever wrote
	publics map[publicKey][]byte
}

type publicKey struct {
	doc    *keyring.User
	device string
}

type realSealed struct {
	file  []byte
	tried map[string][]string // by identity: what came out
}

func newEarnest() *earnest {
	return &earnest{kits: map[string]*age.HybridIdentity{}, publics: map[publicKey][]byte{}}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (e *earnest) keep(d *device, u *keyring.User) {
	d.doc = u
	if !slices.Contains(e.users, u) {
		e.users = append(e.users, u)
	}
}

func keysOf(d *device) *keyring.Keys { return d.keys.(*keyring.Keys) }
func userOf(d *device) *keyring.User { return d.doc.(*keyring.User) }
func (e *earnest) device(u *user, k *keyring.Keys) *device {
	d := &device{user: u, id: k.Device, key: string(k.Verifier()), keys: k}
	u.devices = append(u.devices, d)
	return d
}

func (e *earnest) newUser(name string) *device {
	k, kit := must(keyring.New()), must(age.GenerateHybridIdentity())
	d := e.device(&user{id: k.Wallet}, k)
	e.keep(d, must(keyring.NewUser(k, name, kit, noon.AddDate(0, 0, -30))))
	e.kits[k.Wallet] = kit
	return d
}

func (e *earnest) addDevice(by *device, now time.Time) (*device, error) {
	k, n, err := keyring.NewDevice(by.user.id, "another")
	if err != nil {
		return nil, err
	}
	next, err := userOf(by).AddDevice(keysOf(by), n, now)
	if err != nil {
		return nil, err
	}
	d := e.device(by.user, k)
	e.keep(by, next)
	e.keep(d, next)
	return d, nil
}

func (e *earnest) endDevice(by, gone *device, now time.Time) error {
	next, err := userOf(by).RemoveDevice(keysOf(by), gone.id, now)
	if err == nil {
		e.keep(by, next)
	}
	return err
}

func (e *earnest) rollUser(by *device, now time.Time) error {
	next, err := userOf(by).Roll(keysOf(by), now)
	if err == nil {
		e.keep(by, next)
	}
	return err
}

func (e *earnest) recover(from *device, lost []*device, now time.Time) (*device, error) {
	file, err := userOf(from).Seal()
	if err != nil {
		return nil, err
	}
	next, k, err := keyring.RecoverUser(file, e.kits[from.user.id], keyring.Pin{}, "by the kit", now)
	if err != nil {
		return nil, err
	}
	d := e.device(from.user, k)
	e.keep(d, next)
	for _, l := range lost {
		_ = e.endDevice(d, l, now.Add(keyring.Probation)) // an error: it was out
	}
	return d, nil
}

func (e *earnest) meet(d, other *device, now time.Time) {
	a, b := userOf(d), userOf(other)
	switch err := a.Accept(b, now); {
	case err == nil:
		if _, err := keyring.NewRing(keysOf(d), b); err == nil {
			d.doc = b
		}
	case errors.Is(err, keyring.ErrForked):
		if m, err := keyring.Merge(keysOf(d), a, b, now); err == nil {
			e.keep(d, m)
		}
	}
}

func (e *earnest) public(d *device, now time.Time) []byte {
	key := publicKey{userOf(d), d.id}
	if b, ok := e.publics[key]; ok {
		return b
	}
	p, err := userOf(d).Public(keysOf(d), now)
	if err != nil {
		return nil
	}
	e.publics[key] = must(p.Marshal())
	return e.publics[key]
}

func (e *earnest) standing(st *family.State, d *device) family.Standing {
	return st.Standing(must(keyring.ParsePublic(e.public(d, noon))))
}

func (e *earnest) lists(m family.Member, d *device) bool {
	if m.Public == nil {
		return false
	}
	p, ok := m.Public.Device(d.id)
	return ok && p.Active()
}

func (e *earnest) key() secret { return must(age.GenerateHybridIdentity()) }

func (e *earnest) recipient(s secret) chain.Hash {
	return sha256.Sum256([]byte(s.(*age.HybridIdentity).Recipient().String()))
}

func (e *earnest) seal(to []family.Member, secrets ...secret) []byte {
	var recipients []age.Recipient
	for _, m := range to {
		recipients = append(recipients, m.Public.Recipient)
	}
	var b bytes.Buffer
	w := must(age.Encrypt(&b, recipients...))
	for _, s := range secrets {
		fmt.Fprintln(w, s.(*age.HybridIdentity).String())
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	e.sealed = append(e.sealed, &realSealed{b.Bytes(), map[string][]string{}})
	return b.Bytes()
}

// open returns the recipients of the keys in a file, none for one who is not among its readers.
func (s *realSealed) open(id *age.HybridIdentity) []string {
	got, ok := s.tried[id.String()]
	if ok {
		return got
	}
	if r, err := age.Decrypt(bytes.NewReader(s.file), id); err == nil {
		for _, line := range strings.Fields(string(must(io.ReadAll(r)))) {
			got = append(got, must(age.ParseHybridIdentity(line)).Recipient().String())
		}
	}
	s.tried[id.String()] = got
	return got
}

func (e *earnest) knows(d *device) map[chain.Hash]bool { return opensOf(e.sealed, d, e.users...) }
func (e *earnest) with(d *device, old doc) map[chain.Hash]bool {
	return opensOf(e.sealed, d, old.(*keyring.User))
}

func (e *earnest) opens(d *device) map[chain.Hash]bool {
	var arrived []*realSealed
	for _, entry := range d.replica.(realReplica).Log().Entries() {
		if b := sealedIn(must(family.Decode(family.Kind(entry.Kind), entry.Body))); b != nil {
			i := slices.IndexFunc(e.sealed, func(s *realSealed) bool { return bytes.Equal(s.file, b) })
			arrived = append(arrived, e.sealed[i])
		}
	}
	return opensOf(arrived, d, userOf(d))
}

// opensOf: with the user's keys of those documents that list the device.
func opensOf(sealed []*realSealed, d *device, docs ...*keyring.User) map[chain.Hash]bool {
	out := map[chain.Hash]bool{}
	tried := map[string]bool{}
	for _, u := range docs {
		r, err := keyring.NewRing(keysOf(d), u)
		if err != nil {
			continue
		}
		for _, id := range r.Identities("") {
			if tried[id.String()] {
				continue
			}
			tried[id.String()] = true
			for _, s := range sealed {
				for _, recipient := range s.open(id) {
					out[sha256.Sum256([]byte(recipient))] = true
				}
			}
		}
	}
	return out
}

// tookBack: see keyring.Merge, "of two devices that removed each other".
func (e *earnest) tookBack(d *device) bool {
	ended := uint64(1 << 62)
	for _, u := range e.users {
		if x, ok := u.Device(d.id); ok && u.ID() == d.user.id && !x.Active() {
			ended = min(ended, u.Seq())
		}
	}
	return slices.ContainsFunc(e.users, func(u *keyring.User) bool {
		x, ok := u.Device(d.id)
		return ok && u.ID() == d.user.id && x.Active() && u.Seq() > ended
	})
}

// realReplica is a History.
type realReplica struct {
	*family.History
	e *earnest
}

func author(d *device) family.Author {
	return family.Author{User: d.user.id, Device: d.id, Signer: keysOf(d).Signer}
}

func (e *earnest) begin(d *device, now time.Time) replica {
	h, first, err := family.Begin("asha", author(d), &family.Found{Public: e.public(d, now)}, now)
	if err != nil {
		panic(err)
	}
	e.all = chain.NewLog("asha", first.Hash())
	must(e.all.Add(first))
	return realReplica{h, e}
}

func (r realReplica) state() *family.State { return r.State() }

func (r realReplica) write(d *device, a family.Act, now time.Time) (chain.Hash, error) {
	e, err := r.Write(author(d), a, now)
	if err != nil {
		return chain.Hash{}, err
	}
	must(r.e.all.Add(e))
	return e.Hash(), nil
}

func (r realReplica) pull(from replica) {
	for _, e := range from.(realReplica).Log().Entries() {
		if _, err := r.Add(e); err != nil {
			panic(err)
		}
	}
}

func (r realReplica) clone() replica { return realReplica{r.Clone(), r.e} }

func (e *earnest) sees(a, b chain.Hash) bool { return e.all.Before(b, a) }

func (e *earnest) out(public []byte, d *device) bool {
	x, ok := must(keyring.ParsePublic(public)).Device(d.id)
	return ok && !x.Active()
}

// The same histories with age files and signatures: 500 of them where it is quick.
func TestT25_HistoriesInEarnest(t *testing.T) {
	n := 500
	if raced || testing.Short() || runtime.GOOS == "js" {
		n = 3
	}
	var c tally
	inParallel(t, n, func(seed uint64) error {
		rng := rand.New(rand.NewPCG(seed, 26))
		s := tell(rng, newEarnest(), 8+int(seed%10), faults{})
		err := s.check()
		c.add(s)
		return err
	})
	c.sane(t, n)
}
