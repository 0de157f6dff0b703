// A stranger's JSON, read so that nobody can read something else out of it: members by their exact names, none twice, none
// too deep. It stays bytes until a value is asked for, so that a document of megabytes is not copied on the way. The same
// rules as the wallet's app/strict; a test holds the two against each other.
import { Fault, fromUTF8 } from './bytes.js';

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

const maxDepth = 16;
const maxMembers = 64;
const maxLabel = 64; // bytes of a member's name as it is written
const [quote, back, comma] = [0x22, 0x5c, 0x2c];
const blank = (/** @type {number} */ c) => c === 0x20 || (c >= 0x09 && c <= 0x0d && c !== 0x0b && c !== 0x0c);

/** Whether b is JSON in UTF-8. @param {Bytes} b */
export function valid(b) {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(b));
    return true;
  } catch {
    return false;
  }
}

/** Splits an object, which is valid JSON. @param {Bytes | undefined} b */
export function members(b) {
  /** @type {Map<string, Bytes>} */
  const found = new Map();
  split(b, '{', (name, value) => {
    if (name.length > maxLabel || found.size === maxMembers) throw new Fault('malformed');
    const key = JSON.parse(fromUTF8(name)).toWellFormed();
    if (found.has(key)) throw new Fault('malformed');
    found.set(key, value);
  });
  return found;
}

/** Splits an array of at most n elements, which is valid JSON. @param {Bytes} b @param {number} n */
export function elements(b, n) {
  /** @type {Bytes[]} */
  const list = [];
  split(b, '[', (_, value) => {
    if (list.push(value) > n) throw new Fault('too-big');
  });
  return list;
}

/** A string of at most n bytes of UTF-8; "" where there is no value. @param {Bytes | undefined} b @param {number} n */
export function text(b, n) {
  if (!b) return '';
  if (b[0] !== quote) throw new Fault('malformed');
  if (b.length > 6 * n + 2) throw new Fault('too-big'); // each byte may be written as six
  const s = JSON.parse(fromUTF8(b)).toWellFormed();
  if (new TextEncoder().encode(s).length > n) throw new Fault('too-big');
  return /** @type {string} */ (s);
}

/** The inside of a string without any escape. @param {Bytes | undefined} b */
export function bare(b) {
  if (!b || b.length < 2 || b[0] !== quote || b.includes(back)) throw new Fault('malformed');
  return new TextDecoder('latin1').decode(b.subarray(1, -1));
}

/** @param {Bytes | undefined} b @param {string} open @param {(name: Bytes, value: Bytes) => void} f */
function split(b, open, f) {
  let at = b ? space(b, 0) : 0;
  if (!b || b[at] !== open.charCodeAt(0)) throw new Fault('malformed');
  const end = open.charCodeAt(0) + 2; // "}" stands two after "{", and "]" after "["
  for (at = space(b, at + 1); b[at] !== end; at = space(b, at)) {
    let name = b.subarray(0, 0);
    if (open === '{') {
      const n = quoted(b, at);
      name = b.subarray(at, n);
      at = space(b, space(b, n) + 1); // the colon
    }
    const n = past(b, at);
    f(name, b.subarray(at, n));
    at = space(b, n);
    if (b[at] === comma) at++;
  }
}

/** @param {Bytes} b @param {number} at */
function space(b, at) {
  while (blank(b[at])) at++;
  return at;
}

/** Where the value ends that begins at at. @param {Bytes} b @param {number} at */
function past(b, at) {
  let depth = 0;
  while (at < b.length) {
    const c = b[at];
    if (c === quote) at = quoted(b, at);
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > maxDepth) throw new Fault('malformed');
      at++;
      continue;
    } else if (c === 0x7d || c === 0x5d) {
      depth--;
      at++;
    } else if (c === comma || c === 0x3a || blank(c)) {
      at++;
      continue;
    } else while (at < b.length && ![comma, 0x7d, 0x5d].includes(b[at]) && !blank(b[at])) at++;
    if (!depth) return at;
  }
  throw new Fault('malformed');
}

/** Where the string ends that begins at at. @param {Bytes} b @param {number} at */
function quoted(b, at) {
  for (let i = at + 1; ; ) {
    const end = b.indexOf(quote, i);
    if (end < 0) throw new Fault('malformed');
    let n = end;
    while (b[n - 1] === back && n - 1 > at) n--;
    if ((end - n) % 2 === 0) return end + 1;
    i = end + 1;
  }
}
