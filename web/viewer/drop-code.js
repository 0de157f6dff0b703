// A drop code, as the wallet's app/inbox makes it: where to put something, and the one-time key to seal it under. Read as
// strictly as there; a test holds the two against each other.
import { Fault, fromUTF8 } from './bytes.js';
import { members, text, valid } from './message-json.js';
import { line } from './message.js';
import { strictBase64url } from './seal.js';

/**
 * @typedef {object} Code
 * @property {string} relay  an origin
 * @property {string} id  of the mailbox
 * @property {Uint8Array<ArrayBuffer> | null} key  null: for hospital systems, which seal to another kind of key
 * @property {string} to
 * @property {string} name  as the person wants to be called; a claim like any other
 * @property {number} exp  unix seconds
 * @property {number} n  documents
 * @property {number} max  bytes of them together
 */

const place = '/drop#';
const maxRead = 2048;
const maxName = 40;
const maxRelay = 128;
const maxMost = 100;
const maxBytes = 100 << 20;
const year10000 = 253402300800;

/**
 * Finds a drop code in a text. Throws "drop-none", "drop-damaged", "drop-newer". Whether its time is over is another question.
 * @param {string} said
 * @returns {Code}
 */
export function parseCode(said) {
  const at = said.indexOf(place);
  if (at < 0 || !said.slice(0, at).includes('://')) throw new Fault('drop-none');
  const encoded = /^[\w-]*/.exec(said.slice(at + place.length))?.[0] ?? '';
  let f;
  try {
    if (encoded.length > maxRead) throw 0;
    const raw = strictBase64url(encoded);
    if (!valid(raw)) throw 0;
    f = members(raw);
  } catch {
    throw new Fault('drop-damaged');
  }
  const v = number(f.get('v'));
  if (v > 1) throw new Fault('drop-newer');
  try {
    if (v !== 1) throw 0;
    return read(f);
  } catch {
    throw new Fault('drop-damaged');
  }
}

/** A whole number as its digits stand there; NaN for anything else. @param {Uint8Array<ArrayBuffer> | undefined} raw */
function number(raw) {
  const s = raw ? fromUTF8(raw) : '';
  return /^-?\d+$/.test(s) ? Number(s) : NaN;
}

/** @param {Map<string, Uint8Array<ArrayBuffer>>} f @returns {Code} */
function read(f) {
  const [relay, id, key, to, name] = ['relay', 'id', 'key', 'to', 'name'].map((m) => text(f.get(m), maxRead));
  const [exp, n, max] = ['exp', 'n', 'max'].map((m) => number(f.get(m)));
  const between = (/** @type {number} */ x, /** @type {number} */ most) => x >= 1 && x <= most;
  const ok = isRelay(relay) && bytes32(id) && !key !== !to && bytes32(key || to) && between(exp, year10000 - 1) && between(n, maxMost) && between(max, maxBytes);
  if (!ok) throw 0;
  return { relay, id, key: bytes32(key), to, name: line(name, maxName), exp, n, max };
}

/** 32 bytes in base64url, or null. @param {string} s */
function bytes32(s) {
  try {
    const b = strictBase64url(s);
    return b.length === 32 ? b : null;
  } catch {
    return null;
  }
}

/** Whether s is an origin that messages may be sent to: https, or this machine. @param {string} s */
const isRelay = (s) => s.length <= maxRelay && /^(https:\/\/([^\s\0-\x20\x7f/?#@\\^`{|}%:[\]]+|\[[0-9a-f:.]+\])|http:\/\/(localhost|127\.0\.0\.1|\[::1\]))(:\d*)?$/.test(s);
