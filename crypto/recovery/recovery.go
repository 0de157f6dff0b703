// Package recovery holds what brings a wallet back when the phone and the words
// are gone: a kit on one sheet of paper, and two trusted people together.
//
//	32 random bytes ─▶ Kit ─▶ identity (ML-KEM-768 + X25519)    backups are sealed to its recipient
//	                    ├──▶ 24 words                           written, read aloud, typed
//	                    ├──▶ 77 capitals                        a QR; age's own form of the key
//	                    └──▶ a text file                        age -d -i kit.txt backup.age > backup.zip
//
// A kit is made on the device, shown, and forgotten: the wallet keeps the
// recipient alone. Paper and backup are two halves. Neither opens anything
// without the other, and whoever has both reads everything.
//
// # Trusted contacts
//
// Two or three people each keep a kit of their own, made for this and good for
// nothing else, on paper. Two of them together open the wallet's kit, as if its
// paper were found again. It lies inside nested age files, one for each pair, the
// outer for the one and the inner for the other:
//
//	2 of 2   A( B( kit ))   B( A( kit ))
//	2 of 3   A( B( kit ))   B( C( kit ))   C( A( kit ))
//
// One person's paper takes one wrapping off and finds another. Each person is
// the outer one once, so that a sheet can be told from a stranger's before the
// second is there. There is no sharing of secrets over a field and nothing else
// of our own: age in age, and the stock tool walks it.
//
// The nested files, 3.4 KB a pair, are too much for a QR and of no use to a
// thief, so they travel where they are needed: in the header of every backup, in
// stanzas of a type of their own, which age reads past.
//
//	-> mlkem768x25519 …        the wallet's own key
//	-> mlkem768x25519 …        the kit
//	-> potli-contacts 1        one pair: an age file
//	-> potli-contacts 1        …
//
// So the ceremony asks a contact for nothing but to keep one sheet, and two
// sheets and any backup made since are enough. A new kit is sealed for the same
// contacts again without them. Who must no longer be one has to be left out of a
// new kit: what they hold opens the old one for ever.
//
// Every kit, sheet and backup of any release can be read for ever.
package recovery

import (
	"errors"
	"fmt"
)

// Errors of this package. None says anything about a key or a word.
var (
	// ErrNotKit: neither words of the list nor a key of the kind.
	ErrNotKit = errors.New("not a recovery kit")
	// ErrMistyped: a key, of which a character is wrong or missing.
	ErrMistyped = errors.New("the key of the kit is mistyped")
	// ErrUnknownWord: see WordError, which says where.
	ErrUnknownWord = errors.New("not a word of the list")
	// ErrWordCount: fewer or more than 24 words.
	ErrWordCount = errors.New("a kit has 24 words")
	// ErrChecksum: 24 words of the list, but one is another, or two are swapped.
	ErrChecksum = errors.New("the words do not belong together")
	// ErrSameSheet: two contacts are needed and one was given twice.
	ErrSameSheet = errors.New("the same sheet twice")
	// ErrStranger: see SheetError, which says whose.
	ErrStranger = errors.New("a sheet that does not belong to this backup")
	// ErrNoContacts: the file was not sealed for trusted contacts.
	ErrNoContacts = errors.New("no trusted contacts can open this file")
	// ErrDamaged: not what this package wrote, or changed since.
	ErrDamaged = errors.New("what the contacts open is damaged")
	// ErrVersion: written by a later release.
	ErrVersion = errors.New("contacts of a later version")
)

// WordError says which words are not of the list. It is an ErrUnknownWord.
type WordError struct {
	Places []int // counted from 1
}

func (e *WordError) Error() string { return fmt.Sprintf("%v: at %v", ErrUnknownWord, e.Places) }

// Unwrap makes it an ErrUnknownWord.
func (e *WordError) Unwrap() error { return ErrUnknownWord }

// SheetError says which of the two sheets given does not belong: 1, 2, or 0 when
// it could be either. It is an ErrStranger.
type SheetError struct {
	Sheet int
}

func (e *SheetError) Error() string { return fmt.Sprintf("%v: sheet %d", ErrStranger, e.Sheet) }

// Unwrap makes it an ErrStranger.
func (e *SheetError) Unwrap() error { return ErrStranger }
