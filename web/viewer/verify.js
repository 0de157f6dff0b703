// Receipts, verified with nothing but themselves: that the device it names signed every byte, that the person's own key
// vouches for that device, and that what it says in the words of ISO/IEC TS 27560 is what it says in ours. The same rules as
// the wallet's app/consent (Verify), and stricter in none that a wallet breaks; a test holds the two against each other.
// Whose the person's key is, a receipt cannot say.
import { Fault, fromUTF8 } from './bytes.js';
import { line } from './message.js';
import { sha256, strictBase64url, toBase64url, utf8 } from './seal.js';
import { parseJWS, readKey, signedBy } from './sign.js';

const most = 64 << 10;
const mostCertificate = 4 << 10;
const mostRecords = 200;
const mostNotice = 4000;
const lastSecond = 253_402_300_799;
const states = ['granted', 'narrowed', 'revoked', 'delivered'];

/**
 * @typedef {import('./sign.js').Key} Key
 * @typedef {{name: string, ids?: {system: string, value: string}[], origin?: string, key?: string}} Party
 * @typedef {{id: string, request: string, asked: string, profile: string, to: Party, purpose: {code: string, text?: string},
 *   kinds: string[], dates: {from?: string, to?: string}, records?: string[], begin: string, until: string, repeat: string,
 *   after: string, person?: string}} Terms
 * @typedef {{sha256: string, bytes: number, type: string}} Given
 * @typedef {object} Receipt
 * @property {string} state  "granted", "narrowed", "revoked", "delivered"
 * @property {number} issued  unix seconds
 * @property {Terms} terms
 * @property {{text: string, language: string}} notice  as it was shown
 * @property {{user: string, device: string, name: string, authority: string, proof: string}} actor  who agreed
 * @property {string} principal  the person
 * @property {string} place
 * @property {Given[]} documents
 * @property {string} previous  hash of the receipt before it
 * @property {string} link
 * @property {string} hash  names this receipt
 * @property {Key} signer  of the device
 * @property {Key} root  of the person, of this epoch
 * @property {number} epoch
 */

/** A value as RFC 8785 writes it, for what we write: whole numbers, names in ASCII. @param {any} v @returns {string} */
export function canonical(v) {
  if (Array.isArray(v)) return `[${v.map(canonical).join(',')}]`;
  if (v && typeof v === 'object') {
    const names = Object.keys(v).filter((k) => v[k] !== undefined).sort();
    return `{${names.map((k) => `${JSON.stringify(k)}:${canonical(v[k])}`).join(',')}}`;
  }
  return JSON.stringify(v);
}

/** SHA-256 of a text in base64url: how receipts name other texts. @param {string} text */
export const hash = async (text) => toBase64url(await sha256(utf8(text)));

/** @param {boolean} ok @param {string} [code] */
function must(ok, code = 'receipt-damaged') {
  if (!ok) throw new Fault(code);
}

/** Whether s is n bytes in base64url. @param {unknown} s @param {number} n */
function isName(s, n) {
  try {
    return typeof s === 'string' && strictBase64url(s).length === n;
  } catch {
    return false;
  }
}

/** Finds a receipt in a text: bare, or with words around it. @param {string} text */
export const find = (text) => /eyJ[\w-]+\.[\w-]+\.[\w-]{86}/.exec(text)?.[0] ?? text.trim();

/**
 * Throws Fault: receipt-damaged, receipt-newer, receipt-too-big, receipt-forged, receipt-uncertified; no-ed25519 where the
 * browser cannot tell.
 * @param {string} jws
 * @returns {Promise<Receipt>}
 */
export async function verify(jws) {
  const j = signed(jws, most);
  const [text, d] = parsed(j.payload);
  must(typeof d.schema_version === 'string' && d.schema_version.startsWith('potli-receipt/'));
  must(d.schema_version === 'potli-receipt/1', 'receipt-newer');
  const p = object(d.potli);
  const key = await readKey(utf8(canonical(p.jwk ?? null))).catch(() => null);
  if (!key || key.alg !== 'EdDSA' || !(await signedBy(j, key, 'potli-receipt+jws'))) throw new Fault('receipt-forged');
  const r = receipt(d, p);
  check(r);
  must(canonical(await document(r, key, p.certificate)) === text); // nothing beside, nothing twice, nothing that contradicts
  const c = await certificate(p.certificate);
  must(c.key === key.thumbprint && c.user === r.actor.user && c.device === r.actor.device, 'receipt-uncertified');
  return { ...r, hash: await hash(jws), signer: key, root: c.root, epoch: c.epoch };
}

/** A compact JWS. White space around it would be a second spelling with another hash. @param {string} s @param {number} max */
function signed(s, max) {
  must(typeof s === 'string' && !/[^\x21-\x7e]/.test(s));
  must(s.length <= max, 'receipt-too-big');
  try {
    return parseJWS(s);
  } catch {
    throw new Fault('receipt-damaged');
  }
}

/** @param {Uint8Array<ArrayBuffer>} payload @returns {[string, any]} */
function parsed(payload) {
  try {
    const text = fromUTF8(payload);
    return [text, object(JSON.parse(text))];
  } catch {
    throw new Fault('receipt-damaged');
  }
}

/** @param {any} v */
function object(v) {
  must(!!v && typeof v === 'object' && !Array.isArray(v));
  return v;
}

/** @param {any} d @param {any} p @returns {Omit<Receipt, 'hash' | 'signer' | 'root' | 'epoch'>} */
function receipt(d, p) {
  const { state, issued, actor, principal, place, documents, previous, link } = p;
  return { state, issued, terms: object(p.terms), notice: { text: d.privacy_notice, language: d.language }, actor: { proof: '', ...object(actor) }, principal, place, documents, previous, link };
}

/** Holds a receipt against the rules that its signature says nothing of. @param {ReturnType<typeof receipt>} r */
function check(r) {
  const { terms: g, actor: a } = r;
  const texts = [r.state, r.notice.text, r.notice.language, r.principal, r.place, r.previous, r.link, a.user, a.device, a.name, a.authority, a.proof, g.id, g.profile, g.repeat, g.after];
  must(texts.every((s) => typeof s === 'string') && states.includes(r.state));
  must(Number.isInteger(r.issued) && r.issued > 0 && r.issued <= lastSecond);
  must(isName(g.id, 16) && g.profile !== '' && moment(g.begin) < moment(g.until));
  must(a.user !== '' && a.device !== '' && a.authority !== '' && line(a.name, 1000) === a.name && line(r.principal, 1000) === r.principal && (a.proof === '' || isName(a.proof, 32)));
  must([r.previous, r.link].every((h) => h === '' || isName(h, 32)));
  must(Array.isArray(r.documents) && (g.records === undefined || Array.isArray(g.records)));
  must(r.documents.length <= mostRecords && (g.records ?? []).length <= mostRecords && [...r.notice.text].length <= mostNotice, 'receipt-too-big');
  must(r.documents.every((d) => isName(object(d).sha256, 32) && Number.isInteger(d.bytes) && d.bytes >= 0 && typeof d.type === 'string' && d.type !== ''));
}

/** Milliseconds of a moment, in the one spelling in which Go writes it. @param {string} s */
function moment(s) {
  const at = typeof s === 'string' && /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d*[1-9])?(Z|[+-](?!00:00)\d\d:\d\d)$/.test(s) ? Date.parse(s) : NaN;
  must(!Number.isNaN(at) && (!s.endsWith('Z') || new Date(at).toISOString().slice(0, 19) === s.slice(0, 19)));
  return at;
}

/** @param {any} v @param {string[]} names  what is empty is left out  @param {string[]} [always] */
function only(v, names, always = []) {
  object(v);
  /** @type {Record<string, any>} */
  const out = {};
  for (const k of always) {
    must(typeof v[k] === 'string');
    out[k] = v[k];
  }
  for (const k of names) if (Object.hasOwn(v, k) && v[k] !== '' && v[k] !== null && (!Array.isArray(v[k]) || v[k].length)) out[k] = v[k];
  return out;
}

/** @param {any} list */
function strings(list) {
  must(Array.isArray(list) && list.every((s) => typeof s === 'string'));
  return list;
}

/** The terms as they are written. @param {Terms} g */
function terms(g) {
  const to = only(g.to, ['origin', 'key'], ['name']);
  must([to.origin, to.key].every((s) => s === undefined || typeof s === 'string'));
  if (g.to.ids !== undefined) {
    must(Array.isArray(g.to.ids) && g.to.ids.length > 0);
    to.ids = g.to.ids.map((id) => only(id, [], ['system', 'value']));
  }
  const out = { ...only(g, ['person'], ['id', 'request', 'asked', 'profile', 'begin', 'until', 'repeat', 'after']),
    to, purpose: only(g.purpose, ['text'], ['code']), kinds: strings(g.kinds), dates: only(g.dates, ['from', 'to']) };
  return g.records?.length ? { ...out, records: strings(g.records) } : out;
}

/** What a receipt calls a provider: its key, its first number, or its name. @param {Party} p */
const called = (p) => p.key || (p.ids?.length ? `${p.ids[0].system}|${p.ids[0].value}` : p.name);

/** The receipt as it is written: all of it follows from the receipt. @param {ReturnType<typeof receipt>} r @param {Key} key @param {string} cert */
async function document(r, key, cert) {
  const g = /** @type {any} */ (terms(r.terms));
  const { state, issued, principal, place, previous, link } = r;
  const to = called(g.to);
  const span = Math.max(0, Math.floor(moment(g.until) / 1000) - issued);
  const documents = r.documents.map(({ sha256: sum, bytes, type }) => ({ sha256: sum, bytes, type }));
  const { user, device, name, authority, proof } = r.actor;
  const actor = { user, device, name, authority, ...(proof ? { proof } : {}) };
  return {
    schema_version: 'potli-receipt/1', record_id: g.id, pii_principal_id: g.profile, privacy_notice: r.notice.text, language: r.notice.language,
    purposes: [{
      purpose: g.purpose.text ?? '', purpose_type: g.purpose.code, lawful_basis: 'consent',
      pii_information: g.kinds.length ? g.kinds.map((/** @type {string} */ k) => ({ pii_type: k, sensitive_pii_category: 'health' })) : null,
      pii_controllers: [to], collection_method: g.repeat, retention_period: g.after, recipient_third_parties: [],
      withdrawal_method: 'in the wallet, at any time', privacy_rights: 'to see what was given, to narrow it, to withdraw', jurisdiction: place,
    }],
    party_identification: [
      { party_id: g.profile, party_name: principal, party_role: 'pii_principal', party_contact: '' },
      { party_id: user, party_name: name, party_role: authority, party_contact: '' },
      { party_id: to, party_name: g.to.name, party_role: 'pii_controller', party_contact: g.to.origin ?? '' },
    ],
    event: [{ event_time: new Date(issued * 1000).toISOString().replace('.000Z', 'Z'), validity_duration: `PT${span}S`, event_type: 'explicit', event_state: state, entity_id: user }],
    potli: { state, issued, terms: g, terms_hash: await hash(canonical(g)), notice_hash: r.notice.text ? await hash(r.notice.text) : '', actor, principal, place, documents, previous, link, jwk: JSON.parse(key.text), certificate: cert },
  };
}

/** What the person's own key says of a device's. @param {unknown} jws */
async function certificate(jws) {
  const bad = new Fault('receipt-uncertified');
  let j, c, root;
  try {
    j = signed(/** @type {string} */ (jws), mostCertificate);
    const [text, found] = parsed(j.payload);
    must(canonical(found) === text); // as it is written: no name twice
    c = found;
    root = await readKey(utf8(canonical(c.jwk)));
  } catch {
    throw bad;
  }
  if (c.v !== 'potli-device/1' || root.alg !== 'EdDSA' || !(await signedBy(j, root, 'potli-device+jws'))) throw bad;
  const ok = [c.user, c.device].every((s) => typeof s === 'string' && s !== '') && Number.isInteger(c.epoch) && c.epoch >= 1 && Number.isInteger(c.at) && isName(c.key, 32);
  if (!ok) throw bad;
  return { user: c.user, device: c.device, key: c.key, epoch: /** @type {number} */ (c.epoch), root };
}
