package wallet

import (
	"context"

	"potli/app/inbox"
)

// Drops is the relay as the owner of codes sees it.
type Drops interface {
	inbox.Mail
	// PushKey is what the relay signs notices with (VAPID, base64url), "" where it
	// sends none.
	PushKey(ctx context.Context) (string, error)
	// SetPush has a browser told, by an empty notice, of what arrives in a mailbox;
	// ClearPush no longer. Both may be repeated. Errors: those of inbox.Mail.
	SetPush(ctx context.Context, b inbox.Box, endpoint, p256dh, auth string) error
	ClearPush(ctx context.Context, b inbox.Box, endpoint, p256dh, auth string) error
}

// Letters is the relay as those see it who put something into others' mailboxes.
type Letters interface {
	// Note is what the relay at an origin tells senders of a mailbox: a one-time
	// recipient, or "".
	Note(ctx context.Context, relay, id string) (string, error)
	// Deposit puts sealed text there under an id of its own (16 random bytes, base64url).
	// nil: it is durable. Repeating it with the same id stores it once. Errors:
	// share.ErrOffline, share.ErrGone, share.ErrBusy, share.ErrRefused.
	Deposit(ctx context.Context, relay, id, entry, sealed string) error
}

// Push is how the browser is told something while the page is closed.
type Push interface {
	// State is NotifyNone, NotifyDenied, NotifyOn when there is a subscription, else
	// NotifyOff.
	State(ctx context.Context) Notify
	// Ask has the browser ask the person, unless they have answered. It belongs first
	// in what their tap does: browsers forget a tap that the network was waited for.
	// Errors: ErrPushDenied, ErrNoPush.
	Ask(ctx context.Context) error
	// Subscribe returns what senders need (RFC 8291) who sign with this key. Repeating
	// it returns the same. Errors: ErrPushDenied, ErrNoPush.
	Subscribe(ctx context.Context, key string) (endpoint, p256dh, auth string, err error)
	// Unsubscribe ends it in this browser, for all senders.
	Unsubscribe(ctx context.Context) error
}

// Directory is where providers publish their keys.
type Directory interface {
	// Keys returns the JWK Set at a provider's origin.
	Keys(ctx context.Context, origin string) ([]byte, error)
}
