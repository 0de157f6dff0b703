// Asks the host of a SMART Health Link for its files: hl7.fhir.uv.smart-health-cards-and-links 1.0.0, "Manifest
// Request" and "Direct File Request". Decrypts nothing. Used by the clinic's page and by the frame.
import { Fault, asFault } from './bytes.js';
import { address } from './link.js';

/** Limits against a host that sends without end, or nothing at all. */
const maxFile = 25 << 20;
const maxManifest = 40 << 20;
const maxFiles = 50;
const maxTotal = 100 << 20;
const idle = 30_000; // milliseconds without a byte
const embed = 4 << 20; // a file up to this length may come inside the manifest
const locationLife = 3_600_000; // SHL: a location is used within one hour of its manifest

/** Content types of the specification; a file of any other is skipped. */
const types = ['', 'application/fhir+json', 'application/json', 'application/smart-health-card', 'application/smart-api-access'];

/**
 * @typedef {{url: string, flag: string, recipient: string, passcode?: string}} Request
 * @typedef {{contentType: string, jwe: string, fault?: Fault}} File
 * @typedef {{files: File[], status: string, retryAfter: number}} Received
 * @typedef {{fetch: typeof fetch, now: () => number, signal?: AbortSignal}} World
 */

/**
 * Throws a Fault: passcode, gone, busy, refused, offline, too-big, cancelled. A file that fails carries its fault,
 * the good ones are kept; when none is good, the first fault is thrown.
 * @param {Request} q
 * @param {Partial<World>} [world]  what tests replace
 * @returns {Promise<Received>}
 */
export async function receive(q, world = {}) {
  const io = { fetch: globalThis.fetch.bind(globalThis), now: Date.now, ...world };
  const url = address(q.url).href;
  const got = q.flag.includes('U') ? await direct(url, q, io) : await all(url, q, io);
  const first = got.files[0]?.fault;
  if (first && got.files.every((f) => f.fault)) throw first;
  return got;
}

/**
 * @param {string} url
 * @param {Request} q
 * @param {World} io
 * @returns {Promise<Received>}
 */
async function direct(url, q, io) {
  const to = `${url}${url.includes('?') ? '&' : '?'}recipient=${encodeURIComponent(q.recipient)}`;
  const a = await ask(io, to, {}, maxFile);
  return { files: [{ contentType: '', jwe: a.text }], status: '', retryAfter: a.retryAfter };
}

/**
 * @param {string} url
 * @param {Request} q
 * @param {World} io
 */
async function all(url, q, io) {
  let m = await manifest(url, q, io);
  let fresh = 1; // times a new manifest may be asked for because a location had died
  /** @type {File[]} */
  const files = [];
  let total = 0;
  for (let i = 0; i < m.files.length; i++) {
    const renew = async () => {
      const next = await manifest(url, q, io);
      if (next.files.length !== m.files.length) throw new Fault('refused');
      m = next;
    };
    const file = await one(m, i, url, io).catch(async (err) => {
      const dead = err.code === 'gone' || err.code === 'refused';
      if (err.code !== 'stale' && !(dead && m.files[i]?.location && fresh-- > 0)) throw err;
      await renew();
      return one(m, i, url, io);
    }).catch((err) => ({ contentType: typeOf(m.files[i]), jwe: '', fault: asFault(err, 'refused') }));
    if (file.fault?.code === 'cancelled') throw file.fault;
    total += file.jwe.length;
    files.push(total > maxTotal ? { ...file, jwe: '', fault: new Fault('too-big') } : file);
  }
  return { files, status: m.status, retryAfter: m.retryAfter };
}

/** @param {any} f */
const typeOf = (f) => (typeof f?.contentType === 'string' ? f.contentType.split(';')[0].trim().toLowerCase() : '');

/**
 * @param {{files: any[], at: number}} m
 * @param {number} i
 * @param {string} base
 * @param {World} io
 * @returns {Promise<File>}
 */
async function one(m, i, base, io) {
  const f = m.files[i];
  const contentType = typeOf(f);
  if (!types.includes(contentType)) throw new Fault('unknown-type');
  if (typeof f?.embedded === 'string' && f.embedded) return { contentType, jwe: f.embedded };
  if (typeof f?.location !== 'string') throw new Fault('bad-file');
  if (io.now() - m.at >= locationLife) throw new Fault('stale');
  const a = await ask(io, address(f.location, base).href, {}, maxFile);
  return { contentType, jwe: a.text };
}

/**
 * @param {string} url
 * @param {Request} q
 * @param {World} io
 */
async function manifest(url, q, io) {
  const body = JSON.stringify({
    recipient: q.recipient,
    ...(q.passcode ? { passcode: q.passcode } : {}),
    embeddedLengthMax: embed,
  });
  const a = await ask(io, url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }, maxManifest);
  let m;
  try {
    m = JSON.parse(a.text);
  } catch {
    throw new Fault('refused');
  }
  if (!Array.isArray(m?.files)) throw new Fault('refused');
  if (m.files.length > maxFiles) throw new Fault('too-big');
  const status = typeof m.status === 'string' ? m.status : '';
  return { files: /** @type {any[]} */ (m.files), at: io.now(), status, retryAfter: a.retryAfter };
}

/**
 * One request of at most max characters in answer. Redirects are left to the browser, which counts them and holds each to
 * connect-src, unless init says otherwise.
 * @param {World} io
 * @param {string} url
 * @param {RequestInit} init
 * @param {number} max
 */
export async function ask(io, url, init, max) {
  const stop = new AbortController();
  const cancel = () => stop.abort();
  io.signal?.addEventListener('abort', cancel);
  let timer = setTimeout(cancel, idle);
  const moved = () => {
    clearTimeout(timer);
    timer = setTimeout(cancel, idle);
  };
  try {
    if (io.signal?.aborted) throw new Fault('cancelled');
    const r = await io.fetch(url, {
      ...init,
      mode: 'cors',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: stop.signal,
    });
    moved();
    const retryAfter = wait(r.headers.get('retry-after'), io.now());
    const text = await read(r, r.ok ? max : 1 << 16, moved);
    if (r.ok) return { text, retryAfter };
    throw refusal(r.status, text, retryAfter);
  } catch (err) {
    if (io.signal?.aborted) throw new Fault('cancelled');
    throw asFault(err, 'offline');
  } finally {
    clearTimeout(timer);
    io.signal?.removeEventListener('abort', cancel);
  }
}

/**
 * @param {Response} r
 * @param {number} max
 * @param {() => void} moved
 */
async function read(r, max, moved) {
  if (!r.body) return '';
  const from = r.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await from.read();
    if (done) return text + decoder.decode();
    moved();
    size += value.length;
    if (size > max) {
      from.cancel().catch(() => {});
      if (r.ok) throw new Fault('too-big');
      return text; // enough of an error's body
    }
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * @param {number} status
 * @param {string} text
 * @param {number} retryAfter
 */
function refusal(status, text, retryAfter) {
  if (status === 401) {
    let remaining = -1; // the host did not say
    try {
      const n = JSON.parse(text).remainingAttempts;
      if (Number.isInteger(n) && n >= 0) remaining = n;
    } catch {
      // some hosts answer in prose
    }
    return new Fault('passcode', { remaining });
  }
  if (status === 404 || status === 410) return new Fault('gone');
  if (status === 429 || status === 503) return new Fault('busy', { retryAfter: retryAfter || 5 });
  if (status === 413) return new Fault('too-big');
  return new Fault('refused', { status });
}

/**
 * Retry-After in seconds, also from its date form (RFC 9110 §10.2.3); at most a day.
 * @param {string | null} header
 * @param {number} now
 */
function wait(header, now) {
  if (!header) return 0;
  const s = /^\s*\d+\s*$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return s > 0 ? Math.min(s, 86400) : 0;
}
