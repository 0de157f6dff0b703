// One request on the screen: its code, where it stands, what was agreed, and the documents that came.
import { asFault } from './bytes.js';
import { fileName, hold, inside, size, sniff } from './attachment.js';
import { watch } from './camera.js';
import { alert } from './desk.js';
import { keeps, missing } from './desk-answers.js';
import { agreed } from './desk-check.js';
import { read as readDocument } from './document.js';
import { byId, h } from './dom.js';
import { format } from './fhir.js';
import { look } from './open.js';
import { draw, picture as drawn } from './qr.js';
import { asked } from './request.js';
import { utf8 } from './seal.js';
import { show } from './show.js';

/**
 * @typedef {import('./desk.js').Room} Room
 * @typedef {import('./desk.js').Asked} Asked
 * @typedef {import('./desk-answers.js').Paper & {docs?: import('./main.js').Shown[]}} Paper
 * @typedef {import('./words.js').Say} Say
 * @typedef {{put: (a: Asked, code: string) => Promise<void>, drop: (a: Asked) => void}} Acts
 */

/** How a state looks. @type {Record<import('./desk-answers.js').State, string>} */
export const tones = { waiting: 'warn', granted: 'good', narrowed: 'good', refused: '', revoked: 'danger', expired: '' };

/** Whom a request is about: as their receipt has it, else as the desk does. @param {Say} t @param {Asked} a */
export const who = (t, a) => (a.receipt?.principal || a.request.about) || t('desk.nobody', { n: a.number });

/** Looks into documents that came, for the pages that show records. @param {Room} room @param {Asked} a */
export async function unfold({ page }, a) {
  for (const p of /** @type {Paper[]} */ (a.papers)) {
    if (p.docs || !/json|smart-health/.test(p.type)) continue;
    try {
      const { contents } = await look(p.body);
      p.docs = contents.flatMap(({ root, ...card }) => readDocument(root).map((doc) => ({ doc, ...card })));
    } catch {
      page.say(page.t('file.damaged')); // shown as the text that it is
    }
  }
}

/** @param {Room} room @param {Asked} a @param {Acts} acts @returns {Node[]} */
export function picture(room, a, acts) {
  const { page: { t, heading }, go } = room;
  const top = h('div', { class: 'bar' }, heading('desk.one.title'), h('div', { class: 'actions' },
    h('button', { type: 'button', class: 'button quiet', id: 'desk-back', on: { click: () => go('list') } }, t('desk.back')),
    a.papers.length > 0 && keeps(a) && h('button', { type: 'button', class: 'button', id: 'desk-print', on: { click: () => print() } }, t('print')),
    h('button', { type: 'button', class: 'button quiet', id: 'desk-clear', on: { click: () => acts.drop(a) } }, t('desk.clear'))));
  const waiting = a.state === 'waiting';
  return [top, standing(t, a), ...(waiting ? [code(room, a, acts)] : []), ...terms(room, a), ...papers(room, a)];
}

/** Where it stands, in words. @param {Say} t @param {Asked} a */
function standing(t, a) {
  const lost = missing(a);
  return h('section', { class: 'desk-standing', id: 'ask-state', 'data-state': a.state, 'data-counter': a.counter || 'none', 'data-papers': String(a.papers.length), 'data-sent': a.sent },
    h('p', { class: 'desk-who', dir: 'auto' }, who(t, a), h('span', { class: `badge ${tones[a.state]}` }, t(`desk.state.${a.state}`))),
    h('p', null, t(`desk.means.${a.state}`)),
    a.gone > 0 && h('p', { class: 'banner warn' }, t(a.state === 'revoked' ? 'desk.gone-revoked' : 'desk.gone-over', { n: a.gone })),
    lost > 0 && a.state !== 'revoked' && h('p', { class: 'note' }, t('desk.missing', { n: lost })),
    a.sent && h('p', { class: 'note' }, t('desk.sent', { name: a.sent })),
    a.line !== 'live' && !['revoked', 'refused', 'expired'].includes(a.state) && h('p', { class: 'banner warn' }, t(`desk.line.${a.line}`)),
    a.odd.length > 0 && h('p', { class: 'banner warn', id: 'desk-odd', 'data-codes': a.odd.join(' ') }, t('desk.odd', { n: a.odd.length }), ' ', t(`odd.${a.odd.at(-1)}`, {}, t('odd.odd-damaged'))),
    a.counter && h('p', { class: 'note' }, t(`desk.counter.${a.counter}`)));
}

/** The code that a telephone reads, the link, and the other way round: their code. @param {Room} room @param {Asked} a @param {Acts} acts */
function code(room, a, acts) {
  const { page: { t, context }, go } = room;
  const holder = h('div', { class: 'qr-holder' }, h('p', { class: 'wait' }, '…'));
  draw(a.link).then((d) => drawn(d, t('desk.qr'), holder), () => holder.replaceChildren(h('p', { class: 'banner warn' }, t('desk.qr-failed'))));
  const box = h('input', { id: 'ask-link', type: 'text', readonly: true, dir: 'ltr' });
  box.value = a.link;
  const said = h('p', { class: 'note', role: 'status' });
  const copy = async () => {
    box.select();
    said.textContent = t(await navigator.clipboard.writeText(a.link).then(() => 'desk.copied', () => 'desk.uncopied'));
  };
  const until = format(context().lang, { timeStyle: 'short', dateStyle: 'medium' }).format(a.request.expires * 1000);
  return h('section', { class: 'desk-code' },
    h('div', null, h('p', { class: 'desk-show' }, t('desk.show')), holder, h('p', { class: 'note' }, t('desk.until', { time: until }))),
    h('div', null,
      h('h2', null, t('desk.send')), h('label', { for: 'ask-link' }, t('desk.link')), box,
      h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button quiet', id: 'ask-copy', on: { click: copy } }, t('desk.copy'))), said,
      h('h2', null, t('desk.drop')), h('p', { class: 'note' }, t('desk.drop-text')),
      h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button quiet', id: 'desk-scan', on: { click: () => go('scan', { title: 'desk.drop', take: (/** @type {string} */ s) => (/\/drop#/.test(s) ? acts.put(a, s) : null), back: () => go('one', a) }) } }, t('desk.scan'))), pasted(room, a, acts)));
}

/** A code of theirs, as text. @param {Room} room @param {Asked} a @param {Acts} acts */
function pasted({ page: { t } }, a, acts) {
  const box = h('input', { id: 'drop-link', type: 'text', autocomplete: 'off', spellcheck: 'false', dir: 'ltr', required: true });
  const fault = h('div');
  const submit = (/** @type {Event} */ e) => {
    e.preventDefault();
    acts.put(a, box.value).catch((err) => fault.replaceChildren(alert(t, asFault(err, 'offline'))));
  };
  return h('form', { autocomplete: 'off', on: { submit } }, h('label', { for: 'drop-link' }, t('desk.drop-link')), box, fault,
    h('button', { type: 'submit', class: 'button quiet', id: 'drop-put' }, t('desk.drop-put')));
}

/** What was agreed, or asked. @param {Room} room @param {Asked} a @returns {Node[]} */
function terms({ page: { t, context } }, a) {
  if (!a.receipt) return [h('details', null, h('summary', null, t('desk.asked')), h('p', null, asked(a.request).map((g) => t(`group.${g}`)).join(', ')))];
  const last = a.state === 'revoked' ? a.receipts.length - 1 : a.receipts.indexOf(a.receipt);
  const c = context();
  return [h('details', { class: 'desk-agreed', id: 'desk-agreed' }, h('summary', null, t('desk.agreed')), ...agreed(t, c.lang, a.receipts[last]),
    h('h2', { id: 'receipt-head', class: 'desk-papers' }, t('desk.receipt')), h('p', { class: 'note' }, t('desk.receipt-text')),
    h('pre', { class: 'text', id: 'receipt-text', tabindex: '0', dir: 'ltr', 'aria-labelledby': 'receipt-head' }, a.jws[last]),
    h('p', { class: 'actions' }, saving(c, utf8(a.jws[last]), 'text/plain', t('desk.receipt'))))];
}

/** @param {Room} room @param {Asked} a @returns {Node[]} */
function papers({ page: { t, context } }, a) {
  if (!a.papers.length) return [];
  const c = { ...context(), view: !keeps(a) };
  const all = /** @type {Paper[]} */ (a.papers);
  return [h('h2', { class: 'desk-papers' }, t('desk.came', { n: all.length })),
    h('p', { class: 'banner', id: 'desk-after' }, t(c.view ? 'desk.only-view' : 'desk.may-keep')),
    h('div', { class: c.view ? 'view-only' : '' }, all.map((p, i) => h('section', { class: 'paper', 'data-sum': p.sum },
      h('p', { class: 'file', dir: 'auto' }, p.name || t('desk.paper', { n: i + 1 })),
      !c.view && h('p', { class: 'actions' }, saving(c, p.body, p.type, p.name || 'document')),
      p.docs?.length ? p.docs.map((d, k) => show(c, d.doc, { n: 100 * (i + 1) + k, of: 1, issuer: d.issuer, issued: d.issued })) : inside(c, p.body, p.type, p.name)))),
    h('p', { class: 'print-none' }, t('desk.only-view'))];
}

/**
 * A link that saves a file as it came.
 * @param {import('./fhir.js').Context} c @param {Uint8Array<ArrayBuffer>} b @param {string} type @param {string} title
 */
function saving(c, b, type, title) {
  const ext = new Map([['application/pdf', 'pdf'], ['image/png', 'png'], ['image/jpeg', 'jpg'], ['image/webp', 'webp']]).get(sniff(b)) ?? (/json/.test(type) ? 'json' : /xml/.test(type) ? 'xml' : 'txt');
  const url = hold(new Blob([b], { type: 'application/octet-stream' }));
  return h('a', { class: 'button quiet', href: url, download: fileName(title, ext) }, c.t('file.save', { size: size(b.length) }), h('span', { class: 'sr' }, ` ${title}`));
}

/** @typedef {{title: string, take: (text: string) => Promise<void> | null, back: () => void}} Scan  take: null for a code that is not looked for */

/** @param {Room} room @param {Scan} scan @returns {Node[]} */
export const scanning = ({ page: { t, heading } }, scan) => [heading(scan.title),
  h('p', null, t('desk.scan-how')), h('video', { id: 'desk-video', class: 'film', muted: true, playsinline: true, 'aria-label': t('desk.video') }),
  h('p', { id: 'desk-hint', class: 'note', role: 'status' }), h('div', { id: 'desk-fault' }),
  h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button quiet', id: 'desk-stop', on: { click: scan.back } }, t('desk.back')))];

/** Films until a code is taken. @param {Room} room @param {AbortSignal} signal @param {Scan} scan */
export async function film({ page: { t } }, signal, scan) {
  try {
    await watch(/** @type {HTMLVideoElement} */ (byId('desk-video')), signal, async (text) => {
      const done = scan.take(text);
      if (!done) byId('desk-hint').textContent = t('desk.scan-other');
      await done;
      return !!done;
    });
  } catch (err) {
    if (!signal.aborted) document.getElementById('desk-fault')?.replaceChildren(alert(t, asFault(err, 'no-reader')));
  }
}
