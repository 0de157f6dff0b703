// The payload of a SMART Health Link: HL7 hl7.fhir.uv.smart-health-cards-and-links 1.0.0,
// "Construct a SMART Health Link Payload".
import { Fault, fromBase64url, fromUTF8 } from './bytes.js';

/**
 * @typedef {object} Link
 * @property {string} url
 * @property {string} host   as a browser understands it: no user name can pose as the host, no letter as another
 * @property {Uint8Array<ArrayBuffer>} key
 * @property {number} exp    unix seconds; 0: not given
 * @property {string} flag   of L, P, U; others dropped
 * @property {string} label
 * @property {string[]} odd  what was tolerated: "exp-unusable", "exp-ms", "padding"
 */

/**
 * Finds a link anywhere in a text: bare, behind a viewer's address, inside a sentence, percent-encoded.
 * @param {string} text
 */
export function find(text) {
  const scheme = /shlink:\/\s*([\w-]+=*)/i;
  let m = scheme.exec(text);
  if (!m && text.includes('%')) {
    try {
      m = scheme.exec(decodeURIComponent(text));
    } catch {
      // not percent-encoded after all
    }
  }
  if (!m) throw new Fault('no-link');
  return m[1];
}

/**
 * @param {string} text
 * @returns {Link}
 */
export function parse(text) {
  const encoded = find(text);
  const odd = encoded.endsWith('=') ? ['padding'] : [];
  let p;
  try {
    p = JSON.parse(fromUTF8(fromBase64url(encoded)));
  } catch {
    throw new Fault('bad-link');
  }
  if (!p || typeof p !== 'object') throw new Fault('bad-link');
  const label = typeof p.label === 'string' ? tidy(p.label, 80) : '';
  // Too new to be understood: say whose it is, send nothing.
  if (p.v !== undefined && !(Number(p.v) <= 1)) throw new Fault('version', { label });
  const url = address(p.url);
  const flag = typeof p.flag === 'string' ? ['L', 'P', 'U'].filter((f) => p.flag.includes(f)).join('') : '';
  if (flag.includes('P') && flag.includes('U')) throw new Fault('bad-link');
  if (typeof p.key !== 'string') throw new Fault('bad-link');
  const key = fromBase64url(p.key);
  if (key.length !== 32) throw new Fault('bad-link');
  return { url: url.href, host: url.host, key, exp: expiry(p.exp, odd), flag, label, odd };
}

/**
 * An address that may be asked: https, or this machine itself (development and tests).
 * @param {unknown} s
 * @param {string} [base]
 */
export function address(s, base) {
  let url;
  try {
    url = new URL(/** @type {string} */ (typeof s === 'string' && s), base);
  } catch {
    throw new Fault('bad-link');
  }
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if ((url.protocol !== 'https:' && !(url.protocol === 'http:' && here)) || url.username || url.password) {
    throw new Fault('bad-link');
  }
  url.hash = '';
  return url;
}

/**
 * Reads exp as leniently as people write it; the server decides anyway.
 * @param {unknown} exp
 * @param {string[]} odd
 */
function expiry(exp, odd) {
  if (exp === undefined || exp === null) return 0;
  let n = typeof exp === 'number' || (typeof exp === 'string' && exp.trim()) ? Number(exp) : NaN;
  if (!(n > 0) || n > 1e14) {
    odd.push('exp-unusable');
    return 0;
  }
  if (n > 1e11) {
    odd.push('exp-ms');
    n /= 1000;
  }
  return Math.floor(n);
}

/**
 * Text from a stranger for one line of our own: no controls, nothing that turns the direction of what follows.
 * @param {string} s
 * @param {number} max  code points
 */
export function tidy(s, max) {
  const clean = s.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu, ' ').trim();
  return [...clean].slice(0, max).join('');
}
