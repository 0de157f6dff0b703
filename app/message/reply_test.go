package message_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"potli/app/message"
)

// An answer says where the receiver puts its countersignature.
func TestReply(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	m, err := message.New(message.Answer, "mailbox", message.Sender{Name: "Asha"}, now, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Re, m.Reply = strings.Repeat("A", 22), "https://viewer.example/drop#e30"
	packed, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := message.Parse(packed); err != nil || got.Reply != m.Reply || got.Re != m.Re {
		t.Errorf("%+v, %v", got, err)
	}
	m.Reply = strings.Repeat("A", 2<<10+1)
	if _, err := m.Pack(); !errors.Is(err, message.ErrTooBig) {
		t.Errorf("as long as no code is: %v", err)
	}
}
