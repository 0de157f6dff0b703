// Opens one file of a link: compact JWE, dir, A256GCM, perhaps zip DEF (SMART Health Links 1.0.0, "Encrypting and
// Decrypting Files"), and then what is inside, decided by looking into it.
import { Fault, fromBase64url, fromUTF8, parseRecord } from './bytes.js';
import { obj, str } from './fhir.js';

/** Bytes a compressed file may grow to. A valid bundle of 4,000 vital signs shrinks 31 times, so never a lower ratio. */
const most = 20e6;
const ratio = 100;

/**
 * @param {string} jwe
 * @param {Uint8Array<ArrayBuffer>} key
 * @returns {Promise<{bytes: Uint8Array<ArrayBuffer>, type: string}>}  type is the header's cty, "" when absent
 */
export async function decrypt(jwe, key) {
  const parts = jwe.trim().split('.');
  const [head, wrapped, iv64, data64, tag64] = parts;
  if (parts.length !== 5 || wrapped || head.length > 4096 || key.length !== 32) throw new Fault('bad-file');
  let header, iv, data, tag;
  try {
    header = JSON.parse(fromUTF8(fromBase64url(head)));
    [iv, data, tag] = [iv64, data64, tag64].map(fromBase64url);
  } catch {
    throw new Fault('bad-file');
  }
  if (header?.alg !== 'dir' || header.enc !== 'A256GCM' || 'crit' in header) throw new Fault('bad-file');
  if ((header.zip !== undefined && header.zip !== 'DEF') || iv.length !== 12 || tag.length !== 16) throw new Fault('bad-file');
  const sealed = new Uint8Array(data.length + 16);
  sealed.set(data);
  sealed.set(tag, data.length);
  let bytes;
  try {
    const k = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    const additionalData = new TextEncoder().encode(head); // exactly as received
    bytes = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData, tagLength: 128 }, k, sealed));
  } catch {
    throw new Fault('decrypt');
  }
  if (header.zip) bytes = await inflate(bytes);
  return { bytes, type: typeof header.cty === 'string' ? header.cty : '' };
}

/**
 * Undoes raw DEFLATE (RFC 1951) and stops as soon as more comes out than may.
 * @param {Uint8Array<ArrayBuffer>} packed
 */
export async function inflate(packed) {
  const cap = Math.min(most, ratio * packed.length);
  const out = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const chunks = [];
  let size = 0;
  for (;;) {
    let step;
    try {
      step = await out.read();
    } catch {
      throw new Fault('bad-file');
    }
    if (step.done) break;
    size += step.value.length;
    if (size > cap) {
      out.cancel().catch(() => {});
      throw new Fault('too-big');
    }
    chunks.push(step.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/**
 * A FHIR resource to be shown, and where it was wrapped in a SMART Health Card, who says to have signed it.
 * @typedef {{root: any, issuer?: string, issued?: number}} Content
 */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<{contents: Content[], faults: Fault[]}>}
 */
export async function look(bytes) {
  let x;
  try {
    x = parseRecord(fromUTF8(bytes));
  } catch {
    throw new Fault('unreadable');
  }
  if (typeof obj(x).resourceType === 'string') return { contents: [{ root: x }], faults: [] };
  if (Array.isArray(obj(x).verifiableCredential)) return cards(x.verifiableCredential);
  if ('access_token' in obj(x)) throw new Fault('access');
  throw new Fault('unreadable');
}

/** @param {any[]} all */
async function cards(all) {
  /** @type {Content[]} */
  const contents = [];
  const faults = [];
  for (const jws of all.slice(0, 50)) {
    try {
      contents.push(await card(str(jws)));
    } catch {
      faults.push(new Fault('bad-card'));
    }
  }
  return { contents, faults };
}

/**
 * Reads a card without checking its signature; the page says so. (SMART Health Cards 1.0.0: payload is raw DEFLATE.)
 * @param {string} jws
 * @returns {Promise<Content>}
 */
async function card(jws) {
  const parts = jws.split('.');
  if (parts.length !== 3) throw new Fault('bad-card');
  const header = JSON.parse(fromUTF8(fromBase64url(parts[0])));
  const body = fromBase64url(parts[1]);
  const payload = obj(parseRecord(fromUTF8(header.zip === 'DEF' ? await inflate(body) : body)));
  const root = obj(obj(obj(payload.vc).credentialSubject).fhirBundle);
  if (typeof root.resourceType !== 'string') throw new Fault('bad-card');
  return { root, issuer: str(payload.iss), issued: Number(payload.nbf) || 0 };
}
