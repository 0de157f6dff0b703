package record

import "strings"

// HowDrop is Source.How of what somebody sent under a drop code. Host is then how the
// sender is called by its own word, and Link the id of the message with, after a dot,
// the thumbprint of the key that signed it: in the fields that records have had from
// the first, so that every release can read them.
const HowDrop = "drop"

// FromDrop is the Source of a document that came in a message; signer is "" where
// nobody signed it.
func FromDrop(name, sender, message, signer string) Source {
	s := Source{How: HowDrop, Name: name, Host: sender, Link: message}
	if signer != "" {
		s.Link += "." + signer
	}
	return s
}

// Drop undoes FromDrop. false: it came in another way.
func (s Source) Drop() (sender, message, signer string, ok bool) {
	if s.How != HowDrop {
		return "", "", "", false
	}
	message, signer, _ = strings.Cut(s.Link, ".")
	return s.Host, message, signer, true
}
