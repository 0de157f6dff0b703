package ui_test

import (
	"context"

	"potli/app/traffic"
	"potli/app/wallet"
)

// Left is an account of two requests today, and of a month before.
func (d *door) Left(context.Context) (*wallet.Left, error) {
	var b traffic.Book
	at := now.Unix()
	b.Add([]traffic.Row{
		{From: at, To: at, Reason: traffic.LinkMake, Host: "relay.example", N: 2, Out: 5000, In: 300},
		{From: at, To: at, Reason: traffic.Live, Host: "relay.example", Out: 4, In: 4},
		{From: at, To: at, Reason: traffic.LinkOpen, Host: "clinic.example", N: 1, Out: 90, Failed: 1},
	}, now)
	return &wallet.Left{Book: b, Months: []string{"2026-04"}, Lost: true}, d.note("left")
}

func (d *door) LeftMonth(context.Context, string) ([]traffic.Sum, error) {
	return []traffic.Sum{{Day: "2026-04-01", Row: traffic.Row{Reason: traffic.Sync, Host: "relay.example", N: 7, Out: 70, In: 7}}}, d.note("month")
}

func (d *door) ClearLeft(context.Context) error { return d.note("clear left") }
func (d *door) LookAtStorage(context.Context)   { _ = d.note("look at storage") }
func (d *door) AskToStay(context.Context) bool  { return d.note("stay") == nil }
func (d *device) Veil(on bool)                  { d.veil = on }
