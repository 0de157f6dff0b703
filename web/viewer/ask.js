// /ask#…: what a person sees whose telephone opened the code of a clinic with its plain camera. It says what it is, gives
// nothing, and leads to the wallet, which shows who asks for what and lets the person decide.
import { Fault, asFault } from './bytes.js';
import { h } from './dom.js';
import { format } from './fhir.js';
import { purposes, read } from './request.js';

/** @typedef {import('./screen.js').Desk} Page */

export const words = ['ask'];
let app = ''; // the wallet's origin

/** @param {Page} page @param {string} text */
export async function open(page, text) {
  try {
    if (!text) throw new Fault('ask-none');
    const q = await read(text.includes('#') ? text : `/ask#${text}`);
    app ||= (await (await fetch(new URL('config.json', import.meta.url))).json()).app;
    page.become({ name: 'screen', step: 'asked', picture: () => asked(page, q) });
  } catch (err) {
    const fault = asFault(err, 'offline');
    page.become({ name: 'screen', step: 'asked', picture: () => nothing(page, fault) });
  }
}

/** @param {Page} page */
export const home = (page) => void open(page, '');

/** @param {Page} page @param {Awaited<ReturnType<typeof read>>} q */
function asked({ t, heading, now, context }, q) {
  const until = format(context().lang, { dateStyle: 'long', timeStyle: 'short' }).format(q.expires * 1000);
  const late = q.expires * 1000 <= now();
  const copied = h('p', { class: 'note', role: 'status', id: 'asked-copied' });
  const copy = async () => {
    copied.textContent = t(await navigator.clipboard.writeText(`${location.origin}/ask#${q.link}`).then(() => 'asked.copied', () => 'asked.uncopied'));
  };
  return [heading('asked.title'),
    h('dl', { class: 'facts link-facts' },
      h('div', null, h('dt', null, t('asked.who')), h('dd', { class: 'host', dir: 'auto', id: 'asked-name' }, q.name)),
      h('div', null, h('dt', null, t('asked.why')), h('dd', { dir: 'auto' }, purposes.includes(q.purpose) ? t(`purpose.${q.purpose}`) : t('purpose.other'), q.why && h('p', { class: 'sub' }, q.why))),
      h('div', null, h('dt', null, t('asked.until')), h('dd', null, until))),
    h('p', { class: 'note' }, t('asked.claim')),
    late ? h('p', { class: 'banner warn', role: 'alert' }, t('asked.late')) : h('div', null,
      h('p', null, t('asked.text')),
      h('p', null, h('a', { class: 'button big', id: 'take', href: `${app}/take#${q.link}`, rel: 'noreferrer', 'data-focus': '' }, t('asked.go'))),
      h('p', { class: 'note' }, t('asked.nothing'))),
    h('details', null, h('summary', null, t('asked.none')),
      h('p', null, t('asked.none-text')),
      h('p', null, h('button', { type: 'button', class: 'button quiet', id: 'asked-copy', on: { click: copy } }, t('asked.copy'))), copied)];
}

/** @param {Page} page @param {Fault} fault */
function nothing({ t, heading }, fault) {
  return [heading('asked.title'), h('div', { class: 'banner danger', role: 'alert' }, h('p', null, h('strong', null, t(`fault.${fault.code}`, {}, t('fault.unreadable')))), h('p', null, t('asked.again')))];
}
