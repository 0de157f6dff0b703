// Puts sealed messages into a person's mailbox, each once, however often the line breaks: what was sealed and the id that
// it has at the relay stay the same for every try, and the relay stores one entry of an id.
//
//	documents, note ─▶ parts ─▶ for each: pack, seal ─▶ POST /m/{id} ─▶ 201: durable
//	                                                      └ no answer: wait, again
import { Fault, asFault } from './bytes.js';
import { create, freshID, maxDocuments, maxBytes, pack } from './message.js';
import { seal, utf8 } from './seal.js';

/**
 * @typedef {{name: string, type: string, body: Uint8Array<ArrayBuffer>, size: number, at?: number}} Paper  at: when it arrived, milliseconds
 * @typedef {object} Part  what goes as one message
 * @property {Paper[]} papers
 * @property {string} text
 * @property {number} weight  bytes of both
 * @property {string} entry  its id at the relay
 * @property {string} body  what is posted, "" until it was sealed
 * @property {number} [at]  when it arrived
 * @typedef {import('./message.js').Sender} Sender
 * @typedef {{from: Sender, by: import('./sign.js').Signer | null}} Writer
 * @typedef {{progress: (sent: number) => void, signal: AbortSignal}} Watch  sent: of the body, from 0 to 1
 * @typedef {(url: string, body: string, watch: Watch) => Promise<{status: number, retryAfter: number}>} Post
 * @typedef {object} World  what tests replace
 * @property {Post} post  throws Fault: offline, cancelled
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} pause  ends early when the network is back
 * @property {() => number} now  milliseconds
 */

const idle = 45_000; // milliseconds in which nothing moved
const pauses = [2, 4, 8, 15, 30, 30, 30, 30]; // seconds between tries: somebody stands at the counter

/**
 * Divides papers among messages. A message is sent whole or again from its beginning, so a large pile goes in several.
 * @param {Paper[]} papers @param {string} text
 * @returns {Part[]}
 */
export function divide(papers, text) {
  const total = papers.reduce((n, p) => n + p.size, 0);
  const soft = Math.min(maxBytes, Math.max(2 << 20, total / 8)); // few messages, as a person has to decide about each
  /** @type {Part[]} */
  const parts = [];
  for (const p of papers) {
    const last = parts.at(-1);
    if (!last || last.papers.length === maxDocuments || last.weight + p.size > soft) parts.push({ papers: [p], text: '', weight: p.size, entry: freshID(), body: '' });
    else {
      last.papers.push(p);
      last.weight += p.size;
    }
  }
  if (!parts.length) parts.push({ papers: [], text: '', weight: 0, entry: freshID(), body: '' });
  parts[0].text = text;
  parts[0].weight += utf8(text).length;
  return parts;
}

/**
 * Sends the parts that have not arrived yet. Throws Fault: drop-gone, drop-full, drop-big, drop-refused, offline, busy, cancelled;
 * what arrived until then has its time, and the same call goes on behind it.
 * @param {import('./drop-code.js').Code} code @param {Part[]} parts @param {Writer} writer
 * @param {{signal: AbortSignal, moved: (bytes: number) => void, waits: (why: '' | 'offline' | 'busy') => void}} watch
 * @param {World} world
 */
export async function send(code, parts, { from, by }, watch, world) {
  let before = 0;
  for (const part of parts) {
    if (!part.at) {
      if (!part.body) {
        const m = await create('documents', code.id, from, Math.floor(world.now() / 1000));
        const packed = await pack({ ...m, documents: part.papers, text: part.text }, by);
        part.body = JSON.stringify({ id: part.entry, sealed: await seal(packed, /** @type {Uint8Array<ArrayBuffer>} */ (code.key)) });
      }
      const from_ = before;
      await deliver(`${code.relay}/m/${code.id}`, part.body, { signal: watch.signal, progress: (x) => watch.moved(from_ + Math.floor(x * part.weight)) }, watch.waits, world);
      part.at = world.now();
      part.body = '';
      for (const p of part.papers) p.at = part.at;
    }
    watch.moved((before += part.weight));
  }
}

/** @param {string} url @param {string} body @param {Watch} watch @param {(why: '' | 'offline' | 'busy') => void} waits @param {World} world */
async function deliver(url, body, watch, waits, world) {
  for (let n = 0; ; n++) {
    /** @type {Fault} */
    let fault;
    let wait = pauses[n];
    try {
      const { status, retryAfter } = await world.post(url, body, watch);
      if (status === 201) return waits('');
      fault = refusal(status);
      if (retryAfter) wait = retryAfter;
    } catch (err) {
      fault = asFault(err, 'offline');
    }
    if ((fault.code !== 'offline' && fault.code !== 'busy') || n === pauses.length || wait > 60) throw fault;
    waits(fault.code);
    await world.pause(1000 * wait, watch.signal);
    if (watch.signal.aborted) throw new Fault('cancelled');
  }
}

/** @param {number} status */
function refusal(status) {
  if (status === 404) return new Fault('drop-gone');
  if (status === 507) return new Fault('drop-full');
  if (status === 413) return new Fault('drop-big');
  if (status === 429 || status >= 500) return new Fault('busy');
  return new Fault('drop-refused', { status });
}

/** What the relay says of a mailbox. Throws Fault: drop-gone, drop-full. Other troubles show when something is sent. @param {import('./drop-code.js').Code} code */
export async function look(code) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 5000);
  try {
    const r = await fetch(`${code.relay}/m/${code.id}`, { mode: 'cors', credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer', signal: stop.signal });
    if (r.status === 404) throw new Fault('drop-gone');
    if (r.ok && (await r.json()).room === 'none') throw new Fault('drop-full');
  } catch (err) {
    if (err instanceof Fault) throw err;
  } finally {
    clearTimeout(timer);
  }
}

/** How many milliseconds this computer's clock is behind the server of this page: clocks at counters are often wrong. */
export async function behind() {
  try {
    const r = await fetch('/config.json', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(5000) });
    const there = Date.parse(r.headers.get('date') ?? '');
    return Math.abs(there - Date.now()) > 60_000 ? there - Date.now() : 0;
  } catch {
    return 0;
  }
}

/** One request that tells how far it is, which fetch does not. @type {Post} */
const post = (url, body, { progress, signal }) => new Promise((done, failed) => {
  if (signal.aborted) return failed(new Fault('cancelled'));
  const x = new XMLHttpRequest();
  let timer = 0;
  const moved = () => {
    clearTimeout(timer);
    timer = setTimeout(() => x.abort(), idle);
  };
  const cancel = () => x.abort();
  signal.addEventListener('abort', cancel);
  x.upload.addEventListener('progress', (e) => {
    moved();
    progress(e.total ? e.loaded / e.total : 0);
  });
  x.addEventListener('loadend', () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    if (signal.aborted) failed(new Fault('cancelled'));
    else if (!x.status) failed(new Fault('offline'));
    else done({ status: x.status, retryAfter: Math.max(0, Number(x.getResponseHeader('retry-after')) || 0) });
  });
  x.open('POST', url);
  x.setRequestHeader('content-type', 'application/json');
  moved();
  x.send(body);
});

/** @type {World} */
export const browser = {
  post,
  now: Date.now,
  pause: (ms, signal) => new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    signal.addEventListener('abort', end);
  }),
};
