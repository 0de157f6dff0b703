package ui_test

import (
	"strings"
	"testing"
	"time"

	"potli/app/wallet"
)

// deviceWorld is a wallet with a phone, a tablet that the phone added and a laptop that was lost.
func deviceWorld(say func(string) string) *door {
	d := world(say)
	d.devices = []wallet.Device{
		{ID: "d1", Name: say("Meera’s phone"), Added: now.Add(-9 * 24 * time.Hour), This: true},
		{ID: "d2", Name: say("kitchen tablet"), Added: now.Add(-2 * time.Hour), By: say("Meera’s phone")},
		{ID: "d3", Name: say("old laptop"), Added: now.Add(-8 * 24 * time.Hour), Ended: now, By: say("Meera’s phone")},
	}
	d.snap.Ways = []wallet.Way{{Method: wallet.MethodPasskey, Added: now}}
	return d
}

// TestDevicesPage: every device with its name, when it came and by which, this one marked; only one in use that is not
// this one can be removed.
func TestDevicesPage(t *testing.T) {
	page, _ := draw(t, deviceWorld(same), "en", "/settings/devices")
	for _, want := range []string{"Meera’s phone", "This device", "kitchen tablet", "by Meera’s phone", "old laptop", "Removed on", "Fingerprint, face or security key"} {
		if !strings.Contains(page.words(), want) {
			t.Errorf("%q is missing in %q", want, page.words())
		}
	}
	if strings.Contains(page.words(), "Remove Meera’s phone") || strings.Contains(page.words(), "Remove old laptop") || !strings.Contains(page.words(), "Remove kitchen tablet") {
		t.Errorf("what can be removed: %q", page.words())
	}
	alone := deviceWorld(same)
	alone.devices = alone.devices[1:2]
	if page, _ := draw(t, alone, "en", "/settings/devices"); strings.Contains(page.words(), "Remove kitchen tablet") {
		t.Error("the only device can be removed")
	}
	demo := deviceWorld(same)
	demo.snap.Demo = true
	if page, _ := draw(t, demo, "en", "/settings/devices"); strings.Contains(page.words(), "Rename") {
		t.Error("the sample family has devices")
	}
}

// TestNewcomerCard: the timeline asks about a new device, says by which it came, and has both answers; by a kit it says so.
func TestNewcomerCard(t *testing.T) {
	d := deviceWorld(same)
	d.snap.Newcomers = d.devices[1:2]
	page, _ := draw(t, d, "en", "/")
	for _, want := range []string{"A new device: kitchen tablet", "by Meera’s phone. Was that you?", "For one day it cannot remove your other devices", "Yes, kitchen tablet is mine", "No, remove kitchen tablet"} {
		if !strings.Contains(page.words(), want) {
			t.Errorf("%q is missing in %q", want, page.words())
		}
	}
	d.snap.Newcomers = []wallet.Device{{ID: "d4", Name: "Chrome", Added: now}}
	if page, _ := draw(t, d, "en", "/"); !strings.Contains(page.words(), "with your recovery kit") {
		t.Errorf("by a kit: %q", page.words())
	}
}

// TestDeviceTrouble: each trouble has its words and a way out; that this device was removed can not be put away.
func TestDeviceTrouble(t *testing.T) {
	for trouble, want := range map[wallet.DeviceTrouble]string{
		wallet.DeviceShutOut: "This device was removed", wallet.DeviceSplit: "Two of your devices have parted", wallet.DeviceRefused: "A device tried to change your keys",
	} {
		for _, path := range []string{"/", "/settings/devices"} {
			d := deviceWorld(same)
			d.snap.Trouble = trouble
			page, _ := draw(t, d, "en", path)
			if !strings.Contains(page.words(), want) {
				t.Errorf("%s on %s: %q", trouble, path, page.words())
			}
			if put := page.id("trouble-read") != nil; put != (trouble != wallet.DeviceShutOut) {
				t.Errorf("%s on %s: can be put away: %v", trouble, path, put)
			}
		}
	}
}

// TestPasskeyInstead: where the wallet has a passkey it may stand for the words, and nowhere else.
func TestPasskeyInstead(t *testing.T) {
	for _, path := range []string{"/settings/link", "/invite/p2"} {
		d := deviceWorld(same)
		if page, _ := draw(t, d, "en", path); !strings.Contains(page.words(), "With fingerprint, face or key") {
			t.Errorf("%s with a passkey: %q", path, page.words())
		}
		d.snap.Ways = []wallet.Way{{Method: wallet.MethodQuick, Added: now}}
		if page, _ := draw(t, d, "en", path); strings.Contains(page.words(), "With fingerprint, face or key") {
			t.Errorf("%s with quick unlock alone", path)
		}
	}
}
