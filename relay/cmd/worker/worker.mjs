// The relay on Cloudflare Workers, and on workerd: a front that finds the shard
// of a request, and the Durable Object that is one shard, with one Go program
// over its own SQLite. Everything that is decided is decided in Go
// (relay/cf, relay); here is only what Go cannot do on this platform.
//
// Nothing is written to a log, and no id becomes the name of an object: names
// are seen on the operator's dashboard.

import "./wasm_exec.js";
import { DurableObject } from "cloudflare:workers";
import program from "./app.wasm";
import { statements } from "./sql.mjs";

/** @typedef {{ RELAY: DurableObjectNamespace<Relay>, SHARDS?: string }} Env */

/** Bounds of a shard; a test of this file has smaller ones. */
export const limits = {
	answer: 30_000, // ms until the headers of an answer, and
	slowest: 16, // bytes a ms of the body that comes before (relay/steady.go)
	requests: 20_000, // that one Go program answers
	bytes: 64 << 20, // of its memory, which never shrinks; an isolate has 128 MB
	discard: 64 << 20, // bytes of a body that nobody wants
	discardTime: 10_000, // ms for them
	purge: 60_000, // ms between alarms at the least
};
const MAX_SHARDS = 64;

// Live sockets, as package wire has them.
const LIVE_PROTOCOL = "potli-live.1";
const MAILBOX = /^\/v1\/mailboxes\/[A-Za-z0-9_-]{43}$/;
const LIVE = /^\/v1\/mailboxes\/[A-Za-z0-9_-]{43}\/live$/;
const LISTENERS_EACH = 32; // of one mailbox
const LISTENERS = 4096; // of one shard

// As the Go program says them. A test compares.
const COMMON = {
	"Access-Control-Allow-Origin": "*",
	"Access-Control-Expose-Headers": "Retry-After",
	"Cache-Control": "no-store",
	"Content-Disposition": "attachment",
	"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
	"Content-Type": "application/json",
	"Referrer-Policy": "no-referrer",
	"X-Content-Type-Options": "nosniff",
};

/**
 * An answer that is not from Go.
 * @param {number} status
 * @param {string} message
 */
function plain(status, message) {
	/** @type {Record<string, string>} */
	const headers = { ...COMMON };
	if (status === 503) headers["Retry-After"] = "2";
	return new Response(JSON.stringify({ message }), { status, headers });
}

const busy = () => plain(503, "The relay is starting again, try once more");

/**
 * Whether what was answered may be followed by something to purge. A wrong
 * passcode may have locked a link.
 * @param {number} status
 */
const mayHaveStored = (status) => status < 400 || status === 401 || status >= 500;

// --- the front ---

/**
 * The id in a path, of a link or a mailbox, "" where there is none.
 * @param {string} path
 */
function idOf(path) {
	return /^\/(?:l|m|v1\/[a-z]+)\/([A-Za-z0-9_-]{43})(?:\/|$)/.exec(path)?.[1] ?? "";
}

/**
 * What the tables know an id by.
 * @param {string} id
 */
async function hashOf(id) {
	return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id)));
}

/**
 * The shard of a path: by the first byte of an id's hash, which the ticket of a
 * file holds too, at a fixed place (package keys). What has no id goes to
 * shard 0, to be refused there with the same bytes as everything else.
 * @param {string} path
 * @param {number} shards
 */
async function shardOf(path, shards) {
	const ticket = /^\/f\/([A-Za-z0-9_-]{142})$/.exec(path)?.[1];
	if (ticket) return ticketByte(ticket) % shards;
	const id = idOf(path);
	return id ? (await hashOf(id))[0] % shards : 0;
}

/**
 * Byte 10 of a ticket, the first of its link's hash.
 * @param {string} ticket
 */
function ticketByte(ticket) {
	return atob(ticket.slice(12, 16).replaceAll("-", "+").replaceAll("_", "/")).charCodeAt(1);
}

/**
 * What the sockets of a mailbox are found by: its name in the tables.
 * @param {string} path
 */
async function tagOf(path) {
	return Array.from(await hashOf(idOf(path)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * A request's path as Go reads it: with another spelling of an id one would come
 * to another shard.
 * @param {Request} request
 */
function pathOf(request) {
	try {
		return decodeURIComponent(new URL(request.url).pathname);
	} catch {
		return "";
	}
}

/** @param {Env} env */
function shardsOf(env) {
	const n = Number(env.SHARDS ?? 16);
	if (!Number.isInteger(n) || n < 1 || n > MAX_SHARDS) throw new Error(`SHARDS must be 1 to ${MAX_SHARDS}`);
	return n;
}

export default {
	/**
	 * @param {Request} request
	 * @param {Env} env
	 */
	async fetch(request, env) {
		try {
			const shard = await shardOf(pathOf(request), shardsOf(env));
			return await env.RELAY.get(env.RELAY.idFromName(`s-${shard}`)).fetch(request);
		} catch {
			return busy(); // nothing is sent twice: it may have been done
		}
	},
};

// --- one shard ---

/**
 * What is being read of a body that nobody wants: the answer waits for it, since
 * the runtime hangs up on whoever still sends when it goes.
 * @type {WeakMap<ReadableStream, Promise<void>>}
 */
const unwanted = new WeakMap();

/**
 * Reads a body to its end and forgets it, so that whoever sends too much comes to
 * read the answer; but not for ever.
 * @param {ReadableStream} stream
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 */
function discard(stream, reader) {
	const read = readOn(reader);
	unwanted.set(stream, read.catch(() => {}));
	return read;
}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
async function readOn(reader) {
	const until = Date.now() + limits.discardTime;
	for (let left = limits.discard; left > 0 && Date.now() < until; ) {
		const { done, value } = await reader.read();
		if (done) return;
		left -= value.byteLength;
	}
	await reader.cancel();
}

/**
 * Program is one running Go program.
 * @typedef {object} Binding what the program offers (relay/cf)
 * @property {(request: Request) => Promise<Response>} handleRequest
 * @property {() => Promise<number | null>} alarm does what is due; when to be woken next, in ms
 */
export class Program {
	/** @param {DurableObjectState} ctx @param {Env} env */
	constructor(ctx, env) {
		this.ctx = ctx;
		this.requests = 0;
		this.ended = false;
		/** @type {Set<(e: Error) => void>} what to do when the program ends */
		this.watching = new Set();
		/** @type {Binding} */
		this.binding = /** @type {Binding} */ ({});
		const go = (this.go = new Go());
		// Both ways out: Go has said good-bye, or WebAssembly has stopped it. The
		// promise of run is kept in some cases only.
		go.exit = () => this.end();
		const resume = go._resume.bind(go);
		go._resume = () => {
			try {
				resume();
			} catch (e) {
				this.end();
				throw e;
			}
		};
		/** @type {Promise<void>} */
		this.ready = new Promise((resolve, reject) => {
			this.watching.add(reject);
			this.instance = new WebAssembly.Instance(program, { ...go.importObject, workers: { ready: resolve } });
			const context = { env, ctx, sql: statements(ctx.storage.sql), binding: this.binding, stream: this.stream.bind(this), discard, publish: this.publish.bind(this) };
			go.run(this.instance, context).catch(() => this.end());
		});
		this.ready.then(() => this.watching.clear(), () => {}); // nothing else waits yet
	}

	/** The program has ended, which it never does in health: nobody may wait for it. */
	end() {
		this.ended = true;
		for (const tell of this.watching) tell(new Error("the program has ended"));
		this.watching.clear();
	}

	/** Whether another program should take over. */
	worn() {
		const memory = /** @type {WebAssembly.Memory} */ (this.instance?.exports.mem);
		return this.requests >= limits.requests || memory.buffer.byteLength >= limits.bytes;
	}

	/**
	 * What work comes to, unless the program ends before or it takes too long.
	 * @template T
	 * @param {() => Promise<T>} work
	 * @param {number} within ms
	 * @returns {Promise<T>}
	 */
	guard(work, within) {
		return new Promise((resolve, reject) => {
			const late = setTimeout(() => reject(new Error("too late")), within);
			const done = () => {
				clearTimeout(late);
				this.watching.delete(reject);
			};
			this.watching.add(reject);
			Promise.try(work).then(resolve, reject).then(done);
		});
	}

	/** @param {Request} request */
	async handle(request) {
		this.requests++;
		const brings = Number(request.headers.get("Content-Length")) || 0;
		const response = await this.guard(() => this.binding.handleRequest(request), limits.answer + brings / limits.slowest);
		if (request.body) await unwanted.get(request.body);
		return response;
	}

	/**
	 * The body of an answer that is sent in pieces. It breaks off when the program
	 * ends, so that its reader comes again instead of waiting for ever.
	 * @param {number | null} length
	 */
	stream(length) {
		const { readable, writable } = length === null ? new IdentityTransformStream() : new FixedLengthStream(length);
		const writer = writable.getWriter();
		const breakOff = (/** @type {Error} */ e) => void writer.abort(e).catch(() => {});
		this.watching.add(breakOff);
		const done = () => this.watching.delete(breakOff);
		writer.closed.then(done, done);
		return { readable, writer };
	}

	/**
	 * Sends text to the sockets under tag.
	 * @param {string} tag
	 * @param {string} text
	 */
	publish(tag, text) {
		const sockets = this.ctx.getWebSockets(tag);
		for (const s of sockets) {
			try {
				s.send(text);
			} catch {
				// it is closing: its owner will come again and fetch
			}
		}
		return sockets.length;
	}
}

/** One shard of the relay. */
export class Relay extends DurableObject {
	/** @param {DurableObjectState} ctx @param {Env} env */
	constructor(ctx, env) {
		super(ctx, env);
		this.env = env;
		/** @type {Program | null} the one that answers */
		this.program = null;
		/** @type {Promise<Program> | null} the one that starts */
		this.starting = null;
		this.boots = 0;
		/** @type {number | null} when this object will be woken, as far as is known */
		this.wake = null;
		ctx.blockConcurrencyWhile(async () => {
			this.wake = await ctx.storage.getAlarm();
		});
		ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
	}

	/** @param {Request} request */
	async fetch(request) {
		const pathname = pathOf(request);
		try {
			if (request.headers.get("Upgrade")?.toLowerCase() === "websocket" && LIVE.test(pathname)) return await this.listen(request, pathname);
			const response = await this.ask(request);
			if (request.method === "DELETE" && response.ok) await this.hangUp(pathname);
			if (idOf(pathname) && mayHaveStored(response.status)) await this.wakeWithin(limits.purge);
			return response;
		} catch {
			await this.wakeWithin(limits.purge).catch(() => {}); // it may have stored half of something
			return busy();
		}
	}

	/** @param {Request} request */
	async ask(request) {
		const program = await this.running();
		const response = await program.handle(request);
		if (program === this.program && program.worn()) this.replace();
		return response;
	}

	/**
	 * Opens a socket that hears of arrivals in a mailbox, if Go answers 204 to the
	 * same request as a plain GET. A page cannot send its token in a header, so it
	 * offers two protocols: ours, and the token. The socket outlives the program: an
	 * object with nothing but open sockets may be put out of memory.
	 * @param {Request} request
	 * @param {string} pathname
	 */
	async listen(request, pathname) {
		const [protocol, token] = (request.headers.get("Sec-WebSocket-Protocol") ?? "").split(",").map((p) => p.trim());
		const headers = new Headers(request.headers);
		for (const name of ["Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"]) headers.delete(name);
		if (protocol === LIVE_PROTOCOL && token) headers.set("Authorization", `Bearer ${token}`);
		const answer = await this.ask(new Request(request.url, { headers }));
		if (answer.status !== 204) return answer;
		const tag = await tagOf(pathname);
		if (this.ctx.getWebSockets(tag).length >= LISTENERS_EACH || this.ctx.getWebSockets().length >= LISTENERS) return plain(429, "Too many are listening");
		const { 0: client, 1: server } = new WebSocketPair();
		this.ctx.acceptWebSocket(server, [tag]);
		return new Response(null, { status: 101, webSocket: client, headers: { "Sec-WebSocket-Protocol": LIVE_PROTOCOL } });
	}

	/**
	 * Closes the sockets of a mailbox that has been closed.
	 * @param {string} pathname
	 */
	async hangUp(pathname) {
		if (!MAILBOX.test(pathname)) return;
		for (const s of this.ctx.getWebSockets(await tagOf(pathname))) s.close(1000);
	}

	/**
	 * Listeners listen. What they would say goes by requests.
	 * @param {WebSocket} socket
	 */
	webSocketMessage(socket) {
		socket.close(1008);
	}

	/** @returns {Promise<Program>} */
	async running() {
		if (this.program && !this.program.ended) return this.program;
		return this.start();
	}

	/** Starts a program, once for all who wait for it. */
	start() {
		this.starting ??= this.boot().finally(() => {
			this.starting = null;
		});
		return this.starting;
	}

	async boot() {
		this.boots++;
		const program = new Program(this.ctx, this.env);
		await program.ready;
		this.program = program;
		return program;
	}

	/**
	 * Another program takes over, while the one before finishes what it has begun.
	 * Two over one storage are as safe as two requests: each statement is whole.
	 */
	replace() {
		this.start().catch(() => {}); // the old one goes on
	}

	/**
	 * Makes sure of an alarm within so many ms, after what may have stored something.
	 * @param {number} ms
	 */
	async wakeWithin(ms) {
		const at = Date.now() + ms;
		if (this.wake !== null && this.wake <= at) return;
		this.wake = at;
		try {
			await this.ctx.storage.setAlarm(at);
		} catch (e) {
			this.wake = null;
			throw e;
		}
	}

	/** Purges, tells devices, and sleeps until there is more to do: for ever, where there is nothing. */
	async alarm() {
		this.wake = null;
		const program = await this.running();
		const next = await program.guard(() => program.binding.alarm(), limits.answer);
		if (next !== null) await this.wakeWithin(Math.max(next - Date.now(), limits.purge));
	}
}
