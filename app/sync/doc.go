// Package sync carries the history of a profile between the devices of all who
// care for it: entries of its chain (crypto/chain) and sealed records, both as
// they were written. It decides what is sent, to which mailbox, what is missing
// and who is asked for it. What an entry means is family's business, and whether
// a record is genuine the Store's.
//
//	device A            mailbox of (profile, epoch e) at the relay            device B
//	   │ PUT  made by whoever needs it first; again by anyone: the same token    │
//	   ├────────────────────────────────▶│◀───────────────────────────────────────┤
//	   │ POST frame: entries, records, A's report      (age file to P_e)          │
//	   ├────────────────────────────────▶│                                        │
//	   │                                 │  list after n ◀────────────────────────┤
//	   │                                 ├─ frames ──────────────────────────────▶│ Store.Keep: items and
//	   │                                 │                                        │ position, in one step
//	   │                                 │  POST frame: B's report ◀──────────────┤ "seen up to n", "I lack …"
//	   │◀─ frames ───────────────────────┤                                        │
//	   │ POST ack: all devices have these; the relay erases them                  │
//	   ├────────────────────────────────▶│                                        │
//	   │ POST frame: "epoch e+1 is …"    │  the last that matters here            │
//	   ├────────────────────────────────▶│                                        │
//	   │             mailbox of (profile, epoch e+1): everything from then on     │
//
// What is trusted. Nothing that the relay says, and no frame: whoever was ever a
// member can write one. An entry is signed by its device and names its
// predecessors by hash; a record is signed inside, and the chain names its hash;
// a report, which says what a device has seen and what it lacks, is signed by the
// device and counted. So whatever the relay drops, repeats, reorders, changes or
// brings back from an older day is either nothing new or a gap; a gap is noticed
// as soon as two devices hear one report of each other, and exactly what is
// missing is asked for again. Any member answers.
//
// Two of one device. A device that is restored from a backup is a new one, with keys
// and counters of its own (keyring.RecoverUser, keyring.NewDevice), and the notes of
// another are not its own. One that was copied with its keys, or whose storage was
// put back to an older day, writes twice under one number: chain.Log has the proof,
// State names it, and nothing of either is lost; its owner should remove it.
//
// Beside histories the devices of one user share what is theirs alone: see Own.
//
// What the relay sees: that somebody knows the id of a mailbox, when, from which
// network address, and how large frames are, in Padmé classes from 4 KiB. Id and
// token are HKDF-SHA-256 of the epoch's secret, so mailboxes of two epochs, two
// profiles or two families have nothing in common.
//
// What a removed caregiver can do: read and disturb the mailboxes of the epochs
// that they hold, in which there is nothing newer than the announcement of the epoch
// that they are out of. What they empty there is a gap like any other, and another
// mailbox takes the place of one that they close.
//
// Durability. What is to be sent is derived from the Store, and a frame's id is
// kept before the frame is sent, so that a crash sends it at most once more under
// the same id, which the relay knows. What arrives is kept together with how far
// the mailbox was read. The relay forgets entries after 30 days; a device that
// was away for longer is sent what it lacks when another one is there.
//
// The frame and the report of any release can be read for ever: see testdata.
package sync
