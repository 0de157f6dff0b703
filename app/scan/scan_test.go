package scan_test

import (
	"strings"
	"testing"

	"potli/app/scan"
)

func TestWhat(t *testing.T) {
	for text, want := range map[string]scan.Kind{
		"shlink:/eyJ1cmwiOiJodHRwczovL2EifQ":                            scan.Link,
		"https://viewer.example/#shlink:/eyJ1cmwiOiJodHRwczovL2EifQ":    scan.Link,
		"POTLI-PAIR-1:ABCD":                                             scan.Pair,
		" potli-pair-1:abcd\n":                                          scan.Pair,
		"POTLI-PAIR-2:ABCD":                                             scan.Pair,
		"https://evil.example/POTLI-PAIR-1:ABCD":                        scan.Web,
		"AGE-SECRET-KEY-PQ-1QQQQ":                                       scan.Secret,
		"AGE-SECRET-KEY-1QQQQ":                                          scan.Secret,
		"shc:/567629095243206034602924374044603122":                     scan.Card,
		"SHC:/567629":                                                   scan.Card,
		"https://viewer.example/shc#shc:/567629":                        scan.Card,
		"https://viewer.example/SMARTHealthCard/#eyJ6aXAi":              scan.Card,
		`{"hidn":"12-3456-7890-1237","phr":"asha.example@sbx"}`:         scan.ABHA,
		`{"hid":"asha.example@abdm","state name":"Karnataka"}`:          scan.ABHA,
		`{"hidn":123456789012,"unknown":[1]}`:                           scan.ABHA,
		"12-3456-7890-1237":                                             scan.ABHA,
		"12345678901237":                                                scan.ABHA,
		"asha.example@abdm":                                             scan.ABHA,
		"Asha_1@SBX":                                                    scan.ABHA,
		"asha@example.org":                                              scan.Other,
		"1234567890123":                                                 scan.Other,
		"as ha@abdm":                                                    scan.Other,
		`{"hipId":"IN3410000260","code":"12345"}`:                       scan.Facility,
		"https://phrsbx.abdm.gov.in/share-profile?hip-id=IN1&counter=1": scan.Facility,
		"https://phr.abdm.gov.in/uhi/IN3410000260":                      scan.Facility,
		"uhi://discover?hip=IN1":                                        scan.Facility,
		"arogya://discover?hip=IN1":                                     scan.Facility,
		"https://abdm.gov.in.evil.example/share-profile?hip-id=IN1":     scan.Web,
		"https://notabdm.gov.in/share-profile":                          scan.Web,
		"https://abdm.gov.in/about":                                     scan.Web,
		"POTLI-FILM-1:ABC $":                                            scan.Film,
		"https://viewer.example/#potli-hand-1:0123":                     scan.Film,
		"https://viewer.example/drop#eyJ2IjoxfQ":                        scan.Drop,
		"http://localhost:8082/drop#eyJ2IjoxfQ":                         scan.Drop,
		"https://viewer.example/ask#eyJ2IjoxfQ":                         scan.Ask,
		"https://viewer.example/drop":                                   scan.Web,
		"https://viewer.example/ask/more#eyJ2IjoxfQ":                    scan.Web,
		"upi://pay?pa=shop@bank":                                        scan.Pay,
		"HTTP://EXAMPLE.ORG":                                            scan.Web,
		"javascript:alert(1)":                                           scan.Other,
		"WIFI:S:clinic;;":                                               scan.Other,
		"{":                                                             scan.Other,
		"{}":                                                            scan.Other,
		"":                                                              scan.Other,
		"hello":                                                         scan.Other,
		"shlink:/" + strings.Repeat("a", 9000):                          scan.Other,
	} {
		if got := scan.What(text); got != want {
			t.Errorf("%.60q is %s, want %s", text, got, want)
		}
	}
}

func FuzzWhat(f *testing.F) {
	for _, seed := range []string{"", "{", "shlink:/a", "POTLI-PAIR-1:A", "a@abdm", "http://[::1", `{"hid":{}}`, "12-3456-7890-1237", "https://a/drop#b", "https://a/ask#b"} {
		f.Add(seed)
	}
	known := map[scan.Kind]bool{scan.Link: true, scan.Pair: true, scan.Secret: true, scan.Card: true, scan.ABHA: true,
		scan.Facility: true, scan.Pay: true, scan.Drop: true, scan.Ask: true, scan.Film: true, scan.Web: true, scan.Other: true}
	f.Fuzz(func(t *testing.T, text string) {
		if k := scan.What(text); !known[k] {
			t.Errorf("%q is %q", text, k)
		}
	})
}
