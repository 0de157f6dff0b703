package relay

import (
	"context"
	"time"
)

const (
	// PushQuiet is the least time between two messages to a device about one
	// mailbox, so that a flood of deposits is one notification.
	PushQuiet = 5 * time.Minute
	// PushLife is for how long a message that no push service takes is tried.
	PushLife = 24 * time.Hour
	// PushRetry is the time to the second attempt; to the n-th it is n-1 squared
	// times as long. It is longer than any attempt takes.
	PushRetry = time.Minute
)

// Pushes are the devices to tell when something arrives in a mailbox, and what
// of that is yet to be done: a row says it, so that it survives a crash.
type Pushes interface {
	// PutPush keeps p for a mailbox that takes entries, in the place of what it had
	// for this device. It returns false when the mailbox has wire.MaxPushes others,
	// or is gone.
	PutPush(ctx context.Context, p Push, now int64) (bool, error)
	// DeletePush forgets a device. Repeating it is harmless.
	DeletePush(ctx context.Context, mailbox, device string) error
	// Arrived notes that the devices of a mailbox are to be told. When it returns
	// nil they will be, once more at the least after this moment.
	Arrived(ctx context.Context, mailbox string, now int64) error
	// TakePushes returns some of those that are due, each to one caller only, who
	// has PushRetry for it; after that it is due again. With none it returns when
	// the next will be due, 0 for never.
	TakePushes(ctx context.Context, now int64) (list []Push, next int64, err error)
	// Pushed notes that a push service took p.
	Pushed(ctx context.Context, p Push, now int64) error
}

// Push is one device of a mailbox.
type Push struct {
	Mailbox string // as Mailbox.ID
	Device  string // MAC of its endpoint
	Sealed  []byte // the endpoint
	// Arrived counts what Arrived has noted, when p was taken.
	Arrived int64
}
