// A request for records: what the desk asks, written as the wallet's app/consent reads it, signed by the desk's key, and as
// a link that fits a code. Also the little that a page without a wallet may read out of one.
import { Fault, fromUTF8 } from './bytes.js';
import { freshID, line, paragraphs } from './message.js';
import { inflate } from './open.js';
import { strictBase64url, toBase64url, utf8 } from './seal.js';
import { parseJWS, sign } from './sign.js';
import { canonical } from './verify.js';

export const mostLink = 1800; // characters of a link, so that it fits a code
const waiting = 24 * 3600; // seconds that a request can be answered: as long as its mailbox lives
const mostName = 120;
const mostPurpose = 500;
const mostNotice = 4000;
const place = '/ask#';
const types = 'potli-consent-request+jws';

/** Kinds as people ask for them, each with the one of the wallet that it stands for: a document type takes in what such
 * documents are made of, so that the code stays small. @type {Record<string, string>} */
export const groups = {
  visits: 'OPConsultation', prescriptions: 'Prescription', reports: 'DiagnosticReport', discharge: 'DischargeSummary', vaccines: 'ImmunizationRecord',
  allergies: 'allergy', problems: 'condition', vitals: 'WellnessRecord', procedures: 'procedure', papers: 'HealthDocumentRecord', bills: 'Invoice',
};

/** Purposes of ABDM that a desk may name; an emergency is never asked for by a code. */
export const purposes = ['CAREMGT', 'HPAYMT', 'PUBHLTH', 'DSRCH', 'PATRQT'];

/**
 * @typedef {object} Draft  what the form holds
 * @property {string} purpose
 * @property {string} why  in the clinic's own words
 * @property {string[]} groups
 * @property {string} from  days, "2026-01-31", or ""
 * @property {string} to
 * @property {number} days  until the end of how many days from today; 1 is today
 * @property {'once' | 'follow'} repeat
 * @property {'view' | 'keep'} after
 * @property {string} notice
 * @property {string} about  for whom, as the desk knows them
 *
 * @typedef {object} Request  as it is written
 * @property {string} v
 * @property {string} id
 * @property {{name: string, ids?: import('./message.js').Identifier[], origin?: string, jwk: any}} from
 * @property {string} [about]
 * @property {{code: string, text?: string}} purpose
 * @property {string[]} kinds
 * @property {{from?: string, to?: string}} dates
 * @property {number} until
 * @property {'once' | 'follow'} repeat
 * @property {'view' | 'keep'} after
 * @property {{text?: string, language?: string}} notice
 * @property {{relay: string, id: string, key: string}} reply
 * @property {number} issued
 * @property {number} expires
 */

const care = ['visits', 'prescriptions', 'reports', 'discharge', 'vaccines', 'allergies', 'problems', 'vitals'];

/** What is asked for most, ready to send. @type {Record<string, Pick<Draft, 'purpose' | 'groups' | 'days' | 'repeat' | 'after'>>} */
export const presets = {
  today: { purpose: 'CAREMGT', groups: care, days: 1, repeat: 'once', after: 'view' },
  file: { purpose: 'CAREMGT', groups: care, days: 1, repeat: 'once', after: 'keep' },
  stay: { purpose: 'CAREMGT', groups: [...care, 'procedures', 'papers'], days: 7, repeat: 'follow', after: 'keep' },
  claim: { purpose: 'HPAYMT', groups: ['discharge', 'bills', 'reports'], days: 7, repeat: 'once', after: 'keep' },
  vaccines: { purpose: 'CAREMGT', groups: ['vaccines', 'allergies'], days: 1, repeat: 'once', after: 'view' },
};

/** The last second of the day that is days-1 after now, by this computer's clock. @param {number} now  ms @param {number} days */
function endOf(now, days) {
  const d = new Date(now);
  d.setHours(23, 59, 59, 0);
  d.setDate(d.getDate() + days - 1);
  return Math.max(Math.floor(d.getTime() / 1000), Math.floor(now / 1000) + 3600); // just before midnight: an hour
}

/**
 * Writes and signs a request. Throws Fault: ask-nothing (no kind), ask-dates, ask-words (a text that is too long).
 * @param {Draft} d
 * @param {import('./desk-key.js').Desk} by
 * @param {{relay: string, id: string, key: string}} reply
 * @param {string} language  of the notice
 * @param {number} now  ms
 * @returns {Promise<{request: Request, text: string}>}
 */
export async function compose(d, by, reply, language, now) {
  const issued = Math.floor(now / 1000);
  const until = endOf(now, d.days);
  const kinds = d.groups.flatMap((g) => groups[g] ?? []);
  if (!kinds.length) throw new Fault('ask-nothing');
  if ([d.from, d.to].some((s) => s && !/^\d{4}-\d\d-\d\d$/.test(s)) || (d.from && d.to && d.from > d.to)) throw new Fault('ask-dates');
  const [why, about, notice] = [line(d.why, mostPurpose + 1), line(d.about, mostName + 1), paragraphs(d.notice)];
  if ([...why].length > mostPurpose || [...about].length > mostName || [...notice].length > mostNotice) throw new Fault('ask-words');
  /** @type {Request} */
  const request = {
    v: 'potli-consent-request/1', id: freshID(), from: { name: by.name, ...(by.ids.length ? { ids: by.ids } : {}), ...(by.origin ? { origin: by.origin } : {}), jwk: JSON.parse(by.signer.public.text) },
    ...(about ? { about } : {}), purpose: { code: d.purpose, ...(why ? { text: why } : {}) }, kinds: [...new Set(kinds)].sort(),
    dates: { ...(d.from ? { from: d.from } : {}), ...(d.to ? { to: d.to } : {}) }, until, repeat: d.repeat, after: d.after,
    notice: notice ? { text: notice, language } : {}, reply, issued, expires: Math.min(until, issued + waiting),
  };
  return { request, text: await sign(by.signer, types, utf8(canonical(request))) };
}

/**
 * The link of a request. What can be is deflated ("z."), since a code of fewer characters is read from further away.
 * Throws Fault ask-long, when no code holds it.
 * @param {string} viewer  origin
 * @param {string} text  a compact JWS
 */
export async function link(viewer, text) {
  const z = await packed(text);
  const s = viewer + place + (z && z.length < text.length ? z : text);
  if (s.length > mostLink) throw new Fault('ask-long');
  return s;
}

/** A compact JWS in fewer characters; "" where this browser cannot. @param {string} text */
async function packed(text) {
  const [header, payload, signature] = text.split('.');
  const plain = `${fromUTF8(strictBase64url(header))}\n${fromUTF8(strictBase64url(payload))}`;
  try {
    const out = new Blob([plain]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const z = `z.${toBase64url(new Uint8Array(await new Response(out).arrayBuffer()))}.${signature}`;
    return (await unpacked(z)) === text ? z : '';
  } catch {
    return '';
  }
}

/** The request that stands behind "#": see AskLink of app/consent for the four ways. @param {string} found */
async function unpacked(found) {
  if (!found.startsWith('z.')) return found.includes('.') ? found : fromUTF8(strictBase64url(found));
  const [, z, ...signature] = found.split('.');
  const plain = fromUTF8(await inflate(strictBase64url(z)));
  if (!signature.length) return plain;
  const at = plain.indexOf('\n');
  return [...[plain.slice(0, at), plain.slice(at + 1)].map((s) => toBase64url(utf8(s))), ...signature].join('.');
}

/**
 * Finds a request in a link, with words around it or bare, and reads what it claims: nothing of it is proven here, the
 * wallet does that. Throws Fault: ask-none, ask-damaged, ask-newer.
 * @param {string} s
 * @returns {Promise<{text: string, link: string, name: string, purpose: string, why: string, expires: number}>}  link: what stands behind "#"
 */
export async function read(s) {
  const at = s.indexOf(place);
  const found = /^[\w.-]+/.exec(at < 0 ? s.trim() : s.slice(at + place.length))?.[0].replace(/\.+$/, '') ?? '';
  if (!found || (at < 0 && found !== s.trim())) throw new Fault('ask-none');
  let text, q;
  try {
    text = await unpacked(found);
    q = JSON.parse(text.startsWith('{') ? text : fromUTF8(parseJWS(text).payload));
  } catch {
    throw new Fault('ask-damaged');
  }
  const v = typeof q?.v === 'string' ? q.v : '';
  if (v !== 'potli-consent-request/1') throw new Fault(v.startsWith('potli-consent-request/') ? 'ask-newer' : 'ask-damaged');
  const words = (/** @type {unknown} */ x, /** @type {number} */ n) => (typeof x === 'string' ? line(x, n) : '');
  const name = words(q.from?.name, mostName);
  if (!name || !Number.isInteger(q.expires)) throw new Fault('ask-damaged');
  return { text, link: found, name, purpose: words(q.purpose?.code, 20), why: words(q.purpose?.text, mostPurpose), expires: Math.min(q.expires, Number.isInteger(q.until) ? q.until : q.expires) };
}

/** The groups that a request asks for. @param {{kinds: string[]}} q */
export const asked = (q) => Object.keys(groups).filter((g) => q.kinds.includes(groups[g]));
