// Who the desk is: its name, its numbers in registries, its key. All that this page ever keeps.
import { Fault, asFault } from './bytes.js';
import { format } from './fhir.js';
import { byId, h } from './dom.js';
import { alert } from './desk.js';
import { fingerprint, jwks } from './desk-key.js';
import { line } from './message.js';

/** @typedef {import('./desk.js').Room} Room */
/** @typedef {(party: import('./desk-key.js').Party, fresh: boolean) => Promise<void>} Keep */

/** Registries of India, as FHIR names them. */
const registries = { hfr: 'https://facility.abdm.gov.in', hpr: 'https://doctor.abdm.gov.in' };

/** What was typed and not saved, for another language and another try. @type {Map<string, string>} */
const unsaved = new Map();

/** @param {import('./words.js').Say} t @param {string} id @param {string} value @param {Record<string, any>} more */
const input = (t, id, value, more) => {
  const box = h('input', { id, type: 'text', autocomplete: 'off', spellcheck: 'false', 'aria-describedby': `${id}-help`, ...more, on: { input: () => unsaved.set(id, box.value) } });
  box.value = unsaved.get(id) ?? value;
  return [h('label', { for: id }, t(`desk.setup.${id}`)), h('p', { id: `${id}-help`, class: 'note' }, t(`desk.setup.${id}-help`)), box];
};

/** @param {Room} room @param {Keep} keep @param {Fault} [fault] @returns {Node[]} */
export function form({ page: { t, heading }, desk, go }, keep, fault) {
  const number = (/** @type {string} */ system) => desk?.ids.find((id) => id.system === system)?.value ?? '';
  const submit = async (/** @type {Event} */ e) => {
    e.preventDefault();
    try {
      await keep(read(), false);
      unsaved.clear();
    } catch (err) {
      go('setup', asFault(err, 'not-kept'));
    }
  };
  return [heading(desk ? 'desk.setup.again' : 'desk.setup.title'),
    h('p', null, t('desk.setup.text')),
    fault && alert(t, fault),
    h('form', { id: 'desk-setup', autocomplete: 'off', on: { submit } },
      input(t, 'clinic-name', desk?.name ?? '', { required: true, maxlength: '120', 'data-focus': '' }),
      input(t, 'clinic-hfr', number(registries.hfr), { maxlength: '64', autocapitalize: 'characters' }),
      input(t, 'clinic-hpr', number(registries.hpr), { maxlength: '64' }),
      input(t, 'clinic-origin', desk?.origin ?? '', { maxlength: '200', inputmode: 'url', autocapitalize: 'none' }),
      h('button', { class: 'button big', type: 'submit', id: 'desk-save' }, t('desk.setup.save')),
      desk && h('button', { class: 'button quiet', type: 'button', on: { click: () => go('key') } }, t('cancel'))),
    h('p', { class: 'note' }, t('desk.setup.keeps'))].filter((n) => !!n);
}

/** What was typed. Throws Fault: desk-name, desk-origin. */
function read() {
  const typed = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id)).value;
  const name = line(typed('clinic-name'), 120);
  if (!name) throw new Fault('desk-name');
  const ids = Object.entries(registries).map(([id, system]) => ({ system, value: line(typed(`clinic-${id}`), 64) })).filter((id) => id.value);
  return { name, ids, origin: origin(typed('clinic-origin').trim()) };
}

/** The origin of an address as people write it. @param {string} s */
function origin(s) {
  if (!s) return '';
  try {
    const url = new URL(s.includes('://') ? s : `https://${s}`);
    if (url.protocol === 'https:' && url.hostname.includes('.') && url.origin.length <= 200) return url.origin;
  } catch {
    // said below
  }
  throw new Fault('desk-origin');
}

/** The key: how others recognise it, how it is published, replaced and erased. @param {Room} room @param {Keep} keep @param {() => Promise<void>} forget @returns {Node[]} */
export function key({ page: { t, heading, context }, desk, go }, keep, forget) {
  if (!desk) return [heading('desk.key')];
  const k = desk.signer.public;
  const made = format(context().lang, { dateStyle: 'long' }).format(desk.made);
  const certain = (/** @type {string} */ id, /** @type {() => unknown} */ act) => h('details', { id: `desk-${id}-box` }, h('summary', null, t(`desk.key.${id}`)),
    h('p', null, t(`desk.key.${id}-text`)), h('button', { type: 'button', class: 'button', id: `desk-${id}`, on: { click: act } }, t(`desk.key.${id}-go`)));
  return [heading('desk.key'),
    h('dl', { class: 'facts link-facts' },
      h('div', null, h('dt', null, t('desk.setup.clinic-name')), h('dd', { dir: 'auto' }, desk.name)),
      desk.ids.map((id) => h('div', null, h('dt', null, id.system === registries.hfr ? 'HFR' : 'HPR'), h('dd', { dir: 'ltr' }, id.value))),
      desk.origin && h('div', null, h('dt', null, t('desk.setup.clinic-origin')), h('dd', { dir: 'ltr' }, desk.origin)),
      h('div', null, h('dt', null, t('desk.key.print', { alg: k.alg === 'EdDSA' ? 'Ed25519' : 'P-256', date: made })), h('dd', { class: 'print-of-key', id: 'desk-fingerprint', dir: 'ltr' }, fingerprint(k.thumbprint)))),
    h('p', null, t('desk.key.text')),
    h('label', { for: 'desk-jwks' }, t('desk.key.jwks')), h('p', { class: 'note' }, t('desk.key.jwks-text', { address: `${desk.origin || 'https://…'}/.well-known/jwks.json` })),
    h('pre', { class: 'text', id: 'desk-jwks', tabindex: '0', dir: 'ltr' }, jwks(desk.signer)),
    h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'button', on: { click: () => go('list') } }, t('desk.back')),
      h('button', { type: 'button', class: 'button quiet', id: 'desk-rename', on: { click: () => go('setup') } }, t('desk.setup.again'))),
    certain('replace', () => keep(desk, true)), certain('erase', forget)];
}
