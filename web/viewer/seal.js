// Sealing for a mailbox: base64url with one spelling for each value, padding, and the compact JWE (dir, A256GCM) under the
// one-time key of a code. The same as the wallet's app/message and crypto/jose; a test holds them against each other.
import { Fault } from './bytes.js';

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

export const maxPlain = 37 << 19; // bytes of a padded message
const minPlain = 1 << 10;
const maxSealed = (maxPlain / 3) * 4 + (64 << 10);
const head = '{"alg":"dir","enc":"A256GCM","cty":"application/potli-entry"}';

/** @param {string} s */
export const utf8 = (s) => /** @type {Bytes} */ (new TextEncoder().encode(s));

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const codes = utf8(digits);
const values = new Int8Array(128).fill(-1);
codes.forEach((c, i) => (values[c] = i));

/**
 * By hand, as it is many megabytes and the older way of browsers, btoa, took seconds for them.
 * @param {Bytes} b
 */
export function toBase64url(b) {
  const out = new Uint8Array(Math.ceil((b.length * 4) / 3));
  for (let i = 0, at = 0; i < b.length; i += 3, at += 4) {
    const n = (b[i] << 16) | (b[i + 1] << 8) | b[i + 2]; // what is not there counts as 0
    out[at] = codes[n >> 18];
    out[at + 1] = codes[(n >> 12) & 63];
    out[at + 2] = codes[(n >> 6) & 63]; // beyond the end nothing is stored
    out[at + 3] = codes[n & 63];
  }
  return new TextDecoder('latin1').decode(out);
}

/** Decodes base64url without padding. Throws "malformed" for a second spelling too. @param {string} s */
export function strictBase64url(s) {
  const over = s.length % 4;
  const b = new Uint8Array((s.length * 3) >> 2);
  let bits = 0; // six of each character, and the rest of what came before
  for (let i = 0, at = 0, held = 0; i < s.length; i++) {
    const v = values[s.charCodeAt(i)] ?? -1;
    if (v < 0) throw new Fault('malformed');
    bits = ((bits << 6) | v) & 0xffff;
    held += 6;
    if (held >= 8) b[at++] = bits >> (held -= 8);
  }
  if (over === 1 || (over && bits & (over === 2 ? 15 : 3))) throw new Fault('malformed');
  return b;
}

/** The size that n bytes are padded to: Padmé (PURBs, PETS 2019, section 4), at least a kilobyte. @param {number} n */
export function sizeClass(n) {
  n = Math.max(n, minPlain);
  const e = Math.floor(Math.log2(n));
  const low = 2 ** (e - (Math.floor(Math.log2(e)) + 1));
  return Math.ceil(n / low) * low;
}

/** Fills up with spaces, which neither JSON nor a compact JWS has at its end. @param {Bytes} b */
export function pad(b) {
  const size = sizeClass(b.length);
  if (size > maxPlain) throw new Fault('too-big');
  const out = new Uint8Array(size).fill(0x20);
  out.set(b);
  return out;
}

/** Takes the spaces off again. @param {Bytes} b */
export function trim(b) {
  let n = b.length;
  while (b[n - 1] === 0x20) n--;
  return b.subarray(0, n);
}

/** @param {Bytes} packed @param {Bytes} key */
export async function seal(packed, key) {
  const first = toBase64url(utf8(head));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const k = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(first), tagLength: 128 }, k, packed));
  return `${first}..${toBase64url(iv)}.${toBase64url(sealed.subarray(0, -16))}.${toBase64url(sealed.subarray(-16))}`;
}

/** Opens what seal made. Throws "sealed" (another key, or changed), "malformed", "too-big". @param {string} sealed @param {Bytes} key */
export async function unseal(sealed, key) {
  if (sealed.length > maxSealed) throw new Fault('too-big');
  const parts = sealed.split('.');
  const [first, wrapped, iv64, data64, tag64] = parts;
  if (parts.length !== 5 || wrapped || first !== toBase64url(utf8(head))) throw new Fault('malformed');
  const [iv, data, tag] = [iv64, data64, tag64].map(strictBase64url);
  if (iv.length !== 12 || tag.length !== 16) throw new Fault('malformed');
  const whole = new Uint8Array(data.length + 16);
  whole.set(data);
  whole.set(tag, data.length);
  try {
    const k = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: utf8(first), tagLength: 128 }, k, whole));
  } catch {
    throw new Fault('sealed');
  }
}

/** @param {Bytes} b */
export const sha256 = async (b) => new Uint8Array(await crypto.subtle.digest('SHA-256', b));
