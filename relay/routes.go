package relay

import (
	"net/http"

	"potli/relay/wire"
)

type methods = map[string]func(h *Handler, w http.ResponseWriter, r *http.Request, arg string)

// routes is every path and method; openapi.json says the same, and a test
// compares the two. OPTIONS, and HEAD where there is GET, come besides.
var routes = []route{
	{wire.LinkPath + "{id}", planeData, methods{"GET": (*Handler).getLink, "POST": (*Handler).postManifest}},
	{wire.FilePath + "{ticket}", planeData, methods{"GET": (*Handler).getFile}},
	{wire.ControlPath + "{id}", planeControl, methods{
		"GET": (*Handler).getStatus, "PUT": (*Handler).putLink, "PATCH": (*Handler).patchLink, "DELETE": (*Handler).deleteLink,
	}},
	{wire.ControlPath + "{id}/file", planeControl, methods{"PUT": (*Handler).putFile}},
	{wire.ControlPath + "{id}/receipts", planeControl, methods{"GET": (*Handler).getReceipts}},
	{wire.MailboxPath + "{id}", planeData, methods{"GET": (*Handler).getNote, "POST": (*Handler).postDeposit}},
	{wire.MailboxesPath + "{id}", planeControl, methods{
		"GET": (*Handler).getMailbox, "PUT": (*Handler).putMailbox, "DELETE": (*Handler).deleteMailbox,
	}},
	{wire.MailboxesPath + "{id}/entries", planeControl, methods{"GET": (*Handler).getEntries}},
	{wire.MailboxesPath + "{id}/entry", planeControl, methods{"GET": (*Handler).getEntry}},
	{wire.MailboxesPath + "{id}/ack", planeControl, methods{"POST": (*Handler).postAck}},
	{wire.MailboxesPath + "{id}/live", planeControl, methods{"GET": (*Handler).getLive}},
	{wire.MailboxesPath + "{id}/push", planeControl, methods{"PUT": (*Handler).putPush, "DELETE": (*Handler).deletePush}},
	{wire.AboutPath, planeControl, methods{"GET": (*Handler).getAbout}},
	{wire.HealthPath, planeCounts, methods{"GET": (*Handler).getHealth}},
	{wire.ReadyPath, planeCounts, methods{"GET": (*Handler).getReady}},
}
