// A mailbox of the relay that this page owns: opened for one request, read while the page is open, closed with it. Its
// token and its key are in this page's memory alone. What passes is in relay/wire/mailbox.go.
import { Fault, asFault } from './bytes.js';
import { work } from './mailbox-work.js';
import { maxPlain, toBase64url } from './seal.js';
import { hash } from './verify.js';

const [least, longest] = [60, 90 * 24 * 3600]; // seconds that a relay keeps one
const entries = 200;
const bytes = 100 << 20;
const pollWait = 25; // seconds that the relay holds a list that waits
const rest = 15_000; // ms between two looks into a mailbox that nobody is watching
const tries = [1000, 2000, 5000, 15_000, 30_000]; // ms after so many failures
const maxList = 4 << 20; // characters of a list: the relay sends about a quarter
const maxSealed = (maxPlain / 3) * 4 + (64 << 10);

/**
 * @typedef {{seq: number, id: string, size: number, time: number, sealed?: string}} Entry
 * @typedef {{fetch: typeof fetch, sleep: (ms: number) => Promise<unknown>}} World
 * @typedef {'live' | 'offline' | 'gone'} Line  whether what arrives is heard of
 */

const random = () => toBase64url(crypto.getRandomValues(new Uint8Array(32)));

export class Mailbox {
  id = random();
  key = crypto.getRandomValues(new Uint8Array(32));
  seen = 0;
  #token = random();
  #relay;
  #io;
  #stop = new AbortController(); // the listening
  #pause = new AbortController(); // one wait of it
  #stream = true; // whether the relay offers one

  /** @param {string} relay  its origin @param {Partial<World>} [world]  what tests replace */
  constructor(relay, world = {}) {
    this.#relay = relay;
    this.#io = { fetch: globalThis.fetch.bind(globalThis), sleep: (/** @type {number} */ ms) => new Promise((ok) => setTimeout(ok, ms)), ...world };
  }

  /** The key as a request names it. */
  get keyText() {
    return toBase64url(this.key);
  }

  /** Opens it for so many seconds, and does the work that may be asked for. Throws Fault: offline, busy, refused. @param {number} seconds @param {AbortSignal} [signal] */
  async open(seconds, signal) {
    const terms = JSON.stringify({ token: await hash(this.#token), life: Math.min(Math.max(seconds, least), longest), entries, bytes });
    /** @type {Record<string, string>} */
    const headers = { 'content-type': 'application/json', 'if-none-match': '*' };
    for (let again = 2; ; again--) {
      const r = await this.#ask('', { method: 'PUT', headers, body: terms, signal });
      if (r.status !== 428 || !again) return void (await this.#good(r));
      headers['potli-work'] = await work((await r.json().catch(() => ({}))).work ?? {}, this.id, signal);
    }
  }

  /** Ends it at the relay, which then takes nothing more in, also while the page is going away. */
  close() {
    this.#stop.abort();
    this.#pause.abort();
    return this.#ask('', { method: 'DELETE', keepalive: true }).then(() => {}, () => {});
  }

  /** Looks at once, or from now on in another way. */
  wake() {
    this.#pause.abort();
  }

  /**
   * Hands on what arrives, in order, until it is closed or has ended. each may be called again with the same entry when it
   * failed; what it took is erased at the relay.
   * @param {(sealed: string, entry: Entry) => Promise<void>} each
   * @param {() => boolean} watched  whether somebody waits for it now: then over a stream
   * @param {(line: Line) => void} on
   */
  async listen(each, watched, on) {
    for (let failed = 0; !this.#stop.signal.aborted; ) {
      this.#pause = new AbortController();
      try {
        await this.#drain(each);
        on('live');
        failed = 0;
        if (!watched()) await this.#wait(rest);
        else if (!this.#stream || !(await this.#events(each))) await this.#drain(each, pollWait);
      } catch (err) {
        if (this.#stop.signal.aborted) return;
        if (this.#pause.signal.aborted) continue;
        if (asFault(err, '').code === 'gone') return on('gone');
        on('offline');
        await this.#wait(tries[Math.min(failed++, tries.length - 1)]);
      }
    }
  }

  /** @param {number} ms */
  #wait(ms) {
    const { signal } = this.#pause;
    return Promise.race([this.#io.sleep(ms), new Promise((ok) => signal.addEventListener('abort', ok))]);
  }

  /** Reads all that is there; with wait, what comes within so many seconds. @param {Parameters<Mailbox['listen']>[0]} each @param {number} [wait] */
  async #drain(each, wait = 0) {
    for (let more = true; more && !this.#stop.signal.aborted; ) {
      const r = await this.#own(`/entries?after=${this.seen}${wait ? `&wait=${wait}` : ''}`);
      const list = JSON.parse(await text(r, maxList));
      if (!Array.isArray(list?.entries)) throw new Fault('refused');
      for (const e of /** @type {Entry[]} */ (list.entries)) await this.#take(e, each);
      more = !!list.more;
    }
  }

  /** @param {Entry} e @param {Parameters<Mailbox['listen']>[0]} each */
  async #take(e, each) {
    if (!Number.isSafeInteger(e.seq) || e.seq <= this.seen) throw new Fault('refused');
    const sealed = typeof e.sealed === 'string' ? e.sealed : await text(await this.#own(`/entry?seq=${e.seq}`), maxSealed);
    await each(sealed, e);
    this.seen = e.seq;
    await this.#own('/ack', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ seqs: [e.seq] }) });
  }

  /** Reads the stream until it ends. False where there is none. @param {Parameters<Mailbox['listen']>[0]} each */
  async #events(each) {
    const r = await this.#own('/live');
    const from = r.headers.get('content-type')?.startsWith('text/event-stream') ? r.body?.getReader() : undefined;
    this.#stream = !!from;
    if (!from) return false;
    try {
      const decoder = new TextDecoder();
      for (let rest = ''; ; ) {
        const { done, value } = await from.read();
        if (done) return true;
        const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
        rest = (lines.pop() ?? '').slice(-200);
        const highest = Math.max(0, ...lines.filter((l) => l.startsWith('data:')).map((l) => Number(l.slice(5)) || 0));
        if (highest > this.seen) await this.#drain(each);
      }
    } finally {
      from.cancel().catch(() => {});
    }
  }

  /** @param {string} path @param {RequestInit} [init] */
  async #own(path, init = {}) {
    return this.#good(await this.#ask(path, { ...init, signal: this.#pause.signal }));
  }

  /** @param {string} path @param {RequestInit} init @returns {Promise<Response>} */
  #ask(path, init) {
    return this.#io.fetch(`${this.#relay}/v1/mailboxes/${this.id}${path}`, {
      ...init, headers: { ...init.headers, authorization: `Bearer ${this.#token}` },
      mode: 'cors', credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer',
    }).catch(() => {
      throw new Fault('offline');
    });
  }

  /** @param {Response} r */
  async #good(r) {
    if (r.ok) return r;
    if (r.status === 404) throw new Fault('gone');
    if (r.status === 429 || r.status === 503) throw new Fault('busy', { retryAfter: Number(r.headers.get('retry-after')) || 5 });
    throw new Fault('refused', { status: r.status });
  }
}

/**
 * Puts something sealed into somebody else's mailbox, trying again for about a minute; under the same id it is stored once.
 * Throws Fault: gone, offline, busy, refused.
 * @param {{relay: string, id: string}} to @param {string} id  of the entry @param {string} sealed @param {Partial<World>} [world]
 */
export async function deposit(to, id, sealed, world = {}) {
  const io = { fetch: globalThis.fetch.bind(globalThis), sleep: (/** @type {number} */ ms) => new Promise((ok) => setTimeout(ok, ms)), ...world };
  const init = /** @type {RequestInit} */ ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id, sealed }), mode: 'cors', credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
  for (const ms of [...tries, 0]) {
    const status = await io.fetch(`${to.relay}/m/${to.id}`, init).then((r) => r.status, () => 0);
    if (status === 201) return;
    if (status === 404) throw new Fault('gone');
    const busy = status === 429 || status >= 500;
    if ((status && !busy) || !ms) throw new Fault(!status ? 'offline' : busy ? 'busy' : 'refused', { status });
    await io.sleep(ms);
  }
}

/** @param {Response} r @param {number} most */
async function text(r, most) {
  const s = await r.text();
  if (s.length > most) throw new Fault('too-big');
  return s;
}
