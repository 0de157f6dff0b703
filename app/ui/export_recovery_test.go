package ui

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/wallet"
)

// RecoverySteps are the steps of the pages about recovery, as they look on the way.
func RecoverySteps(w Door, d Device, l *Languages, now time.Time, snap *wallet.Snapshot, made *wallet.Kit) map[string]app.Composer {
	e := &Env{W: w, D: d, L: l.Current(), Langs: l, Now: func() time.Time { return now }}
	check := &wallet.KitCheck{Created: now, Records: 3, Missing: 2}
	file := &wallet.File{Name: "potli.age"}
	sheets := &wallet.Sheets{List: []wallet.Sheet{{Name: "Asha", Others: []string{"Ravi", "Sen"}, Kit: made}, {Name: "Ravi", Kit: made}}}
	kitAt := func(step kitStep, change func(*pageKit)) *pageKit {
		p := &pageKit{Env: e, Snap: snap, step: step, kit: made, given: make([]string, 3), file: file, check: check, saved: "potli.age"}
		p.paper = p.sheetOf()
		if err := p.paper.draw(made); err != nil {
			panic(err)
		}
		change(p)
		return p
	}
	contactsAt := func(step contactsStep, change func(*pageContacts)) *pageContacts {
		p := &pageContacts{Env: e, Snap: snap, step: step, sheets: sheets}
		p.OnInit()
		p.paper = p.sheetOf(0)
		if err := p.paper.draw(made); err != nil {
			panic(err)
		}
		change(p)
		return p
	}
	same, same2 := func(*pageKit) {}, func(*pageContacts) {}
	return map[string]app.Composer{
		"kit ask":         kitAt(kitAsk, same),
		"kit show":        kitAt(kitShow, same),
		"kit prove":       kitAt(kitProve, same),
		"kit prove wrong": kitAt(kitProve, func(p *pageKit) { p.wrong = []int{3, 17} }),
		"kit try":         kitAt(kitTry, same),
		"kit try fault":   kitAt(kitTry, func(p *pageKit) { p.fault = wallet.ErrKitBackup }),
		"kit done":        kitAt(kitDone, same),
		"contacts now":    contactsAt(contactsNow, same2),
		"contacts old": contactsAt(contactsNow, func(p *pageContacts) {
			old := *snap
			old.Contacts = &wallet.ContactsInfo{Names: snap.Contacts.Names, Made: now, Old: true}
			p.Snap = &old
		}),
		"contacts drop":   contactsAt(contactsNow, func(p *pageContacts) { p.drop = true }),
		"contacts choose": contactsAt(contactsChoose, same2),
		"contacts two":    contactsAt(contactsChoose, func(p *pageContacts) { p.many = 2 }),
		"contacts kit":    contactsAt(contactsKit, func(p *pageContacts) { p.busy = true }),
		"contacts sheet":  contactsAt(contactsSheet, same2),
		"contacts last":   contactsAt(contactsSheet, func(p *pageContacts) { p.at, p.saved = 1, "potli-sheet-2.txt" }),
		"contacts kept":   contactsAt(contactsKept, same2),
		"contacts try":    contactsAt(contactsTry, same2),
		"contacts tried":  &contactsTrial{Env: e, file: file, check: check},
		"contacts fault":  &contactsTrial{Env: e, file: file, fault: &wallet.ContactSheetError{Sheet: 2}},
	}
}
