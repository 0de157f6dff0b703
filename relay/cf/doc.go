//go:build js && wasm

// Package cf is all that the relay needs to live in a Durable Object of
// Cloudflare Workers, or of workerd on a machine of one's own: a database/sql
// driver over the object's own SQLite, a way to answer requests, a way to send
// them, and the wake-up calls. It is the only importer of
// github.com/syumai/workers, of which one exact version is known to it.
//
//	request ─▶ worker.mjs: front ─▶ class Relay ─▶ Serve ─▶ relay.Handler
//	                                  │   ▲                      │
//	                            alarm │   │ streams, sockets     │ statements
//	                                  ▼   │                      ▼
//	                                hooks, this package ──▶ ctx.storage.sql
//
// One Go program lives as long as its object does and answers every request of
// its shard. The library is made for one program a request; where that shows,
// the reason stands beside the cure. The JavaScript side is
// relay/cmd/worker/worker.mjs; what the two call of each other is in link.go.
package cf
