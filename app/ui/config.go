// Package ui is the face of the wallet: one page for each thing a person does. Pages read a Snapshot and call the wallet;
// they decide nothing, keep nothing and know no cryptography, network or browser API beyond Device.
package ui

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/wallet"
)

// Config is what the program gives its face.
type Config struct {
	Wallet    *wallet.Wallet
	Device    Device
	Languages *Languages       // the same whose Words the wallet was given
	Viewer    string           // URL of the clinic's page, with the slash at its end
	Now       func() time.Time // nil: time.Now
}

// Run loads the words, registers the routes and gives the screen to go-app. In a browser it does not return.
func Run(c Config) {
	_ = c.Languages.Start(context.Background()) // without words the shell says so
	go c.Languages.keepOwn(context.Background())
	Routes(c)
	app.RunWhenOnBrowser()
}
