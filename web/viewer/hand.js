// What is handed over on a screen: a parcel, which is a byte for its version, one for its kind and the content in raw
// DEFLATE. It comes whole in the fragment of an address, or as a sequence of codes (film.js). It is not sealed: whoever
// sees the screen sees it all.
import { Fault, fromUTF8 } from './bytes.js';
import { expand } from './brief.js';
import { inflate, look } from './open.js';

export const linkPrefix = 'potli-hand-1:';
const widths = [0, 3, 5, 8, 10, 13, 15, 17]; // digits that so many bytes take

/** @param {string} text */
export const isHand = (text) => text.includes(linkPrefix);

/**
 * Finds the parcel in an address.
 * @param {string} text
 */
export function fromLink(text) {
  const digits = /potli-hand-1:(\d+)\s*$/.exec(text)?.[1] ?? '';
  const out = [];
  for (let i = 0; i < digits.length; i += 17) {
    const part = digits.slice(i, i + 17);
    const size = widths.indexOf(part.length);
    const n = BigInt(part);
    if (size < 1 || n >> BigInt(8 * size)) throw new Fault('bad-hand');
    for (let k = size - 1; k >= 0; k--) out.push(Number((n >> BigInt(8 * k)) & 255n));
  }
  if (out.length < 3) throw new Fault('bad-hand');
  return Uint8Array.from(out);
}

/** Six digits that the phone shows too. @param {Uint8Array<ArrayBuffer>} parcel */
export async function phrase(parcel) {
  const hash = new DataView(await crypto.subtle.digest('SHA-256', parcel));
  const six = String(hash.getUint32(0) % 1_000_000).padStart(6, '0');
  return `${six.slice(0, 3)} ${six.slice(3)}`;
}

/**
 * Opens a parcel.
 * @param {Uint8Array<ArrayBuffer>} parcel
 * @param {import('./words.js').Say} t
 * @returns {ReturnType<typeof look>}
 */
export async function unwrap(parcel, t) {
  const kind = String.fromCharCode(parcel[1]);
  if (parcel[0] !== 1 || (kind !== 'b' && kind !== 'f')) throw new Fault('bad-hand');
  const bytes = await inflate(parcel.slice(2));
  if (kind === 'f') return look(bytes);
  let text;
  try {
    text = fromUTF8(bytes);
  } catch {
    throw new Fault('bad-hand');
  }
  return { contents: [{ root: expand(text, t) }], faults: [] };
}
