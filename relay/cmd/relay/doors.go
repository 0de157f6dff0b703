package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"syscall"
)

// doors are the addresses the program answers on, by name: app, relay and viewer;
// or https and http when it speaks TLS itself; and admin. All are open before
// anything else is done, so that a taken port is the first thing said.
type doors map[string]net.Listener

// addresses are the doors that the flags ask for. A door is named as its flag,
// without "-addr".
func (c config) addresses() map[string]string {
	all := map[string]string{"app": c.appAddr, "relay": c.relayAddr, "viewer": c.viewerAddr}
	if c.only == "relay" {
		all = map[string]string{"relay": c.relayAddr}
	}
	if c.tls {
		all = map[string]string{"https": c.httpsAddr, "http": c.httpAddr}
	}
	if c.adminAddr != "" {
		all["admin"] = c.adminAddr
	}
	return all
}

func open(c config) (doors, error) {
	ds := doors{}
	all := c.addresses()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		l, err := net.Listen("tcp", all[name])
		if err != nil {
			ds.close()
			return nil, doorError(all[name], name, err)
		}
		ds[name] = l
	}
	return ds, nil
}

func doorError(addr, name string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("another program already uses %s. Is Potli running in another window? "+
			"If not, choose another address: -%s-addr localhost:9080", addr, name)
	}
	return fmt.Errorf("cannot listen on %s (-%s-addr): %w", addr, name, err)
}

func (ds doors) close() {
	for _, l := range ds {
		l.Close()
	}
}
