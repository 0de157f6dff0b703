package sync

// Item is one thing in a frame.
type Item = item

// What is inside of a letter, and of a report.
var (
	Seal       = seal
	OpenLetter = open
	ParseFrame = parseFrame
	ReadReport = readReport
	SignedBy   = signedBy
	Short      = Box.short
)

// Report is what devices tell each other.
type Report = report

// Sign signs a report.
var Sign = (*report).sign

// Limits of a test's interest.
const (
	MaxFull   = full
	MaxLetter = maxLetter
)
