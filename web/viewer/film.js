// Puts together what a phone shows as a sequence of codes, where there is no network. What a frame is stands in the
// comment of the wallet's package app/fountain, and a test holds the two against each other, both ways.
import { Fault } from './bytes.js';

export const framePrefix = 'POTLI-FILM-1:';
const most = 256 * 1024; // bytes of a payload
const mostBlocks = 2048;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

// The field of 256 elements with x⁸+x⁴+x³+x²+1.
const powers = new Uint8Array(510);
const logs = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  powers[i] = powers[i + 255] = x;
  logs[x] = i;
  x <<= 1;
  if (x > 255) x ^= 0x11d;
}

/** Adds c times b to sum, which also takes it away. @param {Uint8Array} sum @param {Uint8Array} b @param {number} c */
function add(sum, b, c) {
  if (!c) return;
  const log = logs[c];
  for (let i = 0; i < b.length; i++) if (b[i]) sum[i] ^= powers[logs[b[i]] + log];
}

/** @param {Uint8Array} b @param {number} c */
function divide(b, c) {
  const log = 255 - logs[c];
  for (let i = 0; i < b.length; i++) if (b[i]) b[i] = powers[logs[b[i]] + log];
}

/** The coefficients of frame n. @param {number} session @param {number} n @param {number} count */
export function mixture(session, n, count) {
  let x = (session ^ Math.imul(n, 0x9e3779b1)) >>> 0 || 1;
  const next = () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return Math.imul(x, 0x2c9277b5) >>> 24;
  };
  for (let i = 0; i < 4; i++) next();
  return Uint8Array.from({ length: count }, next);
}

/**
 * Decodes base45 (RFC 9285).
 * @param {string} s
 */
export function fromBase45(s) {
  if (s.length % 3 === 1) throw new Fault('bad-frame');
  const out = new Uint8Array(Math.floor((s.length * 2) / 3));
  for (let i = 0, at = 0; i < s.length; i += 3) {
    const digits = [...s.slice(i, i + 3)].map((c) => alphabet.indexOf(c));
    const n = digits[0] + 45 * digits[1] + 2025 * (digits[2] ?? 0);
    if (digits.includes(-1) || n >= (digits.length === 3 ? 0x10000 : 0x100)) throw new Fault('bad-frame');
    if (digits.length === 3) out[at++] = n >> 8;
    out[at++] = n & 0xff;
  }
  return out;
}

/** CRC-32 as in IEEE 802.3. @param {Uint8Array} b */
export function crc32(b) {
  let crc = ~0;
  for (const v of b) {
    crc ^= v;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/**
 * Reads one frame, and holds it to every limit: a code is drawn by a stranger.
 * @param {string} text
 */
function parse(text) {
  if (!text.startsWith(framePrefix) || text.length > 620) throw new Fault('bad-frame');
  const b = fromBase45(text.slice(framePrefix.length));
  if (b.length <= 16) throw new Fault('bad-frame');
  const at = new DataView(b.buffer, b.byteOffset, b.length);
  if (crc32(b.subarray(0, -4)) !== at.getUint32(b.length - 4)) throw new Fault('bad-frame');
  const length = at.getUint32(4) >>> 8;
  const data = b.slice(12, -4);
  const count = Math.ceil(length / data.length);
  if (at.getUint16(7) !== data.length || length <= 32 || length > most + 32 || count > mostBlocks) throw new Fault('bad-frame');
  return { session: at.getUint32(0), length, n: at.getUint32(8) & 0xffffff, data, count };
}

/** What has been seen so far. One object for one sequence after the other. */
export class Film {
  key = '';
  session = 0;
  length = 0;
  /** @type {({c: Uint8Array, data: Uint8Array} | undefined)[]} */
  rows = [];
  have = 0;

  get need() {
    return this.rows.length;
  }

  /**
   * Takes the text of a code; the payload when it is the one that completes it. A Fault "bad-frame" changes nothing.
   * @param {string} text
   * @returns {Promise<Uint8Array<ArrayBuffer> | null>}
   */
  async add(text) {
    const f = parse(text);
    const key = [f.session, f.length, f.data.length].join();
    if (key !== this.key) Object.assign(this, { key, session: f.session, length: f.length, rows: Array.from({ length: f.count }), have: 0 });
    const before = this.have;
    const c = f.n < f.count ? new Uint8Array(f.count) : mixture(f.session, f.n, f.count);
    if (f.n < f.count) c[f.n] = 1;
    this.solve(c, f.data);
    return this.have === this.rows.length && this.have > before ? this.message() : null;
  }

  /** Brings one equation into line with the others. @param {Uint8Array} c @param {Uint8Array} data */
  solve(c, data) {
    for (let i = 0; i < c.length; i++) {
      if (!c[i]) continue;
      const row = this.rows[i];
      if (!row) {
        divide(data, c[i]);
        divide(c, c[i]);
        this.rows[i] = { c, data };
        this.have++;
        return;
      }
      add(data, row.data, c[i]);
      add(c, row.c, c[i]);
    }
  }

  async message() {
    const rows = /** @type {{c: Uint8Array, data: Uint8Array}[]} */ (this.rows);
    const { length, session } = this;
    this.key = ''; // whatever comes next begins anew
    for (let i = rows.length - 1; i >= 0; i--) {
      for (let j = 0; j < i; j++) add(rows[j].data, rows[i].data, rows[j].c[i]);
    }
    const whole = new Uint8Array(await new Blob(rows.map((r) => /** @type {Uint8Array<ArrayBuffer>} */ (r.data))).arrayBuffer());
    const payload = whole.slice(0, length - 32);
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', payload));
    if (hash.some((v, i) => v !== whole[length - 32 + i]) || new DataView(hash.buffer).getUint32(0) !== session) throw new Fault('bad-hand');
    return payload;
  }
}
