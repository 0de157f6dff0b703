package wallet

import (
	"time"

	"potli/app/emergency"
	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/record"
	"potli/app/share"
)

// Phase is where the wallet stands. A page is chosen by it before anything else.
type Phase string

const (
	PhaseLoading   Phase = "loading"   // looking at storage
	PhaseNew       Phase = "new"       // nothing here yet: welcome
	PhaseLocked    Phase = "locked"    // there is a wallet: ask for the words
	PhaseOpen      Phase = "open"      // unlocked
	PhaseElsewhere Phase = "elsewhere" // open in a tab of an earlier release, which does not take turns
	PhaseCleared   Phase = "cleared"   // the browser erased the storage: offer to restore, never a new wallet unasked
	PhaseBroken    Phase = "broken"    // no IndexedDB or no Web Locks (private window, Lockdown Mode)
)

// Snapshot is everything the pages may show. It is never changed after it was published; a new one replaces it.
type Snapshot struct {
	Phase     Phase
	Demo      bool                      // the sample family: marked on every screen, one tap to wipe
	Seq       int                       // grows with every snapshot
	People    []Person                  // everyone, also those put aside or hidden: see Shown
	Hidden    map[record.ProfileID]bool // until the wallet is unlocked again: see Hide
	Current   record.ProfileID          // whose records are shown
	Settings  Settings
	Records   int                            // of the current person
	Shares    []share.Share                  // of all people, newest first
	Work      *Work                          // something longer than a moment is going on
	Coming    []Coming                       // of age: notices that are due
	Handovers map[record.ProfileID]Handover  // to the people themselves, where there is anything to hand over
	Holders   map[record.ProfileID]Holder    // who takes over when owners are gone, of those whom others have too
	Sync      map[record.ProfileID]SyncState // of those whom others have too
	Trouble   DeviceTrouble                  // between the devices of this wallet
	Newcomers []Device                       // of this wallet, about which the person is asked here
	Import    *ImportReport                  // result of the last import, until dismissed
	Health    *Health                        // an Apple Health export: what there is to choose from
	Undo      *Undo                          // what can still be taken back
	Faults    int                            // objects that could not be verified
	Storage   Storage
	Ways      []Way // to unlock on this device, beside the words
	Offline   bool
	LastOut   time.Time // last export of everything; zero: never
	Pairing   *Pairing  // with another device, until it is dropped

	Consents ConsentCounts
	Inbox    *InboxState // what providers sent; nil: the wallet is not open
	Pins     []inbox.Pin // providers whose keys are known, by name

	Folder       FolderState
	Ready        string                              // the link whose code is shown without unlocking on this device; "": none
	Cards        map[record.ProfileID]emergency.Card // for emergencies, of those who have one
	LastVerified time.Time                           // when a backup was last read back whole; zero: never
	Kit          KitState
	Contacts     *ContactsInfo // trusted contacts; nil: none
}

// Settings are the person's choices, kept sealed.
type Settings struct {
	AutoLock time.Duration `json:"autoLock"` // 0: never while shown; default 5 minutes
	Language string        `json:"language"`
	NoVeil   bool          `json:"noVeil,omitempty"` // the screen is not covered in the background

	// Units are those in which charts are told, as UCUM codes, by trend.Key.
	Units map[string]string `json:"units,omitempty"`
}

// Work is a long operation: shown with progress, and a cancel where Cancel is true.
type Work struct {
	Job    Job
	Done   int
	Total  int // 0: unknown
	Name   string
	Cancel bool
}

// Job names what is being done; the UI has a sentence for each.
type Job string

const (
	JobCreate  Job = "create"
	JobUnlock  Job = "unlock"
	JobImport  Job = "import"
	JobHealth  Job = "health" // an Apple Health export is looked through
	JobExport  Job = "export"
	JobRestore Job = "restore"
	JobVerify  Job = "verify"
	JobShare   Job = "share"
	JobReceive Job = "receive"
	JobPrepare Job = "prepare"
)

// ImportReport says what became of each file, by name.
type ImportReport struct {
	Files  []ImportedFile
	Health *HealthReport // set for what was taken out of an Apple Health export: Files are what failed
}

// ImportedFile is one file of an import. Err nil: it is in.
type ImportedFile struct {
	Name string
	ID   record.ID // set also for a duplicate
	Err  error     // record.Err…, or another
	// Subject is set when the document says it is about somebody else than the current person: asked, never silent.
	Subject *fhir.Person
	Waiting bool // for the answer: see Wallet.Settle

	who record.ProfileID // whose it became, or would have
}

// Undo is something that can be taken back for a while: see Wallet.Undo.
type Undo struct {
	What   UndoKind
	ID     record.ID        // of the record
	Title  string           // of the record, or a person's name
	Person record.ProfileID // who was put aside, or from whom the record was moved
	To     string           // name of the person to whom it was moved
	Until  time.Time
}

// UndoKind is what can be taken back.
type UndoKind string

const (
	UndoDelete UndoKind = "" // of a record; it waits until then
	UndoMove   UndoKind = "move"
	UndoAside  UndoKind = "aside"
)

// UndoMoveFor is how long a move, or putting somebody aside, is offered to be
// taken back on the screen. It is done at once, and can be undone on the page of
// the record or of the person too.
const UndoMoveFor = 20 * time.Second

// Storage is what the browser says of its storage.
type Storage struct {
	Persisted bool
	Known     bool
	Used      int64
	Quota     int64
}

// Group is what stands together on the timeline: a document, or a visit with what happened at it.
type Group struct {
	Person record.ProfileID // whose it is
	Record record.ID
	Visit  int    // 1 + entry of the Encounter, 0: the whole document or what belongs to no visit
	Title  string // "" : use Kind's name
	Kind   fhir.Kind
	Date   string // FHIR date; "" unknown
	Format record.Format
	Source record.Source
	Author string
	Lines  []fhir.Line // what matched, in the document's order
	Total  int         // lines before filter
	Words  string      // further text of the document, which a search reads too: parts by line ends
}

// Query filters the timeline. Filters of different kinds are all needed, of one
// list any is enough; the zero Query is everything of the current person.
type Query struct {
	Text     string             // words, all of them needed: see package find
	Near     bool               // also what is found only with a slip of typing forgiven
	Kinds    []fhir.Kind        // of lines
	People   []record.ProfileID // whose; none: the current person's
	Author   string             // one of those who made the document, as in Timeline.Authors
	From, To string             // FHIR dates of any precision, both included; of the line, or else of its group
	Abnormal bool               // results and measurements that are marked, or outside their range
	Self     bool               // written in this wallet
	Soon     bool               // better quickly than whole: see Timeline.Pending
	Offset   int                // of the first group wanted
	Limit    int                // groups; 0: 50
}

// Timeline answers a Query. A count says what would be found with that filter
// instead: all others apply.
type Timeline struct {
	Groups   []Group           // from Offset on, no more than Limit
	Total    int               // groups there are
	More     bool              // there are groups after these
	Kinds    map[fhir.Kind]int // lines of each kind; the others count groups
	People   map[record.ProfileID]int
	Authors  []Count        // the most frequent first
	Years    map[string]int // of lines, or else of the group
	Abnormal int
	Self     int
	// Near is how many groups more Query.Near would find. Slips: nothing is as it
	// was typed, and what is shown is what Near finds.
	Near  int
	Slips bool
	// Pending: not everything has been read yet. There will be a new Snapshot when
	// it has. Until then a search may find too little, and, where the Query says
	// Soon, a filter nothing and all counts but Total are missing.
	Pending bool
}

// Count is how many groups something is said of.
type Count struct {
	Name string
	N    int
}

// Preview is what a clinic would see, before anything leaves.
type Preview struct {
	Person  Person
	Items   []share.Item
	Chosen  []bool // same index as Items
	Options share.Options
	Groups  []string // sensitive groups present among Items

	whole  bool          // the items are records, for giving them on as they arrived
	metas  []record.Meta // of the records the items come from
	bodies [][]byte
}
