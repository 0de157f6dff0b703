package main

import (
	"fmt"
	"io"
)

// welcome says to a person what to open; a log is for machines.
func welcome(out io.Writer, c config, o origins) {
	if c.logged {
		return
	}
	fmt.Fprintf(out, `
Potli is running on this machine.

  The wallet         %s   open this one first
  The clinic's page  %s   what a clinic sees when it opens a link
  The relay          %s   carries sealed links; there is nothing to look at

Open the wallet and tap "Look around with a sample family".
Records stay in your browser, sealed. The relay keeps sealed links in
%s
Ctrl-C stops it.
`, o.App, o.Viewer, o.Relay, c.data)
	if warning := o.warning(); warning != "" {
		fmt.Fprintf(out, "\nNote: %s\n", warning)
	}
	fmt.Fprintln(out)
}

func farewell(out io.Writer, c config) {
	if !c.logged {
		fmt.Fprintln(out, "Potli has stopped. Nothing was lost: records are in the browser, links in the data folder.")
	}
}
