package ui_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"potli/app/emergency"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/scan"
	"potli/app/share"
	"potli/app/summary"
	"potli/app/trend"
	"potli/app/ui"
	"potli/app/wallet"
)

var now = time.Date(2026, 6, 12, 9, 0, 0, 0, time.UTC)

// door is a wallet that shows what it was given and notes what it was asked.
type door struct {
	given    []wallet.Given // besides what there always is
	mu       sync.Mutex     // owns asked
	asked    []string
	snap     *wallet.Snapshot
	tab      bool // the browser is a tab of Safari on iOS
	timeline wallet.Timeline
	summary  *summary.Summary
	bringer  *wallet.Bringer
	metas    map[record.ID]record.Meta
	doc      *fhir.Document
	cards    []wallet.CardResult
	preview  *wallet.Preview
	link     string
	hand     *wallet.Hand
	kept     emergency.Card
	facts    map[emergency.FieldID][]string // for a card
	barred   map[record.ProfileID]error     // whose card may not be shown
	fresh    bool                           // the wallet was made a moment ago
	fault    error
	devices  []wallet.Device
	taken    []wallet.HealthChoice
	carer    string // how another caregiver called themselves
	trends   *trend.Book
	consents book
	letters  letters
}

func (d *door) note(what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, what)
	return d.fault
}

func (d *door) Snapshot() *wallet.Snapshot                          { return d.snap }
func (d *door) Subscribe(func(*wallet.Snapshot)) (cancel func())    { return func() {} }
func (d *door) Suggest() string                                     { return "able-bird-coin-door-earn-fish" }
func (d *door) Strength(s string) (float64, bool)                   { return float64(len(s)), len(s) > 40 }
func (d *door) Create(context.Context, string, wallet.Person) error { return d.note("create") }
func (d *door) TryDemo(context.Context) error                       { return d.note("demo") }
func (d *door) Unlock(context.Context, string) error                { return d.note("unlock") }
func (d *door) UnlockWithPasskey(context.Context) error             { return d.note("unlock passkey") }
func (d *door) UnlockQuick(context.Context) error                   { return d.note("unlock quick") }
func (d *door) Offers(context.Context) (passkeys, quickKeys bool)   { return true, true }
func (d *door) Prove(context.Context, string) error                 { return d.note("prove") }
func (d *door) AddPasskey(context.Context, string) error            { return d.note("add passkey") }
func (d *door) AddQuick(context.Context) error                      { return d.note("add quick") }
func (d *door) RemoveMethod(_ context.Context, m wallet.Method) error {
	return d.note("remove " + string(m))
}
func (d *door) Rescue(context.Context, string, string) error                { return d.note("rescue") }
func (d *door) Lock()                                                       { _ = d.note("lock") }
func (d *door) Touch()                                                      { _ = d.note("touch") }
func (d *door) Offline(bool)                                                {}
func (d *door) LockIn() time.Duration                                       { return time.Hour }
func (d *door) Wipe(context.Context) error                                  { return d.note("wipe") }
func (d *door) Choose(record.ProfileID)                                     { _ = d.note("choose") }
func (d *door) EditPerson(context.Context, wallet.Person) error             { return d.note("edit") }
func (d *door) SetSettings(context.Context, wallet.Settings) error          { return d.note("settings") }
func (d *door) ChangePassphrase(context.Context, string, string) error      { return d.note("words") }
func (d *door) Settle(context.Context, int, record.ProfileID) error         { return d.note("settle") }
func (d *door) Cancel()                                                     { _ = d.note("cancel") }
func (d *door) DismissImport()                                              { _ = d.note("dismiss") }
func (d *door) Link(text string) (share.Link, error)                        { return share.Parse(text) }
func (d *door) Summary(context.Context) (*summary.Summary, error)           { return d.summary, d.fault }
func (d *door) Delete(context.Context, record.ID) error                     { return d.note("delete") }
func (d *door) Undo(context.Context) error                                  { return d.note("undo") }
func (d *door) SetSelf(context.Context, record.ProfileID) error             { return d.note("self") }
func (d *door) Hide(record.ProfileID) error                                 { return d.note("hide") }
func (d *door) SetAside(context.Context, record.ProfileID) error            { return d.note("aside") }
func (d *door) BringBack(context.Context, record.ProfileID) error           { return d.note("back") }
func (d *door) EraseProfile(context.Context, record.ProfileID) error        { return d.note("erase") }
func (d *door) ReadNotice(context.Context, record.ProfileID) error          { return d.note("read") }
func (d *door) CountRecords(record.ProfileID) int                           { return 3 }
func (d *door) Photo(context.Context, record.ProfileID) ([]byte, error)     { return []byte("x"), d.fault }
func (d *door) SetPhoto(context.Context, record.ProfileID, []byte) error    { return d.note("photo") }
func (d *door) Holding(record.ID) []share.Share                             { return d.snap.Shares }
func (d *door) ShareLink(string) (string, bool)                             { return d.link, d.link != "" }
func (d *door) Pause(context.Context, string, bool) error                   { return d.note("pause") }
func (d *door) Extend(context.Context, string, time.Duration) error         { return d.note("extend") }
func (d *door) Revoke(context.Context, string) error                        { return d.note("revoke") }
func (d *door) Renew(context.Context, string) (string, error)               { return "made", d.note("renew") }
func (d *door) RevokeAll(context.Context) error                             { return d.note("revoke all") }
func (d *door) Refresh(context.Context, ...string) error                    { return d.note("refresh") }
func (d *door) Forget(context.Context, string) error                        { return d.note("forget") }
func (d *door) KitAsks() bool                                               { return !d.fresh }
func (d *door) MakeKit(context.Context, string) (*wallet.Kit, error)        { return kitFor(), d.fault }
func (d *door) KeepKitText(context.Context, *wallet.Kit, string) error      { return d.note("keep text") }
func (d *door) KeepContacts(context.Context, *wallet.Sheets) error          { return d.note("keep contacts") }
func (d *door) DropContacts(context.Context) error                          { return d.note("drop contacts") }
func (d *door) Export(context.Context) (string, []byte, error)              { return "potli.age", nil, d.fault }
func (d *door) PickFolder(context.Context) error                            { return d.note("pick folder") }
func (d *door) AllowFolder(context.Context) error                           { return d.note("allow folder") }
func (d *door) BackUp(context.Context) error                                { return d.note("back up") }
func (d *door) ForgetFolder(context.Context) error                          { return d.note("forget folder") }
func (d *door) Share(context.Context, *wallet.Preview) (string, error)      { return "s1", d.fault }
func (d *door) Document(context.Context, record.ID) (*fhir.Document, error) { return d.doc, d.fault }

// Timeline has as many groups as it was given, from anywhere on.
func (d *door) Timeline(q wallet.Query) wallet.Timeline {
	t := d.timeline
	t.Total = len(t.Groups)
	from := min(q.Offset, t.Total)
	t.Groups = t.Groups[from:min(from+q.Limit, t.Total)]
	return t
}

func (d *door) Pack(context.Context) (string, []byte, error) {
	return "potli-2026-06-11.age.txt", []byte("sealed"), d.note("pack")
}

func (d *door) HandedOver(context.Context) error { return d.note("handed over") }

func (d *door) VerifyBackup(context.Context, []byte) (*wallet.BackupReport, error) {
	return &wallet.BackupReport{Made: d.snap.LastVerified, Records: 3, Newer: 1, Missing: 1}, d.fault
}

func (d *door) AddPerson(_ context.Context, p wallet.Person) (wallet.Person, error) {
	return p, d.fault
}

func (d *door) AddSubject(_ context.Context, s fhir.Person) (wallet.Person, error) {
	return wallet.Person{Name: s.Name}, d.fault
}

func (d *door) FindSheet(context.Context, wallet.Pixels) (wallet.Corners, bool, error) {
	return wallet.Corners{{X: .1, Y: .1}, {X: .9, Y: .1}, {X: .9, Y: .9}, {X: .1, Y: .9}}, true, d.fault
}

func (d *door) StraightenSheet(_ context.Context, p wallet.Pixels, c wallet.Corners, brighten bool) (wallet.Pixels, error) {
	return p, d.note(fmt.Sprintf("straighten %v %v", c[0], brighten))
}

func (d *door) KeepPhotographed(_ context.Context, p wallet.Photographed) (*wallet.ImportReport, error) {
	return &wallet.ImportReport{Files: []wallet.ImportedFile{{}}}, d.note(fmt.Sprintf("keep %q %s %s %d", p.Title, p.Kind, p.Date, len(p.Pages)))
}

func (d *door) SetGuardian(context.Context, record.ProfileID, *wallet.Guardianship) error {
	return d.note("guardian")
}

func (d *door) OfferRecords(_ context.Context, _ record.ProfileID, user string) error {
	return d.note("offer " + user)
}
func (d *door) AcceptRecords(context.Context, record.ProfileID) error { return d.note("accept") }
func (d *door) HandOver(context.Context, record.ProfileID) error      { return d.note("hand over") }
func (d *door) KeepReaders(context.Context, record.ProfileID, []string) error {
	return d.note("keep readers")
}
func (d *door) NameHolder(context.Context, record.ProfileID, string, int) error {
	return d.note("name")
}
func (d *door) ClaimRecords(context.Context, record.ProfileID) error   { return d.note("claim") }
func (d *door) VetoClaim(context.Context, record.ProfileID) error      { return d.note("veto") }
func (d *door) RecoverRecords(context.Context, record.ProfileID) error { return d.note("recover") }

func (d *door) Carers(context.Context, record.ProfileID) ([]wallet.Carer, error) {
	return []wallet.Carer{
		{User: "u1", Me: true, Role: wallet.RoleOwner, As: wallet.BondMother, Stays: wallet.ErrLastOwner},
		{User: "u2", Name: d.carer, Role: wallet.RoleReader, Roles: []string{wallet.RoleAdmin, wallet.RoleOwner}}, {User: "u3", Role: wallet.RoleContact},
	}, d.fault
}

func (d *door) SetCarerRole(_ context.Context, _ record.ProfileID, user, role string) error {
	return d.note("role " + user + " " + role)
}

func (d *door) RemoveCarer(_ context.Context, _ record.ProfileID, user string) error {
	return d.note("out " + user)
}

func (d *door) Papers(record.ProfileID) []record.Meta {
	return []record.Meta{d.metas["r2"], d.metas["r3"]}
}

func (d *door) Move(_ context.Context, id record.ID, _ record.ProfileID) (record.ID, error) {
	return id, d.note("move")
}

func (d *door) Restore(context.Context, []byte, []string, string) (int, error) { return 0, d.fault }

func (d *door) Import(context.Context, []wallet.File) *wallet.ImportReport {
	_ = d.note("import")
	return d.snap.Import
}

func (d *door) TakeHealth(_ context.Context, c wallet.HealthChoice) *wallet.ImportReport {
	d.taken = append(d.taken, c)
	_ = d.note("take health")
	return d.snap.Import
}

func (d *door) DropHealth() { _ = d.note("drop health") }

func (d *door) Receive(context.Context, share.Link, string, string) (*wallet.ImportReport, error) {
	return d.snap.Import, d.fault
}

func (d *door) CheckCards(context.Context, record.ID) ([]wallet.CardResult, error) {
	return d.cards, d.fault
}

func (d *door) BroughtBy(context.Context, record.ID) (*wallet.Bringer, error) {
	return d.bringer, d.fault
}

func (d *door) Record(id record.ID) (record.Meta, bool) { m, ok := d.metas[id]; return m, ok }

func (d *door) Original(context.Context, record.ID) (string, string, []byte, error) {
	return "x.png", "image/png", []byte("x"), d.fault
}

func (d *door) Attachment(context.Context, record.ID, fhir.Attachment) (string, string, []byte, error) {
	return "x.png", "image/png", []byte("x"), d.fault
}

func (d *door) PrepareCounter(context.Context, ...record.ID) (*wallet.Preview, error) {
	return d.preview, d.fault
}

func (d *door) PrepareLink(context.Context, ...record.ID) (*wallet.Preview, error) {
	return d.preview, d.fault
}

func (d *door) PrepareExport(context.Context, bool, ...record.ID) (*wallet.Preview, error) {
	return d.preview, d.fault
}

func (d *door) TakeOut(_ context.Context, _ *wallet.Preview, o wallet.Order) (wallet.Taken, error) {
	return wallet.Taken{Name: o.Title + ".json", Type: "application/fhir+json"}, d.note("take out " + string(o.Form))
}

func (d *door) Facts(_ context.Context, p *wallet.Preview) ([]share.Fact, error) {
	return factsOf(d, p), d.fault
}

func (d *door) Printed(_ context.Context, _ *wallet.Preview, title string) error {
	return d.note("printed " + title)
}

func (d *door) Given(context.Context) ([]wallet.Given, error) {
	return append([]wallet.Given{{Time: now, Person: "p1", Form: "ips", Name: d.carer, Items: 1}, {Time: now, Person: "gone", Form: wallet.FormPaper, Items: 2}}, d.given...), d.fault
}

func (d *door) PrepareHand(context.Context, ...record.ID) (*wallet.Preview, error) {
	return d.preview, d.fault
}
func (d *door) ShowHand(context.Context, *wallet.Preview) (*wallet.Hand, error) {
	return d.hand, d.fault
}
func (d *door) TakeHand(context.Context, *wallet.Parcel) (*wallet.ImportReport, error) {
	return d.snap.Import, d.note("take hand")
}
func (d *door) CardFacts(context.Context) (map[emergency.FieldID][]string, error) {
	if d.facts != nil {
		return d.facts, d.fault
	}
	return map[emergency.FieldID][]string{emergency.Allergies: {"Peanut"}}, d.fault
}
func (d *door) SetCard(_ context.Context, c emergency.Card) error {
	d.kept = c
	return d.note("card " + c.Code())
}
func (d *door) MayShowCard(_ context.Context, who record.ProfileID) error { return d.barred[who] }
func (d *door) DropCard(context.Context, record.ProfileID) error          { return d.note("no card") }

func (d *door) ShowLink(context.Context, string, bool) error { return d.note("show link") }

func (d *door) ReadLink(_ context.Context, code, device, words string) error {
	return d.note("read link " + code + " as " + device)
}

func (d *door) ShowInvite(_ context.Context, _ string, i wallet.Invite, _ bool) error {
	return d.note("show invite as " + i.Role)
}

func (d *door) ReadInvite(_ context.Context, code, name string) error {
	return d.note("read invite " + code + " as " + name)
}

func (d *door) Devices(context.Context) ([]wallet.Device, error) { return d.devices, d.fault }
func (d *door) SetDeviceName(_ context.Context, _, name string) error {
	return d.note("call it " + name)
}
func (d *door) RemoveDevice(_ context.Context, words, id string) error {
	return d.note("remove " + id + " by " + words)
}
func (d *door) ConfirmDevice(_ context.Context, id string) error { return d.note("mine " + id) }
func (d *door) ReadTrouble(context.Context) error                { return d.note("read trouble") }

func (d *door) AcceptPairing(context.Context) error  { return d.note("match") }
func (d *door) DeclinePairing(context.Context) error { return d.note("differ") }
func (d *door) DropPairing()                         { _ = d.note("drop") }

func (d *device) Hand(context.Context, string, []byte) (bool, error) {
	if d.hand == nil {
		return true, nil
	}
	return d.hand()
}

// device is a browser that can do everything and shows nothing.
type device struct {
	voice
	script
	outside
	releaser
	title, lang string
	tab         bool // of Safari on iOS
	veil        bool // is drawn over a page in the background
	codes       codes
	hand        func() (bool, error) // what becomes of a file that is given away; nil: it is
}

func (*device) Copy(string) error                   { return nil }
func (*device) CanShare() bool                      { return true }
func (*device) ShareLink(title, url string) error   { return nil }
func (*device) CanHand() bool                       { return true }
func (*device) Download(name, typ string, b []byte) {}
func (d *device) Film(ctx context.Context, video, camera string, on func(scan.Camera), each func(string) bool) error {
	text, err := d.Scan(ctx, video, camera, on)
	for _, code := range strings.Split(text, "\n") {
		if each(code) {
			break
		}
	}
	return err
}

func (*device) Print()                                  {}
func (*device) KeepAwake() (release func())             { return func() {} }
func (*device) Picked(_, _ string) []wallet.File        { return nil }
func (*device) PDF() bool                               { return true }
func (*device) Online() bool                            { return true }
func (*device) OnOnline(func(bool)) (cancel func())     { return func() {} }
func (*device) Focus(string)                            {}
func (*device) Scrolled(string) (top, y float64)        { return 0, 0 }
func (*device) Return(string, float64, float64, string) {}
func (d *device) SetTitle(s string)                     { d.title = s }
func (d *device) SetLanguage(tag, dir string)           { d.lang = tag }
func (*device) SetValue(id, value string)               {}
func (*device) Language() string                        { return "en" }
func (*device) Remember(key, value string)              {}
func (*device) Recall(string) string                    { return "" }
func (*device) OnUpdate(func()) (cancel func())         { return func() {} }
func (d *device) InstallFirst() bool                    { return d.tab }

func (*device) Picture(context.Context, []byte) (string, func(), error) {
	return "blob:https://app.example/1", func() {}, nil
}

func (*device) Portrait(context.Context, []byte) ([]byte, error) { return []byte("x"), nil }

func (*device) Photo(context.Context, []byte) (wallet.Pixels, error) {
	return wallet.Pixels{Width: 2, Height: 3, RGBA: make([]byte, 24)}, nil
}

func (*device) JPEG(context.Context, wallet.Pixels) ([]byte, error) { return []byte("jpeg"), nil }

func (*device) Incoming(func([]wallet.File, string), func(bool)) (cancel func()) { return func() {} }

func (*device) Show(context.Context, string, string, string, []byte) error { return nil }

func (*device) Plain(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile("../../web/plain/" + name + ".json")
}

func (*device) Catalogue(_ context.Context, tag string) ([]byte, error) {
	return os.ReadFile("../../web/messages/" + tag + ".json")
}

// Near says of everything that it is on the screen.
func (*device) Near(_ string, f func(bool, float64)) (cancel func()) {
	f(true, 0)
	return func() {}
}

var _ ui.Device = (*device)(nil)
