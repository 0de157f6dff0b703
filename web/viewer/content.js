// What a decrypted file holds, decided by looking into it (SHL 1.0.0: without a type, sniff).
import { fromBase64url, fromUTF8, parseRecord } from './bytes.js';
import { Fault } from './fault.js';
import { inflate } from './jwe.js';
import { list, obj, str } from './fhir.js';

/**
 * A FHIR resource to be shown, and where it was wrapped in a SMART Health Card, who says to have signed it.
 * @typedef {{root: any, issuer?: string, issued?: number}} Content
 */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<{contents: Content[], faults: Fault[]}>}
 */
export async function open(bytes) {
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
  return { root, issuer: list([payload.iss]).map(str)[0], issued: Number(payload.nbf) || 0 };
}
