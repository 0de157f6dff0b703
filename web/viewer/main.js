// The clinic's page: from a link to a record on the screen, and back to nothing.
//
//	address or paste ─▶ ask (name, click) ─▶ requests ─▶ decrypt ─▶ show ─▶ clear
//	a phone's screen ─▶ screen.js ─▶ show ─▶ clear
//
// One state at a time; draw() makes the screen from it, also anew when the language changes. State lives in this
// module's memory and nowhere else: no storage, no cookie, no worker.
import { Fault, asFault } from './bytes.js';
import { releaseAll } from './attachment.js';
import { byId, h } from './dom.js';
import { date, format } from './fhir.js';
import { decrypt, look } from './open.js';
import { parse, tidy } from './link.js';
import { read } from './document.js';
import { receive } from './receive.js';
import { onFragment } from './scrub.js';
import { show } from './show.js';
import { choose, direction, languages, load } from './words.js';

/** Other pages, fetched when asked for. @type {Record<string, () => Promise<import('./screen.js').Mode>>} */
const modes = {
  '/clinic': () => import('./desk.js'),
  '/ask': () => import('./ask.js'),
  '/drop': () => import('./drop.js'),
};

/**
 * @typedef {import('./link.js').Link} Link
 * @typedef {{doc: import('./document.js').Document, issuer?: string, issued?: number}} Shown
 * @typedef {{name: 'start', fault?: Fault}
 *   | {name: 'ask', link: Link, fault?: Fault}
 *   | {name: 'busy', link: Link, stop: AbortController}
 *   | {name: 'open', link: Link, docs: Shown[], faults: Fault[], at: number, again: number}
 *   | {name: 'screen', picture: () => Node[], stop?: AbortController, step?: string}
 *   | {name: 'cleared'}} State
 */

/** @type {import('./screen.js').Mode | undefined} */
let mode;


/** @type {State} */
let state = { name: 'start' };
/** @type {import('./words.js').Say} */
let t = (key) => key;
let lang = ''; // until a catalogue has come
let reader = ''; // the name given, for another try; gone with the page
let blockedUntil = 0; // Retry-After of the host

const now = () => Date.now();
const seconds = () => Math.floor(now() / 1000);
/** @returns {import('./fhir.js').Context} */
const context = () => ({ t, lang, now: now(), resolve: () => undefined });

/** What screen.js needs. */
const desk = { t: (/** @type {Parameters<import('./words.js').Say>} */ ...said) => t(...said), become, say, take, context, clear, heading: (/** @type {string} */ key) => heading(key), now };

/** Folders of words that are needed by now, beside those of every visit. @type {Set<string>} */
let folders = new Set();
let here = folders; // those that have come
let asked = ''; // the language that was asked for last

/** @param {(m: typeof import('./screen.js')) => void} then */
async function screen(then) {
  const m = await import('./screen.js').catch(() => undefined);
  if (m && (await needs('screen'))) then(m);
}

/** Whether these words are there. @param {string[]} more */
async function needs(...more) {
  const had = folders;
  if (more.every((folder) => here.has(folder))) return true;
  if (!more.every((folder) => had.has(folder))) folders = new Set([...had, ...more]);
  if (await words(asked)) return true;
  folders = here;
  return false;
}

/** @param {State} next */
function become(next) {
  if (state.name === 'busy' || state.name === 'screen') state.stop?.abort();
  state = next;
  draw();
  // Where a person reads on: the first thing to do, or the new heading.
  /** @type {HTMLElement | null} */ (document.querySelector('main [data-focus]') ?? document.querySelector('h1'))?.focus();
  scrollTo(0, 0);
}

/** @param {string} path @param {string} text */
async function enter(path, text) {
  try {
    const next = await modes[path]();
    if (!(await needs(...next.words))) throw new Fault('offline');
    mode = next;
    history.replaceState(null, '', path);
    mode.open(desk, text);
  } catch {
    byId('main').append(h('p', { class: 'banner warn', role: 'alert' }, t('ready.failed')));
  }
}

/** @param {string} text */
async function take(text) {
  const path = Object.keys(modes).find((p) => text.includes(p + '#'));
  if (path) return enter(path, text);
  if (mode) {
    mode = undefined;
    history.replaceState(null, '', '/');
  }
  if (text.includes('potli-hand-1:')) return void screen((m) => m.handed(desk, text));
  try {
    become({ name: 'ask', link: parse(text) });
  } catch (err) {
    become({ name: 'start', fault: asFault(err, 'bad-link') });
  }
}

/** @param {Link} link @param {string} passcode */
async function fetchAll(link, passcode) {
  const stop = new AbortController();
  become({ name: 'busy', link, stop });
  say(t('busy'));
  try {
    const got = await receive({ url: link.url, flag: link.flag, recipient: reader, passcode }, { signal: stop.signal });
    /** @type {Shown[]} */
    const docs = [];
    /** @type {Fault[]} */
    const faults = [];
    for (const f of got.files) {
      try {
        if (f.fault) throw f.fault;
        const inside = await look((await decrypt(f.jwe, link.key)).bytes);
        faults.push(...inside.faults);
        for (const { root, ...card } of inside.contents) for (const doc of read(root)) docs.push({ doc, ...card });
      } catch (err) {
        faults.push(asFault(err, 'unreadable'));
      }
    }
    if (stop.signal.aborted) return;
    if (!docs.length) throw faults[0] ?? new Fault('nothing');
    state = { name: 'ask', link }; // no longer busy: nothing to stop
    become({ name: 'open', link, docs, faults, at: now(), again: now() + 1000 * got.retryAfter });
    say(t('opened'));
  } catch (err) {
    if (stop.signal.aborted) return;
    const fault = asFault(err, 'unreadable');
    if (fault.code === 'busy') blockedUntil = now() + 1000 * (fault.detail.retryAfter ?? 5);
    state = { name: 'ask', link };
    become({ name: 'ask', link, fault });
  }
}

function clear() {
  releaseAll();
  reader = '';
  become({ name: 'cleared' });
  say(t('cleared.title'));
}

// --- the screen ---

function draw() {
  document.documentElement.lang = lang;
  document.documentElement.dir = direction(lang);
  document.title = t('title');
  byId('keeps').textContent = t('keeps');
  offer();
  releaseAll();
  const main = byId('main');
  document.body.dataset.state = (state.name === 'screen' && state.step) || state.name;
  switch (state.name) {
    case 'start': {
      const form = startForm(state.fault);
      main.replaceChildren(heading('start.title'), form);
      return screen((m) => form.isConnected && m.offer(desk, main));
    }
    case 'ask':
      return main.replaceChildren(heading('ask.title'), askForm(state.link, state.fault));
    case 'busy': {
      const { link } = state;
      return main.replaceChildren(heading('busy'), h('p', { class: 'wait' }, t('busy.from', { host: link.host })),
        h('p', null, h('button', { type: 'button', class: 'button quiet', on: { click: () => become({ name: 'ask', link }) } }, t('cancel'))));
    }
    case 'open':
      main.replaceChildren(...opened(state));
      return tick();
    case 'screen':
      return main.replaceChildren(...state.picture());
    default:
      return main.replaceChildren(heading('cleared.title'), h('p', null, t('cleared.text')), startForm());
  }
}

/** Every language by its own name, in a list that is made once: the focus stays in it. */
function offer() {
  const place = byId('languages');
  const box = place.querySelector('select') ?? h('select', { on: { change: () => speak(box.value) } },
    [...languages].map(([tag, own]) => h('option', { value: tag, lang: tag }, own)));
  box.setAttribute('aria-label', t('language'));
  box.value = lang;
  if (!box.parentNode) place.append(box);
}

/** @param {string} key */
const heading = (key) => h('h1', { tabindex: '-1' }, t(key));

/** @param {Fault} fault @param {string} host */
function alert(fault, host) {
  const d = fault.detail;
  const left = fault.code === 'passcode' && d.remaining !== undefined && d.remaining >= 0 ? ` ${t('attempts', { n: d.remaining })}` : '';
  const key = fault.code === 'passcode' && d.remaining === 0 ? 'fault.locked' : `fault.${fault.code}`;
  return h('div', { class: 'banner danger', role: 'alert' },
    h('p', null, h('strong', null, t(key, { host, status: d.status ?? '' }, t('fault.unreadable')) + (d.remaining ? left : ''))),
    t(`${key}.do`, {}, '') && h('p', null, t(`${key}.do`, { host })),
    d.label && h('p', null, t('label', { label: d.label })));
}

/** @param {Fault} [fault] */
function startForm(fault) {
  const box = h('textarea', { id: 'link', name: 'link', rows: '3', required: true, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', 'aria-describedby': 'link-help' });
  return h('form', { autocomplete: 'off', on: { submit: (/** @type {Event} */ e) => { e.preventDefault(); take(box.value || ' '); } } },
    fault && alert(fault, ''),
    h('label', { for: 'link' }, t('start.label')), h('p', { id: 'link-help', class: 'note' }, t('start.help')), box,
    h('button', { class: 'button', type: 'submit' }, t('start.go')));
}

/** @param {Link} link @param {Fault} [fault] */
function askForm(link, fault) {
  const past = link.exp > 0 && link.exp <= seconds();
  const locked = fault?.code === 'passcode' && fault.detail.remaining === 0;
  const needsCode = link.flag.includes('P') || fault?.code === 'passcode';
  const name = h('input', { id: 'reader', type: 'text', required: true, maxlength: '120', autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'reader-help' });
  name.value = reader;
  const code = h('input', { id: 'passcode', type: 'text', required: true, maxlength: '128', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' });
  const go = h('button', { class: 'button big', type: 'submit' }, t(past ? 'ask.try' : fault ? 'ask.again' : 'ask.go'));
  (fault?.code === 'passcode' ? code : name).dataset.focus = '';
  if (fault && (fault.code !== 'passcode' || locked)) delete name.dataset.focus;
  const submit = (/** @type {Event} */ e) => {
    e.preventDefault();
    const given = tidy(name.value, 120);
    name.setCustomValidity(given ? '' : t('ask.name'));
    if (!given) return void name.reportValidity();
    if (blockedUntil > now()) return;
    reader = given;
    fetchAll(link, needsCode ? code.value.trim() : '');
  };
  name.addEventListener('input', () => name.setCustomValidity(''));
  return h('div', null,
    fault && alert(fault, link.host),
    h('dl', { class: 'facts link-facts' },
      link.label && h('div', null, h('dt', null, t('ask.label')), h('dd', { dir: 'auto' }, link.label)),
      h('div', null, h('dt', null, t('ask.host')), h('dd', { class: 'host', dir: 'ltr' }, link.host)),
      h('div', null, h('dt', null, t('ask.exp')), h('dd', null, link.exp ? when(link.exp) : t('ask.noexp')))),
    link.odd.includes('exp-unusable') && h('p', { class: 'note' }, t('ask.odd')),
    past && h('p', { class: 'banner warn' }, t('ask.past')),
    !locked && fault?.code !== 'gone' && h('form', { autocomplete: 'off', on: { submit } },
      h('label', { for: 'reader' }, t('ask.name')), h('p', { id: 'reader-help', class: 'note' }, t('ask.help')), name,
      needsCode && [h('label', { for: 'passcode' }, t('ask.passcode')), code],
      h('p', { class: 'wait', id: 'blocked', hidden: true }), go),
    h('p', { class: 'note' }, life(link)));
}

/** @param {number} exp */
const when = (exp) => format(lang, { dateStyle: 'long', timeStyle: 'short' }).format(exp * 1000);

/** What this computer remembers, honestly. @param {Link} link */
function life(link) {
  const left = link.exp - seconds();
  if (!link.exp) return t('history.open');
  if (left <= 0) return t('history.past');
  return t('history', { span: left < 7200 ? t('time.min', { n: Math.ceil(left / 60) }) : left < 172800 ? t('time.h', { n: Math.round(left / 3600) }) : t('time.d', { n: Math.round(left / 86400) }) });
}

/** @param {Extract<State, {name: 'open'}>} s */
function opened(s) {
  const c = context();
  const { link } = s;
  return [
    h('div', { class: 'bar' },
      heading('open.title'),
      h('p', { class: 'timer', role: 'timer', id: 'timer' }),
      h('div', { class: 'actions' },
        h('button', { type: 'button', class: 'button', on: { click: () => print() } }, t('print')),
        link.flag.includes('L') && h('button', { type: 'button', class: 'button quiet', id: 'again', on: { click: () => become({ name: 'ask', link }) } }, t('again')),
        h('button', { type: 'button', class: 'button quiet', id: 'clear', on: { click: clear } }, t('clear')))),
    h('p', { class: 'origin' }, h('strong', null, t('origin')), ' ', t('origin.host', { host: link.host })),
    ...s.faults.map((f) => h('p', { class: 'banner warn' }, t('file.failed'), ' ', t(`fault.${f.code}`, { host: link.host, status: f.detail.status ?? '' }, t('fault.unreadable')))),
    ...s.docs.map((d, i) => show(c, d.doc, { n: i + 1, of: s.docs.length, issuer: d.issuer, issued: d.issued })),
    h('p', { class: 'banner' }, t('origin.keeps'), ' ', life(link)),
  ];
}

/** @param {string} text  announced, not shown */
function say(text) {
  byId('live').textContent = text;
}

function tick() {
  const timer = document.getElementById('timer');
  if (timer && state.name === 'open') {
    const left = state.link.exp - seconds();
    timer.textContent = !state.link.exp ? t('timer.open') : left > 0 ? t('timer', { span: clock(left) }) : t('timer.over');
    timer.classList.toggle('over', state.link.exp > 0 && left <= 0);
    const again = /** @type {HTMLButtonElement | null} */ (document.getElementById('again'));
    if (again) again.disabled = now() < state.again;
  }
  const blocked = document.getElementById('blocked');
  if (blocked) {
    const wait = Math.ceil((blockedUntil - now()) / 1000);
    blocked.hidden = wait <= 0;
    if (wait > 0) blocked.textContent = t('wait', { span: t('time.s', { n: wait }) });
    const go = /** @type {HTMLButtonElement | null} */ (document.querySelector('form button[type=submit]'));
    if (go) go.disabled = wait > 0;
  }
}

/** @param {number} s */
const clock = (s) => (s >= 86400 ? t('time.d', { n: Math.floor(s / 86400) }) : [...(s >= 3600 ? [Math.floor(s / 3600)] : []), Math.floor(s / 60) % 60, s % 60].map((n, i) => (i ? String(n).padStart(2, '0') : n)).join(':'));

/** @param {string} tag */
async function speak(tag) {
  if (state.name === 'screen' && state.stop) mode ? mode.home(desk) : become({ name: 'start' });
  const typed = /** @type {HTMLInputElement | null} */ (document.getElementById('reader'));
  reader = typed?.value ?? reader;
  await words(tag);
  draw();
  tick();
}

/**
 * Stays with the language there is when the other cannot be had. Words that are needed, and a language that is asked for,
 * while this one comes, come too.
 * @param {string} tag
 * @returns {Promise<boolean>}
 */
async function words(tag) {
  asked = tag;
  const had = folders;
  try {
    const next = await load(tag, ...had);
    if (asked !== tag || folders !== had) return words(asked);
    t = next;
    lang = tag;
    here = had;
    return true;
  } catch {
    if (asked === tag) asked = lang;
    return false;
  }
}

addEventListener('beforeprint', () => {
  const said = t(reader ? 'printed' : 'printed.nobody', { date: date(context(), localISO()), who: reader });
  for (const p of document.querySelectorAll('.printed')) p.textContent = said;
});
const localISO = () => new Date(now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

// Going back must not bring a record back on a shared computer.
addEventListener('pagehide', () => {
  if (state.name === 'screen') state.stop?.abort();
  releaseAll();
  byId('main').replaceChildren();
});
addEventListener('pageshow', (e) => e.persisted && location.reload());

await words(choose(navigator.languages));
if (!lang) await words('en');
onFragment((text) => (modes[location.pathname] ? enter(location.pathname, text) : text ? take(text) : draw()));
setInterval(tick, 1000);
