package sqlstore

// mailboxSchema are the tables of mailboxes; version 2 of the tables includes
// them. mailboxStatements are prepared at start beside those of links.
var (
	mailboxSchema     []string
	mailboxStatements []string
)
