// Package relay carries ciphertext between a family's wallet and the clinic
// that opens a link, and remembers as little as that takes.
//
// It is one http.Handler over a Store. The data plane is a SMART Health Links
// server (HL7 hl7.fhir.uv.smart-health-cards-and-links 1.0.0): GET and POST on
// /l/{id}, GET on /f/{ticket}. The control plane under /v1/links/ is how the
// owner makes, changes and ends a link. Package wire has the ladder.
//
// What it cannot do, by construction: read a file (it has no key), learn an id
// or a passcode from its own disk (hashes), or tell who opened a link once the
// answer is out (receipts are sealed to the owner's one-time key). What it
// does learn is sizes, times and network addresses; it writes none of them to a
// log. Nothing in this package logs.
//
// It asks nobody anything, with one exception: where an owner wants it, the push
// service of a browser is told that something arrived, and nothing else (package
// webpush). Who is to be told is sealed at rest, and that it is yet to be done is
// a row, written before the deposit is answered.
//
// An opening, in the order that makes a crash harmless:
//
//	live?          one read; no → the 404, the same bytes for every reason
//	passcode?      none given → 401, nothing spent
//	scrypt         at most two at once
//	charge         one statement: an attempt or a use, committed
//	receipt        sealed and committed
//	answer         if this is lost, the attempt or use is spent all the same
package relay
