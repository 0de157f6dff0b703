package e2e_test

import (
	"context"
	"testing"
	"time"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/relayclient"
	"potli/app/relayclient/direct"
)

// TestDropQueue: a counter works through a queue with its camera: a code is scanned, a note is given, and the code of the
// next one is scanned from the page that says thank you. A code to read a record leads to the page that opens it.
func TestDropQueue(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	ctx, mail := context.Background(), relayclient.Drops(relayclient.New(p.Relay, direct.HTTP{}, nil))
	camera, film := withCamera(t)
	clinic := camera.open(t, p.Viewer)
	clinic.wear(looks[0])
	clinic.click("#to-drop")
	gave := func(button, name, note string) {
		t.Helper()
		w := &tray{}
		d, err := inbox.NewDrop(inbox.Terms{Name: name, Relay: p.Relay, Life: time.Hour, Most: 3, Bytes: 5 << 20}, time.Now(), nil)
		if err == nil {
			err = d.Open(ctx, mail, time.Now)
		}
		if err != nil {
			t.Fatal(err)
		}
		link, err := d.Link(p.Viewer)
		if err != nil {
			t.Fatal(err)
		}
		film.shows(link)
		clinic.there(button)
		clinic.watch()
		clinic.click(button)
		clinic.there("#drop-note")
		clinic.dark()
		clinic.sees(name)
		clinic.write("#drop-note", note)
		if js[string](clinic, `document.querySelector("#drop-from").value`) == "" {
			clinic.write("#drop-from", "Dr Rao, City Clinic")
		}
		clinic.click("#drop-send")
		clinic.there("#drop-arrived")
		r, err := w.Collect(ctx, mail, d, w, time.Now)
		if err != nil || len(r.Arrived) != 1 {
			t.Fatalf("%+v, %v, refused %v", r, err, d.Refused)
		}
		if m, err := message.Parse(w.bodies[0]); err != nil || m.Text != note || m.From.Name != "Dr Rao, City Clinic" {
			t.Errorf("%+v, %v", m, err)
		}
	}
	gave("#drop-scan", "Asha S.", "Drink water")
	gave("#drop-next", "Ravi", "Come again on Monday")

	film.shows("https://view.example/#shlink:/eyJ1cmwiOiJodHRwczovL2EuZXhhbXBsZS94Iiwia2V5IjoiQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSJ9")
	clinic.click("#drop-next")
	clinic.there("#reader")
	clinic.dark()
	clinic.sees("a.example")
	clinic.quiet()
}
