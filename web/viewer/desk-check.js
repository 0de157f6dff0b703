// Checks a receipt without asking anybody: pasted, filmed or out of a file. It says what was agreed and by whom it was
// signed, and what a receipt cannot say: whose that key is, and whether the consent has been taken back since.
import { Fault, asFault, fromUTF8 } from './bytes.js';
import { format } from './fhir.js';
import { alert } from './desk.js';
import { h } from './dom.js';
import { fingerprint } from './desk-key.js';
import { groups } from './request.js';
import { find, verify } from './verify.js';

/** @typedef {import('./desk.js').Room} Room */
/** @typedef {import('./words.js').Say} Say */
/** @typedef {import('./verify.js').Receipt} Receipt */

const mostFile = 1 << 20;

/** Whether a text may be a receipt. @param {string} text */
export const looksLike = (text) => find(text).startsWith('eyJ');

/** @param {Room} room @param {string} [text]  what is to be checked at once @returns {Node[]} */
export function picture(room, text) {
  const { page: { t, heading }, desk, go } = room;
  const box = h('textarea', { id: 'receipt', rows: '5', required: true, autocomplete: 'off', spellcheck: 'false', dir: 'ltr', 'aria-describedby': 'receipt-help', 'data-focus': '' });
  box.value = text ?? '';
  const result = h('div', { id: 'verified', 'aria-live': 'polite' });
  const tell = async (/** @type {string} */ s) => result.replaceChildren(...(await outcome(room, s)));
  const file = h('input', { type: 'file', id: 'receipt-file', accept: '.jws,.txt,.json,application/jose,text/plain,application/json', on: { change: async () => tell(await contents(file.files?.[0])) } });
  const scan = { title: 'verify.title', take: (/** @type {string} */ s) => (looksLike(s) ? Promise.resolve(go('check', s)) : null), back: () => go('check') };
  if (text) tell(text);
  return [heading('verify.title'), h('p', null, t('verify.text')),
    h('form', { autocomplete: 'off', on: { submit: (/** @type {Event} */ e) => { e.preventDefault(); tell(box.value); } } },
      h('label', { for: 'receipt' }, t('verify.label')), h('p', { id: 'receipt-help', class: 'note' }, t('verify.help')), box,
      h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'button', id: 'verify-go' }, t('verify.go')),
        h('button', { type: 'button', class: 'button quiet', id: 'verify-scan', on: { click: () => go('scan', scan) } }, t('verify.scan')))),
    h('label', { for: 'receipt-file' }, t('verify.file')), file, result,
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button quiet', id: 'desk-back', on: { click: () => go(desk ? 'list' : 'setup') } }, t('desk.back')))];
}

/** The receipt in a file: as text, or inside the FHIR Bundle that wallets export. @param {File | undefined} f */
async function contents(f) {
  if (!f || f.size > mostFile) return '';
  try {
    const text = fromUTF8(await f.arrayBuffer());
    const inside = text.startsWith('{') ? /"data"\s*:\s*"([\w+/=]+)"/.exec(text)?.[1] : undefined;
    return inside ? atob(inside) : text;
  } catch {
    return '';
  }
}

/** @param {Room} room @param {string} text @returns {Promise<Node[]>} */
async function outcome({ page: { t, context } }, text) {
  try {
    if (!text.trim()) throw new Fault('receipt-damaged');
    const r = await verify(find(text));
    return [h('section', { class: 'verified', 'data-good': 'true' },
      h('h2', { class: 'good', tabindex: '-1' }, t('verify.good')),
      ...agreed(t, context().lang, r),
      h('p', { class: 'note' }, t('verify.limits')))];
  } catch (err) {
    const fault = asFault(err, 'receipt-damaged');
    return [h('section', { class: 'verified', 'data-good': 'false', 'data-code': fault.code }, alert(t, fault), h('p', null, t(fault.code === 'no-ed25519' ? 'verify.unknown' : 'verify.bad')))];
  }
}

/** What a receipt says, in words. @param {Say} t @param {string} lang @param {Receipt} r @returns {Node[]} */
export function agreed(t, lang, r) {
  const { terms: g, actor } = r;
  const time = (/** @type {number} */ ms) => format(lang, { dateStyle: 'long', timeStyle: 'short' }).format(ms);
  const dates = g.dates.from || g.dates.to ? t('receipt.dates', { from: g.dates.from ?? '…', to: g.dates.to ?? '…' }) : t('receipt.any');
  /** @type {[string, string | undefined][]} */
  const facts = [
    ['what', t(`receipt.state.${r.state}`)], ['person', r.principal],
    ['by', actor.user === g.profile || actor.authority === 'self' ? actor.name : t('receipt.for', { name: actor.name, as: t(`receipt.as.${actor.authority}`, {}, actor.authority) })],
    ['to', [g.to.name, ...(g.to.ids ?? []).map((id) => id.value), g.to.origin].filter(Boolean).join(' · ')],
    ['purpose', [t(`purpose.${g.purpose.code}`, {}, g.purpose.code), g.purpose.text].filter(Boolean).join(': ')],
    ['kinds', kinds(t, g.kinds)], ['when', dates], ['records', g.records?.length ? t('receipt.chosen', { n: g.records.length }) : ''],
    ['repeat', t(`desk.repeat.${g.repeat}`, {}, g.repeat)], ['after', t(`desk.after.${g.after}`, {}, g.after)],
    ['issued', time(r.issued * 1000)], ['until', time(Date.parse(g.until))],
    ['given', r.documents.length ? t('receipt.documents', { n: r.documents.length }) : ''], ['notice', r.notice.text],
    ['device', fingerprint(r.signer.thumbprint)], ['root', fingerprint(r.root.thumbprint)],
  ];
  return [h('dl', { class: 'facts link-facts receipt' }, facts.map(([k, v]) => v && h('div', { 'data-fact': k }, h('dt', null, t(`receipt.${k}`)), h('dd', { dir: 'auto' }, v))))];
}

/** Kinds as people say them. @param {Say} t @param {string[]} all */
function kinds(t, all) {
  const named = new Map(Object.entries(groups).map(([g, k]) => [k, `group.${g}`]));
  return all.map((k) => t(named.get(k) ?? `kind.${k}`, {}, k)).join(', ');
}

