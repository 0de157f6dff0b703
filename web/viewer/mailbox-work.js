// The work that a relay asks for while many make mailboxes: a counter for which a hash begins with enough zero bits. What it
// is stands in relay/wire/work.go, and a test holds the two against each other. WebCrypto hashes nothing without a turn of
// the event loop, which is a hundred times slower than this.
import { Fault } from './bytes.js';

const mostBits = 17; // no relay may ask for more
const slice = 20; // milliseconds, so that the page stays alive

/** Constants of SHA-256: the fractional parts of the square and cube roots of the first primes (FIPS 180-4). */
const primes = [...Array(312).keys()].slice(2).filter((n) => [2, 3, 5, 7, 11, 13, 17].every((p) => n === p || n % p));
const fraction = (/** @type {number} */ x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const start = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
const rounds = Int32Array.from(primes.slice(0, 64), (p) => fraction(Math.cbrt(p)));
const w = new Int32Array(64);

/** The first 32 bits of SHA-256 of a text in ASCII, at most a few hundred characters. @param {string} text */
export function hash32(text) {
  const bytes = new Uint8Array((((text.length + 8) >> 6) + 1) << 6);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  bytes[text.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 4, text.length * 8);
  const h = Int32Array.from(start);
  for (let at = 0; at < bytes.length; at += 64) block(h, view, at);
  return h[0] >>> 0;
}

const turn = (/** @type {number} */ x, /** @type {number} */ n) => (x >>> n) | (x << (32 - n));

/** @param {Int32Array} h @param {DataView} view @param {number} at */
function block(h, view, at) {
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15], w[i - 2]];
    w[i] = (w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) | 0;
  }
  let [a, b, c, d, e, f, g, k] = h;
  for (let i = 0; i < 64; i++) {
    const one = (k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + w[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [k, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, k].forEach((x, i) => (h[i] = (h[i] + x) | 0));
}

/**
 * Finds the work for an id. Throws Fault "refused" where more is asked than may be, "cancelled".
 * @param {{challenge: string, bits: number}} asked
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>}  the value of the header Potli-Work
 */
export async function work({ challenge, bits }, id, signal) {
  if (typeof challenge !== 'string' || !/^[!-~]{1,300}$/.test(challenge) || !(bits >= 0 && bits <= mostBits)) throw new Fault('refused');
  const before = `${challenge}.${id}.`;
  let until = performance.now() + slice;
  for (let counter = 0; ; counter++) {
    if (Math.clz32(hash32(before + counter)) >= bits) return `${challenge}.${counter}`;
    if (counter % 256 || performance.now() < until) continue;
    await new Promise((resolve) => setTimeout(resolve));
    if (signal?.aborted) throw new Fault('cancelled');
    until = performance.now() + slice;
  }
}
