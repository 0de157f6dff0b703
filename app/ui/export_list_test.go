package ui

import "potli/app/wallet"

// RowOf is the row to which the timeline of a wallet leads for a date.
func RowOf(w Door, l *Languages, date string) int {
	list := &homeList{Env: &Env{W: w, L: l.Current(), Langs: l, Home: &homePlace{}}, Snap: &wallet.Snapshot{}}
	list.OnInit()
	return list.rowOf(date)
}
