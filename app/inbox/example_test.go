package inbox_test

import (
	"context"
	"fmt"
	"time"

	"potli/app/inbox"
	"potli/app/message"
)

// A visit: the person shows a code, the clinic gives a report under it, the person
// finds it in the inbox and accepts it.
func Example() {
	now := func() time.Time { return time.Date(2026, 3, 4, 10, 30, 0, 0, time.UTC) }
	relay, kept := &mail{}, &disk{} // in the wallet: relayclient.Drops and the vault
	d, err := inbox.NewDrop(inbox.Terms{Profile: "asha", Name: "Asha S.", Relay: "https://relay.example", Life: time.Hour, Most: 5, Bytes: 20 << 20}, now(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := d.Open(context.Background(), relay, now); err != nil {
		fmt.Println(err)
		return
	}
	link, err := d.Link("https://view.example")
	if err != nil {
		fmt.Println(err)
		return
	}

	// The clinic.
	code, err := inbox.ParseCode(link)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("for", code.Name, "until", code.Expires.Format(time.TimeOnly))
	m, _ := message.New(message.Documents, code.ID, message.Sender{Name: "City Clinic"}, now(), nil)
	report, err := message.Attach("report.pdf", []byte("%PDF-1.4\nstartxref\n0\n%%EOF\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	m.Documents = append(m.Documents, report)
	packed, err := m.Pack() // PackSigned, where it has a key
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed, _ := message.SealKey(packed, code.Key, nil)
	relay.put(sealed) // relayclient.Deposit

	// The wallet.
	b := &inbox.Inbox{Drops: []*inbox.Drop{d}}
	r, err := b.Collect(context.Background(), relay, d, kept, now)
	if err != nil {
		fmt.Println(err)
		return
	}
	it := r.Arrived[0]
	trust, _ := it.Trust(nil)
	fmt.Println(it.From.Name, trust, it.Documents[0].Name, it.Documents[0].Format)
	fmt.Println(it.Accept(now()), it.State(now()))
	// Output:
	// for Asha S. until 11:30:00
	// City Clinic unsigned report.pdf application/pdf
	// <nil> accepted
}
