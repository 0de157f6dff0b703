// What comes from strangers: into bytes, text and records, or into a refusal with a name.

/**
 * A refusal that the page can say in words: code names a message ("fault." + code), detail holds its figures.
 * Codes, never health data, keys or addresses: a Fault may end up in a console.
 */
export class Fault extends Error {
  /**
   * @param {string} code
   * @param {{remaining?: number, retryAfter?: number, status?: number, label?: string}} [detail]
   */
  constructor(code, detail = {}) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * The fault's own code, or what an unforeseen error is called.
 * @param {unknown} err
 * @param {string} otherwise
 */
export const asFault = (err, otherwise) => (err instanceof Fault ? err : new Fault(otherwise));

/**
 * Decodes base64url (RFC 4648 §5). Padding is tolerated; the alphabet of plain base64 is not, so that a
 * decoder fed with the wrong one is noticed on every link and not on some.
 * @param {string} s
 */
export function fromBase64url(s) {
  s = s.replace(/=+$/, '');
  if (!/^[\w-]*$/.test(s) || s.length % 4 === 1) throw new Fault('bad-link');
  return fromBase64(s.replace(/-/g, '+').replace(/_/g, '/'));
}

/**
 * Decodes plain base64, with or without padding and white space. Throws on anything else.
 * @param {string} s
 */
export function fromBase64(s) {
  const raw = atob(s);
  const b = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) b[i] = raw.charCodeAt(i);
  return b;
}

/** @param {BufferSource} b */
export const fromUTF8 = (b) => new TextDecoder('utf-8', { fatal: true }).decode(b);

/**
 * Parses JSON and keeps decimals as their author wrote them: a result of "7.0" is not "7" (FHIR R4, decimal:
 * precision is significant). Where the browser does not tell the source text, numbers are plain numbers.
 * @param {string} s
 * @returns {any}
 */
export function parseRecord(s) {
  const keep = /** @type {(k: string, v: any, c?: {source?: string}) => any} */ (
    (_, v, c) => (typeof v === 'number' && c?.source && c.source !== String(v) ? c.source : v)
  );
  return JSON.parse(s, keep);
}
