package ledger

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"potli/app/record"
	"potli/crypto/jose"
)

// Said is what a device told others of its log at one time: lines of it, after so many
// that stand before them, and a checkpoint, "" for none.
type Said struct {
	From       int
	Lines      []string
	Checkpoint string
}

// Gathered is what a witness has of another device's log.
type Gathered struct {
	// Log is the log as it was told first: what was said later and contradicts is not
	// in it.
	Log *Log
	// Against are the entries of the lines that contradict, and of those after a gap. What
	// somebody ended counts wherever it stands.
	Against []Entry
	// Seen are all checkpoints that its writer signed.
	Seen    []*Checkpoint
	Verdict Verdict
}

// Gather puts together what a device told of its log, in the order in which it was
// told, each line and checkpoint held against those before. key is the device's. Lines
// that are none are passed over and make the log a truncated one: something is
// missing. Error: ErrDamaged, for a writer that cannot be one.
func Gather(profile record.ProfileID, writer string, key jose.Key, said []Said) (*Gathered, error) {
	l, err := New(profile, writer)
	if err != nil {
		return nil, err
	}
	g := &Gathered{Log: l}
	missing, parts := 0, -1
	for _, s := range said {
		for i, line := range s.Lines {
			switch at := s.From + i; {
			case at < l.Size() && line == string(l.lines[at]):
			case at == l.Size() && l.add([]byte(line)) == nil:
			default:
				if at < l.Size() && parts < 0 {
					parts = at
				}
				missing = max(missing, at+1)
				g.against(line)
			}
		}
		if c, err := ParseCheckpoint(s.Checkpoint, key); err == nil && c.Origin == l.origin() {
			g.Seen = append(g.Seen, c)
		}
	}
	g.Verdict = Witness(l, g.Seen)
	switch {
	case g.Verdict.Finding == Forked:
		g.Verdict.Proof = append(g.Verdict.Proof, g.agreed(g.Verdict.Size)...)
	case parts >= 0: // told twice, and not the same: the entries that told it are signed
		g.Verdict.Finding, g.Verdict.Size = Forked, parts+1
	case g.Verdict.Finding == Whole && missing > l.Size():
		g.Verdict.Finding, g.Verdict.Size = Truncated, missing
	}
	return g, nil
}

func (g *Gathered) against(line string) {
	var e Entry
	if len(line) <= MaxLine && utf8.ValidString(line) && json.Unmarshal([]byte(line), &e) == nil && e.Kind != "" && !e.At.IsZero() {
		g.Against = append(g.Against, e)
	}
}

// agreed is a note that says of n or more entries what the log says: beside the other,
// it is the proof.
func (g *Gathered) agreed(n int) []string {
	for _, c := range g.Seen {
		if c.Size >= n && c.Size <= g.Log.Size() && c.Hash == g.Log.heads[c.Size] {
			return []string{c.Note}
		}
	}
	return nil
}

// Lines are the log as it is told to others, from the entry after the first from on.
func (l *Log) Lines(from int) []string {
	var list []string
	for _, line := range l.lines[min(max(from, 0), len(l.lines)):] {
		list = append(list, string(line))
	}
	return list
}

// Rejoin takes into a log the lines that its own device once told others and does not
// have any more, as of a browser that was set back: it goes on where it had got to
// instead of telling another past. It says how many came back: none where the two
// differ.
func (l *Log) Rejoin(told *Log) (back int) {
	if told.origin() != l.origin() || told.Size() < l.Size() || told.heads[l.Size()] != l.heads[l.Size()] {
		return 0
	}
	for _, line := range told.lines[l.Size():] {
		if l.add(slices.Clone(line)) != nil {
			break
		}
		back++
	}
	return back
}
