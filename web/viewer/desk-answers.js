// What comes back for a request: which answers belong to it, what was agreed, which documents are the ones that a receipt
// names, and what has to go again. Whoever saw the code can put something into its mailbox, so nothing counts here but a
// receipt that verifies and is of this very request.
import { Fault } from './bytes.js';
import { address, create, pack } from './message.js';
import { sha256, toBase64url, utf8 } from './seal.js';
import { sign } from './sign.js';
import { canonical, hash, verify } from './verify.js';

/**
 * @typedef {import('./message.js').Message} Message
 * @typedef {import('./verify.js').Receipt} Receipt
 * @typedef {'waiting' | 'granted' | 'narrowed' | 'refused' | 'revoked' | 'expired'} State
 * @typedef {{name: string, type: string, body: Uint8Array<ArrayBuffer>, sum: string}} Paper
 * @typedef {object} Asked  one request of today, in memory alone
 * @property {import('./request.js').Request} request
 * @property {string} text  as it was sent
 * @property {string} link  "" where no code holds it
 * @property {string} hash  of the text
 * @property {string} key  thumbprint of the key that signed it
 * @property {string} mailbox  its id
 * @property {State} state
 * @property {Receipt | null} receipt  the newest of what was agreed
 * @property {Receipt[]} receipts  all that were verified, in order
 * @property {string[]} jws  as they came
 * @property {Paper[]} papers
 * @property {Set<string>} named  hashes of documents that receipts name as given
 * @property {Set<string>} seen  ids of messages
 * @property {string[]} odd  codes of what came and does not count, for the staff to know
 * @property {'' | 'sending' | 'sent' | 'failed'} counter  the receipt's countersignature
 * @property {number} gone  documents that were taken off the screen
 */

/**
 * @param {{request: import('./request.js').Request, text: string}} made
 * @param {string} link @param {string} key @param {string} mailbox
 * @returns {Promise<Asked>}
 */
export const begun = async ({ request, text }, link, key, mailbox) => ({
  request, text, link, key, mailbox, hash: await hash(text), state: 'waiting', receipt: null, receipts: [], jws: [], papers: [], named: new Set(), seen: new Set(),
  odd: [], counter: '', gone: 0,
});

/** @typedef {'granted' | 'narrowed' | 'refused' | 'revoked' | 'delivered' | 'again' | 'odd'} Change */

/**
 * Takes a message in. Nothing that is wrong with it throws: it is counted in odd, and changes nothing else.
 * @param {Asked} a @param {Message} m
 * @returns {Promise<Change>}
 */
export async function take(a, m) {
  try {
    if (m.to !== (await address(a.mailbox))) throw new Fault('odd-address');
    if (a.seen.has(m.id)) return 'again';
    const change = await read(a, m);
    a.seen.add(m.id);
    return change;
  } catch (err) {
    const code = err instanceof Fault ? err.code : 'odd-damaged';
    a.odd.push(/^(odd|receipt|no-ed)/.test(code) ? code : 'odd-damaged');
    return 'odd';
  }
}

/** @param {Asked} a @param {Message} m @returns {Promise<Change>} */
async function read(a, m) {
  if (m.type === 'answer' && !m.receipt) {
    if (a.state !== 'waiting') throw new Fault('odd-second');
    a.state = 'refused';
    return 'refused';
  }
  if (!['answer', 'delivery', 'revoked'].includes(m.type)) throw new Fault('odd-kind');
  const r = await receiptOf(a, m.receipt);
  if (m.type === 'delivery') return deliver(a, m, r);
  if (a.state === 'revoked') return 'again'; // an end is an end
  const ended = r.state === 'revoked';
  if (ended !== (m.type === 'revoked') || r.state === 'delivered') throw new Fault('odd-kind');
  believe(a, r, m.receipt);
  if (ended) return end(a, 'revoked');
  a.state = less(a.request, r) ? 'narrowed' : 'granted';
  a.receipt = r;
  return a.state;
}

/** The receipt of a message, verified, and of this very request. @param {Asked} a @param {string} jws */
async function receiptOf(a, jws) {
  const r = await verify(jws);
  const { terms } = r;
  if (terms.request !== a.request.id || terms.asked !== a.hash || terms.to.key !== a.key) throw new Fault('odd-request');
  const first = a.receipts[0];
  if (first && (first.terms.id !== terms.id || first.terms.profile !== terms.profile)) throw new Fault('odd-second');
  if (wider(a.request, r)) throw new Fault('odd-wider');
  return r;
}

/** The first that is believed decides whose answer this is. @param {Asked} a @param {Receipt} r @param {string} jws */
function believe(a, r, jws) {
  if (a.jws.includes(jws)) return;
  a.receipts.push(r);
  a.jws.push(jws);
}

/** @param {Asked} a @param {Message} m @param {Receipt} r @returns {Promise<Change>} */
async function deliver(a, m, r) {
  if (r.state !== 'delivered') throw new Fault('odd-kind');
  if (a.state === 'revoked' || a.state === 'expired') throw new Fault('odd-late');
  believe(a, r, m.receipt);
  for (const d of r.documents) a.named.add(d.sha256);
  a.receipt ??= r; // the answer may come after what it announces
  if (a.state === 'waiting' || a.state === 'refused') a.state = less(a.request, r) ? 'narrowed' : 'granted';
  for (const { name, type, body } of m.documents) {
    const sum = toBase64url(await sha256(body));
    const given = r.documents.find((d) => d.sha256 === sum && d.bytes === body.length);
    if (!given) a.odd.push('odd-document');
    else if (!a.papers.some((p) => p.sum === sum)) a.papers.push({ name, type: given.type || type, body, sum });
  }
  return 'delivered';
}

/**
 * Takes off what was shown: taken back, or its time is over.
 * @param {Asked} a @param {'revoked' | 'expired'} state
 * @returns {'revoked'}
 */
export function end(a, state) {
  a.state = state;
  a.gone += a.papers.length;
  for (const p of a.papers) p.body.fill(0);
  a.papers = [];
  return 'revoked';
}

/** How many documents a receipt names that have not come. @param {Asked} a */
export const missing = (a) => [...a.named].filter((sum) => !a.papers.some((p) => p.sum === sum)).length;

const seconds = (/** @type {string} */ s) => Math.floor(Date.parse(s) / 1000);
const begins = (/** @type {{from?: string}} */ d) => d.from ?? '';
const ends = (/** @type {{to?: string}} */ d) => d.to ?? '9999-12-31';

/** Whether somebody gave more than was asked, which no wallet of ours does. @param {import('./request.js').Request} q @param {Receipt} r */
function wider(q, { terms: g }) {
  return g.kinds.some((k) => !q.kinds.includes(k)) || seconds(g.until) > q.until || (g.repeat !== q.repeat && g.repeat !== 'once')
    || (g.after !== q.after && g.after !== 'view') || begins(g.dates) < begins(q.dates) || ends(g.dates) > ends(q.dates) || g.purpose.code !== q.purpose.code;
}

/** Whether less than what was asked was given. @param {import('./request.js').Request} q @param {Receipt} r */
function less(q, { state, terms: g }) {
  return state === 'narrowed' || g.kinds.length < q.kinds.length || seconds(g.until) < q.until || g.repeat !== q.repeat || g.after !== q.after
    || begins(g.dates) > begins(q.dates) || ends(g.dates) < ends(q.dates) || !!g.records?.length;
}

/** Whether what was agreed may be kept: printed, saved. @param {Asked} a */
export const keeps = (a) => a.receipt?.terms.after === 'keep';

/**
 * What the receiver says of a receipt: that it has it. A message for the mailbox that the answer names.
 * @param {string} receipt  JWS @param {import('./desk-key.js').Desk} by @param {string} mailbox @param {string} re @param {number} at  unix seconds
 */
export async function countersigned(receipt, by, mailbox, re, at) {
  const from = { name: by.name, ...(by.ids.length ? { ids: by.ids } : {}), ...(by.origin ? { origin: by.origin } : {}), jwk: JSON.parse(by.signer.public.text) };
  const text = canonical({ v: 'potli-countersignature/1', receipt: await hash(receipt), at, from });
  const m = await create('receipt', mailbox, { name: by.name, ids: by.ids, origin: by.origin }, at);
  return pack({ ...m, receipt: await sign(by.signer, 'potli-countersignature+jws', utf8(text)), re }, by.signer);
}
