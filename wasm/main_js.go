//go:build js

// Command wasm, built for the browser, is the wallet: it joins the packages and
// holds no behaviour. The page runs it, and so does the dedicated worker of
// web/worker.js, from one and the same module; what tells them apart is that a
// worker has no document.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"potli/app/relayclient"
	"potli/app/traffic"
	"potli/app/ui"
	"potli/app/wallet"
	"potli/wasm/browser"
)

func main() {
	if !browser.OnPage() {
		browser.ServeJobs(wallet.Jobs{Words: ui.Words, Now: time.Now, Rand: rand.Reader, Pen: browser.NewPen()}.Run)
	}
	ctx := context.Background()
	where := locate(ctx)
	meter := traffic.NewMeter(time.Now)
	network := browser.Network{Meter: meter}
	frame := browser.NewFrame(where.Viewer, meter)
	device := browser.NewDevice(frame)
	workers := browser.NewWorkers("/worker.js", "")
	device.Scanner = workers.Beside("/web/scanner.wasm")
	languages := ui.NewLanguages(device)
	relay := relayclient.New(where.Relay, network, rand.Reader)
	w := wallet.New(wallet.Deps{
		Blobs:   browser.NewIndexedDB("potli"),
		Host:    &browser.Host{},
		Tabs:    &browser.Tabs{},
		Worker:  workers,
		Relay:   relay,
		Fetcher: fetchers(where.Relay, network, frame),
		Pair:    relay.Pairing(),
		Mail:    relay.Mail(),
		Drops:   relayclient.Drops(relay),
		Letters: relayclient.Letters(relay, frame),
		Push:    browser.Push{},

		Directory:   frame,
		RelayOrigin: strings.TrimRight(where.Relay, "/"),
		Sleep:       relayclient.Sleep,
		Passkeys:    browser.NewPasskeys(device),
		QuickKeys:   browser.NewQuickKeys("potli-quick"),
		Folder:      browser.NewFolder("potli-folder"),
		Board:       browser.NewBoard("potli-emergency"),
		CardView:    ui.CardView(languages),
		Ready:       browser.NewBoard("potli-ready"),
		ReadyView:   ui.ReadyView(languages),
		Language:    languages.Language,
		Viewer:      where.Viewer,
		Device:      browser.DeviceName(),
		Now:         time.Now,
		Rand:        rand.Reader,
		Traffic:     meter,
		Issuers:     issuers,
		Sample:      sample,
	})
	device.Watch(w.Touch, w.Hidden)
	go w.Start(ctx)
	go tick(ctx, w)
	go retry(ctx, w)
	go keep(ctx, w)
	go share(ctx, w)
	go receive(ctx, w)
	ui.Run(ui.Config{Wallet: w, Device: device, Languages: languages, Viewer: where.Viewer, Now: time.Now})
}

// fetchers sends requests for links on our own relay straight there: the
// page's policy allows no other host, and the frame may open any.
func fetchers(relay string, network browser.Network, frame *browser.Frame) browser.Fetchers {
	return browser.Fetchers{
		Relay: relay,
		Direct: &relayclient.Fetcher{
			HTTP: network, Now: time.Now, Sleep: relayclient.Sleep,
		},
		Frame: frame,
	}
}

// tick lets the wallet do what is due.
func tick(ctx context.Context, w *wallet.Wallet) {
	for range time.Tick(time.Second) {
		w.Tick(ctx)
	}
}

// retry lets the wallet do what had to wait for the network. It is apart from
// tick: a network that does not answer must not keep the wallet open.
func retry(ctx context.Context, w *wallet.Wallet) {
	for range time.Tick(time.Second) {
		w.Retry(ctx)
	}
}

// share sends to others' devices and receives from them, apart from both: a round
// takes as long as the network does.
func share(ctx context.Context, w *wallet.Wallet) {
	for range time.Tick(time.Second) {
		w.Sync(ctx)
	}
}

// receive asks for what providers sent, apart from all of these for the same reason.
func receive(ctx context.Context, w *wallet.Wallet) {
	for range time.Tick(time.Second) {
		w.Await(ctx)
	}
}

// keep writes the backup of the day into the person's folder, if there is one.
func keep(ctx context.Context, w *wallet.Wallet) {
	for range time.Tick(time.Minute) {
		w.Keep(ctx)
	}
}

// origins are where the other two parts of the house stand: /config.json, a
// file of the release.
type origins struct {
	Relay  string `json:"relay"`
	Viewer string `json:"viewer"`
}

// locate reads the origins. The program itself has just been loaded from the
// same place, so a failure passes: it is asked again until it does.
func locate(ctx context.Context) origins {
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 8*time.Second) {
		var o origins
		b, err := browser.Asset(ctx, "/config.json", 4<<10)
		if err == nil && json.Unmarshal(b, &o) == nil && o.Relay != "" && o.Viewer != "" {
			o.Viewer = strings.TrimRight(o.Viewer, "/") + "/"
			return o
		}
		time.Sleep(wait)
	}
}

// maxIssuers bounds the directory of issuers of health cards.
const maxIssuers = 8 << 20

// issuers fetches the directory of issuers of health cards: data of the release,
// which the service worker keeps with it, so that cards are checked offline too.
func issuers(ctx context.Context) ([]byte, error) {
	return browser.Asset(ctx, "/web/cards/issuers.json", maxIssuers)
}

// sampleFile is one line of /web/sample/index.json.
type sampleFile struct {
	File   string        `json:"file"`
	Person wallet.Person `json:"person"`
}

// maxSample bounds each file of the sample family.
const maxSample = 8 << 20

// sample lists the synthetic family. Its files are fetched when their turn comes.
func sample(ctx context.Context) ([]wallet.File, error) {
	b, err := browser.Asset(ctx, "/web/sample/index.json", 64<<10)
	if err != nil {
		return nil, err
	}
	var list []sampleFile
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, errors.New("the list of sample records is damaged")
	}
	files := make([]wallet.File, len(list))
	for i, s := range list {
		files[i] = wallet.File{
			Name:   s.File,
			How:    "sample",
			Person: &s.Person,
			Read: func(ctx context.Context) ([]byte, error) {
				return browser.Asset(ctx, "/web/sample/"+s.File, maxSample)
			},
		}
	}
	return files, nil
}
