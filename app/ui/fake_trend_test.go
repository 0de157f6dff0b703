package ui_test

import (
	"context"

	"potli/app/trend"
	"potli/app/wallet"
)

func (d *door) Trends(context.Context) ([]trend.Summary, error) {
	if d.trends == nil {
		return nil, d.fault
	}
	return d.trends.List(d.snap.Settings.Units), d.fault
}

func (d *door) Trend(_ context.Context, key string) (*trend.Chart, error) {
	if d.trends == nil {
		return nil, wallet.ErrNoChart
	}
	c, ok := d.trends.Chart(key, d.snap.Settings.Units[key])
	if !ok {
		return nil, wallet.ErrNoChart
	}
	return &c, d.fault
}

func (d *door) SetUnit(_ context.Context, key, unit string) error { return d.note("unit " + unit) }
