// The pictures of drop.js: elements made of its state, and nothing else.
import { byId, h } from './dom.js';
import { format } from './fhir.js';
import { maxName } from './message.js';

/**
 * @typedef {import('./drop.js').Job} Job
 * @typedef {import('./drop.js').Code} Code
 * @typedef {import('./bytes.js').Fault} Fault
 * @typedef {import('./drop.js').Desk & {now: () => number, who: {name: string, number: string}, own: import('./desk-key.js').Desk | null,
 *   over: (code: Code) => boolean, noteOf: (j: Job) => string, acts: any}} View
 */

/** Of photos, documents and records; what a file is is decided by its bytes. */
const accepted = '.pdf,.jpg,.jpeg,.png,.webp,.heic,.heif,.json,.xml,.txt,.htm,.html,application/pdf,image/jpeg,image/png,image/webp,image/heic,application/json,application/fhir+json,text/xml,application/xml,text/plain,text/html';

/** @param {View} v */
const time = (v, ms = v.now()) => format(v.context().lang, { timeStyle: 'short' }).format(ms);

/** @param {View} v @param {number} n */
export function size({ context }, n) {
  const [unit, by] = n >= 1e6 ? ['megabyte', 1e6] : ['kilobyte', 1e3];
  return new Intl.NumberFormat(context().lang + '-u-nu-latn', { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: n >= 1e6 ? 1 : 0 }).format(n ? Math.max(1, n / by) : 0);
}

/** @param {View} v @param {number} ms */
function span({ t }, ms) {
  const s = ms / 1000;
  return s < 7200 ? t('time.min', { n: Math.max(1, Math.ceil(s / 60)) }) : s < 172800 ? t('time.h', { n: Math.round(s / 3600) }) : t('time.d', { n: Math.round(s / 86400) });
}

/** @param {string} text @param {string} id @param {any} click @param {string} [look] */
const button = (text, id, click, look = '') => h('button', { type: 'button', class: `button ${look}`, id, on: { click } }, text);

/** @param {View} v @param {Fault} fault */
function alert(v, fault) {
  const { t } = v;
  const key = `fault.${fault.code}`;
  const args = { time: time(v), status: fault.detail.status ?? '' };
  return h('div', { class: 'banner danger', role: 'alert', id: 'drop-fault', 'data-fault': fault.code },
    h('p', null, h('strong', null, t(key, args, t('fault.drop-refused', args)))),
    t(`${key}.do`, {}, '') && h('p', null, t(`${key}.do`, args)));
}

/** @param {View} v @param {Fault} [fault] @returns {Node[]} */
export function start(v, fault) {
  const { t, heading, acts } = v;
  const box = h('textarea', { id: 'drop-link', rows: '3', required: true, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', 'aria-describedby': 'drop-link-help' });
  const submit = (/** @type {Event} */ e) => {
    e.preventDefault();
    acts.read(box.value);
  };
  return [heading('drop.start'), fault && alert(v, fault),
    h('p', null, t('drop.start.how')),
    h('p', null, button(t('drop.scan'), 'drop-scan', acts.scan, 'big')),
    h('form', { autocomplete: 'off', on: { submit } }, h('label', { for: 'drop-link' }, t('drop.paste')), h('p', { id: 'drop-link-help', class: 'note' }, t('drop.paste.help')), box,
      h('button', { type: 'submit', class: 'button quiet', id: 'drop-open' }, t('start.go')))].filter(Boolean);
}

/** @param {View} v @returns {Node[]} */
export const looking = ({ t, heading }) => [heading('drop.look'), h('p', { class: 'wait' }, t('drop.look.how'))];

/** @param {View} v @param {Fault} fault @returns {Node[]} */
export const over = (v, fault) => [v.heading('drop.start'), alert(v, fault), next(v)];

/** @param {View} v */
const next = ({ t, acts }) => h('p', null, button(t('drop.next'), 'drop-next', acts.scan, 'big'));

/** A code that no browser can send under. @param {View} v @param {Code} code @returns {Node[]} */
export const system = (v, code) => [v.heading('drop.system'),
  h('p', null, v.t('drop.system.text', { name: code.name || v.t('drop.nobody') })),
  h('ul', null, h('li', null, v.t('drop.system.ask')), h('li', null, v.t('drop.system.tool'), ' ', h('code', { dir: 'ltr' }, 'potli-clinic drop'))),
  next(v)];

/** @param {View} v @returns {Node[]} */
export function filming({ t, heading, acts }) {
  return [heading('drop.filming'), h('p', null, t('drop.filming.how')),
    h('video', { id: 'drop-video', class: 'film', muted: true, playsinline: true, 'aria-label': t('film.video') }),
    h('p', { id: 'drop-hint', class: 'note', role: 'status' }),
    h('div', { class: 'actions' }, button(t('film.stop'), 'drop-stop', acts.back, 'quiet'))];
}

/** How long a code still lives. @param {View} v @param {Code} code */
export function until(v, code) {
  const ends = 1000 * code.exp;
  const day = new Date(ends).toDateString() === new Date(v.now()).toDateString() ? {} : { dateStyle: /** @type {const} */ ('long') };
  const at = format(v.context().lang, { ...day, timeStyle: 'short' }).format(ends);
  return v.over(code) ? v.t('drop.until.past', { time: at }) : v.t('drop.until.left', { time: at, span: span(v, ends - v.now()) });
}

/** Whose code it is and what it allows. @param {View} v @param {Job} j */
function facts(v, { code, had, bytes }) {
  const { t } = v;
  const row = (/** @type {string} */ key, /** @type {string} */ what, /** @type {string} */ id) => h('div', null, h('dt', null, t(key)), h('dd', { id, dir: 'auto' }, what));
  return h('dl', { class: 'facts link-facts' },
    row('drop.for', code.name || t('drop.nobody'), 'drop-name'),
    row('drop.until', until(v, code), 'drop-until'),
    row('drop.room', t('drop.room.is', { n: Math.max(0, code.n - had), size: size(v, Math.max(0, code.max - bytes)) }), 'drop-room'));
}

/** @param {View} v @param {Job} j @returns {Node[]} */
export function form(v, j) {
  const { t, acts } = v;
  const list = h('div', { id: 'drop-list' });
  const go = h('button', { type: 'submit', class: 'button big', id: 'drop-send' });
  const tell = () => {
    const papers = j.papers.filter((p) => !p.at);
    const bytes = papers.reduce((n, p) => n + p.size, 0);
    go.textContent = papers.length ? t('drop.send', { n: papers.length, size: size(v, bytes) }) : t('drop.send.note');
  };
  const again = () => {
    if (!j.fault) document.getElementById('drop-fault')?.remove();
    list.replaceChildren(...chosen(v, j, again));
    tell();
  };
  again();
  const submit = (/** @type {Event} */ e) => {
    e.preventDefault();
    acts.send();
  };
  return [h('h1', { tabindex: '-1' }, t('drop.form')),
    j.fault && alert(v, j.fault),
    facts(v, j), h('p', { class: 'note' }, t('drop.claim')),
    h('form', { autocomplete: 'off', class: 'drop-form', on: { submit } },
      picker(v, again), list, note(v, j), sender(v), go),
    h('div', { class: 'actions' }, j.fault && button(t('drop.scan.again'), 'drop-scan', acts.scan, 'quiet'), button(t('drop.leave'), 'drop-leave', acts.leave, 'quiet'))].filter(Boolean);
}

/** @param {View} v @param {() => void} again */
function picker({ t, acts, say }, again) {
  const take = async (/** @type {Iterable<File>} */ files) => {
    await acts.files(files);
    again();
    say(t('drop.files.n', { n: document.querySelectorAll('#drop-list [data-paper]').length }));
  };
  const input = h('input', { id: 'drop-files', class: 'sr', type: 'file', multiple: true, accept: accepted, 'aria-describedby': 'drop-files-help', on: { change: () => take([...input.files]).then(() => (input.value = '')) } });
  const zone = h('div', { class: 'drop-zone' }, h('h2', null, t('drop.files')), input, h('label', { for: 'drop-files', class: 'button' }, t('drop.files.choose')),
    h('p', { id: 'drop-files-help', class: 'note' }, t('drop.files.help')));
  for (const type of ['dragover', 'dragleave', 'drop']) {
    zone.addEventListener(type, (/** @type {DragEvent} */ e) => {
      e.preventDefault();
      zone.classList.toggle('over', type === 'dragover');
      if (type === 'drop') take([...(e.dataTransfer?.files ?? [])]);
    });
  }
  return zone;
}

/** What was chosen, and what cannot be sent. @param {View} v @param {Job} j @param {() => void} again */
function chosen(v, j, again) {
  const { t, acts } = v;
  const remove = (/** @type {import('./drop.js').Job['papers'][0]} */ p) => () => {
    acts.remove(p);
    again();
    document.getElementById('drop-files')?.focus();
  };
  return [
    ...j.refused.map((r) => h('p', { class: 'banner warn', role: 'alert', 'data-refused': r.name }, h('strong', { dir: 'auto' }, r.name), ': ', t(`drop.file.${r.why}`))),
    j.papers.length > 0 && h('ul', { class: 'drop-papers' }, j.papers.map((p) => h('li', { 'data-paper': p.name }, row(v, p),
      !p.at && h('button', { type: 'button', class: 'link', 'aria-label': t('drop.remove.one', { name: p.name }), on: { click: remove(p) } }, t('drop.remove'))))),
  ].filter(Boolean);
}

/** @param {View} v @param {import('./drop.js').Job['papers'][0]} p */
const row = (v, p) => h('span', { class: 'drop-paper' }, h('b', { dir: 'auto' }, p.name), ' ',
  h('small', null, v.t(`drop.type.${p.type}`, {}, p.type), ' · ', size(v, p.size), p.at !== undefined && [' · ', h('span', { class: 'part good' }, '✓ ', v.t('drop.at', { time: time(v, p.at) }))]));

/** @param {View} v @param {Job} j */
function note(v, j) {
  const { t, acts } = v;
  if (j.note.at) return h('p', { class: 'part good' }, '✓ ', t('drop.note'), ' · ', t('drop.at', { time: time(v, j.note.at) }));
  const fields = h('div');
  const field = (/** @type {'text' | 'complaint' | 'findings' | 'advice'} */ key, /** @type {number} */ most, /** @type {string} */ rows) => {
    const id = key === 'text' ? 'drop-note' : `drop-${key}`;
    const box = h('textarea', { id, rows, maxlength: String(most), 'aria-describedby': key === 'text' ? 'drop-note-help' : '', on: { input: () => { j.note[key] = box.value; acts.changed(); } } });
    box.value = j.note[key];
    return [h('label', { for: id }, t(`drop.note.${key}`)), box];
  };
  const draw = () => fields.replaceChildren(...(j.note.visit ? [...field('complaint', 6000, '2'), ...field('findings', 6000, '3'), ...field('advice', 6000, '3')] : field('text', 20000, '4')));
  const form = h('button', { type: 'button', class: 'link', id: 'drop-note-form', 'aria-pressed': String(j.note.visit), on: { click: () => {
    j.note.visit = !j.note.visit;
    form.setAttribute('aria-pressed', String(j.note.visit));
    acts.changed();
    draw();
  } } }, t('drop.note.parts'));
  draw();
  return h('section', { class: 'drop-note' }, h('h2', null, t('drop.note')), h('p', { id: 'drop-note-help', class: 'note' }, t('drop.note.help')), form, fields);
}

/** Who the person is told it is from. @param {View} v */
function sender({ t, who, own, acts }) {
  if (own) {
    return h('section', { class: 'drop-sender' }, h('h2', null, t('drop.who')), h('p', { id: 'drop-signed' }, '✓ ', t('drop.who.signed', { name: own.name })),
      h('p', { class: 'note' }, own.ids.map((i) => i.value).join(', ')));
  }
  const field = (/** @type {'name' | 'number'} */ key, /** @type {string} */ id, /** @type {boolean} */ required) => {
    const box = h('input', { id, type: 'text', required, maxlength: String(key === 'name' ? maxName : 64), autocomplete: 'off', spellcheck: 'false', 'aria-describedby': `${id}-help`,
      on: { input: () => { who[key] = box.value; acts.changed(); } } });
    box.value = who[key];
    return [h('label', { for: id }, t(`drop.who.${key}`)), h('p', { id: `${id}-help`, class: 'note' }, t(`drop.who.${key}.help`)), box];
  };
  return h('section', { class: 'drop-sender' }, h('h2', null, t('drop.who')), field('name', 'drop-from', true), field('number', 'drop-number', false),
    h('p', { class: 'note' }, t('drop.who.unsigned')),
    h('p', null, h('a', { class: 'link drop-desk', id: 'drop-desk', href: '/clinic', target: '_blank', rel: 'noopener' }, t('drop.who.desk'))));
}

/** @param {Job} j */
const weight = (j) => j.parts.reduce((n, p) => n + p.weight, 0);

/** @param {View} v @param {Job} j @returns {Node[]} */
export function sending(v, j) {
  const { t, acts } = v;
  return [h('h1', { tabindex: '-1' }, t('drop.sending')), h('p', null, t('drop.sending.to', { name: j.code.name || t('drop.nobody') })),
    h('progress', { id: 'drop-progress', max: String(Math.max(1, weight(j))), value: String(j.sent), 'aria-labelledby': 'drop-count' }),
    h('p', { id: 'drop-count', class: 'drop-count' }, t('drop.count', { done: size(v, j.sent), all: size(v, weight(j)) })),
    h('p', { id: 'drop-wait', class: 'banner warn', role: 'status', hidden: true }),
    h('ul', { id: 'drop-papers', class: 'drop-papers' }, j.papers.map((p) => h('li', { 'data-paper': p.name }, row(v, p)))),
    h('div', { class: 'actions' }, button(t('drop.cancel'), 'drop-cancel', acts.cancel, 'quiet'))];
}

/** How far it is, on the page as it stands. @param {View} v @param {Job} j */
export function moved(v, j) {
  const bar = /** @type {HTMLProgressElement | null} */ (document.getElementById('drop-progress'));
  if (!bar) return;
  bar.value = j.sent;
  byId('drop-count').textContent = v.t('drop.count', { done: size(v, j.sent), all: size(v, weight(j)) });
  const arrived = String(j.papers.filter((p) => p.at).length);
  if (bar.dataset.arrived === arrived) return;
  bar.dataset.arrived = arrived;
  byId('drop-papers').replaceChildren(...j.papers.map((p) => h('li', { 'data-paper': p.name }, row(v, p))));
}

/** @param {View} v @param {'' | 'offline' | 'busy'} why */
export function waits({ t }, why) {
  const line = document.getElementById('drop-wait');
  if (!line) return;
  line.hidden = !why;
  line.textContent = why && t(`drop.wait.${why}`);
}

/** @param {View} v @param {Job} j @returns {Node[]} */
export function done(v, j) {
  const { t, acts } = v;
  return [h('h1', { tabindex: '-1' }, t('drop.done')),
    h('p', null, t('drop.done.text', { name: j.code.name || t('drop.nobody') })),
    h('ul', { class: 'drop-papers', id: 'drop-arrived' },
      j.papers.map((p) => h('li', { 'data-paper': p.name }, row(v, p))),
      j.note.at && h('li', null, h('span', { class: 'drop-paper' }, h('b', null, t('drop.note')), ' ', h('small', null, h('span', { class: 'part good' }, '✓ ', t('drop.at', { time: time(v, j.note.at) })))))),
    next(v),
    h('div', { class: 'actions' }, button(t('drop.more'), 'drop-more', acts.more, 'quiet'), button(t('clear'), 'drop-clear', acts.leave, 'quiet'))];
}
