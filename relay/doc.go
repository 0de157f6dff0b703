// Package relay carries ciphertext between a family's wallet and the clinic
// that opens a link, and remembers as little as that takes.
//
// It is one http.Handler over a Store: no framework, no sessions, no accounts.
// Who reads this comment, then routes.go from top to bottom, then store.go, knows
// the relay; every endpoint is one small file named for it. Package wire has the
// paths and documents, openapi.json the same for machines.
//
//	wallet, the owner                        relay                        clinic, anybody
//	  │                                        │                                    │
//	  │ PUT  /v1/links/{id}                    │                                    │
//	  ├───────────────────────────────────────▶│ ciphertext, hashes, a public key   │
//	  │                                        │                                    │
//	  │ · · · · · · · the link itself, with the key, as a QR code · · · · · · · · ·▶│
//	  │                                        │                                    │
//	  │                                        │◀── GET or POST /l/{id}  passcode ──┤
//	  │                                        │    charge; seal a receipt          │
//	  │                                        ├─── ciphertext ────────────────────▶│ opens it
//	  │ GET  …/receipts                        │                                    │
//	  │◀───────────────────────────────────────┤ who said they were who, sealed     │
//	  │ PATCH, PUT …/file, DELETE              │                                    │
//	  ├───────────────────────────────────────▶│ pause, extend, another file, end   │
//	  │                                        │                                    │
//	  │ PUT  /v1/mailboxes/{id}                │                                    │
//	  ├───────────────────────────────────────▶│◀── POST /m/{id}  a sealed entry ───┤
//	  │ GET  …/entries, …/live; POST …/ack     │                                    │
//	  │◀──────────────────────────────────────▶│ kept until it is acknowledged      │
//
// The data plane (/l/, /f/, /m/) is open to any origin; of it, links are a SMART
// Health Links server (HL7 hl7.fhir.uv.smart-health-cards-and-links 1.0.0). The
// control plane (/v1/) is the owner's: a token that was drawn for this one link or
// mailbox, and from a browser the wallet's origin alone. No plane has a cookie.
//
// # What the relay knows, and for how long
//
//	of a link                    kept as                             until
//	  id, owner's token          SHA-256 of 32 random bytes          the link's end (¹)
//	  the file, its size, type   ciphertext (²)                      the end, or another file
//	  end, uses, attempts left,  numbers                             the end (¹)
//	    paused, flag, sequence
//	  passcode                   HMAC of its scrypt; the salt        the end
//	  last reader, and when      HMAC of the name; a second          the end (¹ for the second)
//	  who opened it, and when    sealed to the owner's one-time      7 days after the end
//	    (to 5 minutes)             key, 64 at the most
//	of a mailbox
//	  id, owner's token          SHA-256 of 32 random bytes          the mailbox's end (³)
//	  entries                    ciphertext (²), padded to classes   acknowledged, or 30 days
//	    their numbers, sizes,    numbers; 16 bytes that the          30 days, the last number
//	    arrival, senders' ids      sender drew for this entry          until the end
//	  what senders seal to       a public key                        the end
//	  devices to be told         endpoint under AES-256-GCM          the end, or signed off
//	of whoever asks
//	  network, for the limits    HMAC of the /24 or /64, in memory   midnight (UTC)
//	  how much there is of all   sums, published every 10 minutes    the process's end
//
//	(¹) Where there are receipts, with them. Of a link that was taken down the id's
//	    hash stays for 30 days, so that it cannot be made again.
//	(²) The purge runs every minute; what it has not erased yet is not served.
//	(³) Of one that was closed, until it would have ended by itself.
//
// What it never knows: a key of any file or entry, so nothing of what is inside;
// who owns what, since every link has a token, an id and a receipt key of its own,
// and none is derived from another; who sent an entry; who opened a link, once
// the answer is out: a running request does show a name, a passcode that is being
// checked and a network address, and no table, log or metric gets them. Nothing
// in this package logs. The ids in its tables open nothing: whoever steals the disk
// has ciphertext without keys and hashes without a way back (package keys says what a
// thief of the secrets could do besides).
//
// What it could do all the same, were it malicious: not answer, serve an older
// file of the same link, serve it after its end or without its passcode to those
// who were given the link, withhold or invent receipts, and watch who comes when.
// It could not show the file to anybody else, nor another file in its place.
//
// # Time
//
// The relay's clock decides. The clocks of phones are wrong, so that no request
// says until when; it says for how long, and every answer has the relay's now
// beside the end. The clock is a parameter (Options.Now); expiry is part of every
// read's condition, and no timer ends anything.
//
// # An opening
//
// In the order that makes a crash harmless:
//
//	live?          one read; no → the 404, the same bytes for every reason
//	passcode?      none given → 401, nothing spent
//	scrypt         at most two at once
//	charge         one statement: an attempt or a use, committed
//	receipt        sealed and committed
//	answer         if this is lost, the attempt or use is spent all the same
//
// The same reader within a minute is one opening: viewers ask twice.
//
// # Strangers
//
// Anybody may make a link. What bounds them: shapes (package shape:
// nothing is stored that a browser would render or run, and no text of one's own),
// sizes and lives (package wire), a rate for each network, memory lent by the
// request (package limit), proof of work once many links are made or the store is half
// full (work.go), and the size of the store. They bound load; what protects a link
// is its id, its key and its token.
//
// It asks nobody anything, with one exception: where an owner wants it, the push
// service of a browser is told that something arrived, and nothing else (package
// webpush). Who is to be told is sealed at rest, and that it is yet to be done is
// a row, written before the deposit is answered.
//
// # Where it runs
//
// The same handler and the same SQL (package sqlstore, without a driver) are one
// binary over SQLite, several over one PostgreSQL (relay/cmd/relay), and a Durable
// Object of Cloudflare Workers or of workerd at home (relay/cf, relay/cmd/worker).
// Package storetest is the contract that all of them pass: of the store, and of the
// whole relay from outside.
//
// Small packages beside this one have one idea each: shape looks at what strangers
// bring, agefile measures an age file, keys has the secrets and what is made under
// them, limit bounds load, live wakes who waits at a mailbox, webpush tells a
// browser, metrics writes what is counted. Package site
// serves the wallet's and the clinic's files where one program serves all three.
package relay
