// The way in without network: a summary comes from a phone's screen, through this computer's camera, or whole in an address.
// Loaded when it is needed.
import { Fault, asFault } from './bytes.js';
import { watch } from './camera.js';
import { byId, h } from './dom.js';
import { read } from './document.js';
import { Film, framePrefix } from './film.js';
import * as hand from './hand.js';
import { forget, able, keep, ready } from './ready.js';
import { show } from './show.js';

/**
 * @typedef {import('./main.js').Shown} Shown
 * @typedef {object} Desk  what the page does for this
 * @property {import('./words.js').Say} t
 * @property {(state: any) => void} become
 * @property {(text: string) => void} say
 * @property {(text: string) => void} take
 * @property {() => import('./fhir.js').Context} context
 * @property {() => void} clear
 * @property {(key: string) => HTMLElement} heading
 * @property {() => number} now
 * @typedef {object} Mode  another page under this address: /drop, /ask, /clinic
 * @property {string[]} words  its folders of messages, which come on top of those of every page
 * @property {(d: Desk, text: string) => void} open  takes what stood behind "#", or a text that was read or pasted
 * @property {(d: Desk) => void} home  its first state
 */

/**
 * Takes what came without any network: an address that holds it all, or what the camera put together. An address may
 * come from anybody, by mail: nothing of it is shown before somebody has read that, and opens it.
 * @param {Desk} desk
 * @param {string | Uint8Array<ArrayBuffer>} from
 * @param {boolean} [linked]  whether it came as an address, and not from a screen
 */
export async function handed(desk, from, linked = typeof from === 'string') {
  try {
    const parcel = typeof from === 'string' ? hand.fromLink(from) : from;
    const phrase = await hand.phrase(parcel);
    const open = () => unwrapped(desk, parcel, phrase, linked);
    if (linked) desk.become({ name: 'screen', picture: () => unopened(desk, phrase, open) });
    else await open();
  } catch (err) {
    desk.become({ name: 'start', fault: asFault(err, 'bad-hand') });
  }
}

/** Opens a parcel and shows it. @param {Desk} desk @param {Uint8Array<ArrayBuffer>} parcel @param {string} phrase @param {boolean} linked */
async function unwrapped(desk, parcel, phrase, linked) {
  const { t, become } = desk;
  try {
    const inside = await hand.unwrap(parcel, t);
    /** @type {Shown[]} */
    const docs = inside.contents.flatMap(({ root, ...card }) => read(root).map((doc) => ({ doc, ...card })));
    if (!docs.length) throw new Fault('bad-hand');
    become({ name: 'screen', picture: () => shown(desk, { docs, faults: inside.faults, phrase, linked }) });
    desk.say(t('opened'));
  } catch (err) {
    become({ name: 'start', fault: asFault(err, 'bad-hand') });
  }
}

/** Films a phone's screen. @param {Desk} desk */
async function film(desk) {
  const { t, become, now } = desk;
  const hint = (/** @type {string | false} */ key) => hinted(t, key);
  const stop = new AbortController();
  become({ name: 'screen', stop, picture: () => filming(desk) });
  try {
    const sequence = new Film();
    const started = now();
    let fresh = started; // when something new was seen
    const still = setInterval(() => hint(sequence.have ? now() - fresh > 4000 && 'film.still' : now() - started > 8000 && 'film.nothing'), 500);
    stop.signal.addEventListener('abort', () => clearInterval(still));
    await watch(/** @type {HTMLVideoElement} */ (byId('film-video')), stop.signal, async (text) => {
      if (hand.isHand(text)) {
        await handed(desk, text, false);
        return true;
      }
      if (/shlink:\/|\/(drop|ask)#/.test(text)) {
        desk.take(text);
        return true;
      }
      if (!text.startsWith(framePrefix)) {
        hint('film.other');
        return false;
      }
      const before = sequence.have;
      let whole;
      try {
        whole = await sequence.add(text);
      } catch (err) {
        if (asFault(err, '').code === 'bad-frame') return false; // misread; the next may be good
        throw err;
      }
      if (sequence.have !== before) {
        fresh = now();
        hint('');
      }
      progress(t, sequence.have, sequence.need);
      if (whole) await handed(desk, whole);
      return !!whole;
    }, (light) => lamp(t, light));
  } catch (err) {
    if (!stop.signal.aborted) become({ name: 'start', fault: asFault(err, 'no-reader') });
  } finally {
    stop.abort();
  }
}

/** Says what to do, or nothing. @param {Desk['t']} t @param {string | false} key */
function hinted(t, key) {
  const line = document.getElementById('film-hint');
  if (line && key !== false && line.dataset.key !== key) {
    line.dataset.key = key;
    line.textContent = key && t(key);
  }
}

/**
 * Offers the camera's light, where it has one. One that does not come is no mistake of whoever pressed.
 * @param {Desk['t']} t @param {import('./camera.js').Light | null} light
 */
function lamp(t, light) {
  const button = document.getElementById('film-light');
  if (!button || !light) return;
  let lit = false;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const done = await light(!lit).then(() => true, () => false);
    if (done) lit = !lit;
    button.textContent = t(lit ? 'film.dark' : 'film.light');
  });
}

/** @param {Desk['t']} t @param {number} have @param {number} need */
function progress(t, have, need) {
  const bar = /** @type {HTMLProgressElement | null} */ (document.getElementById('film-progress'));
  if (!bar) return;
  bar.max = need;
  bar.value = have;
  byId('film-count').textContent = t('film.count', { have, need });
}

/** What the start page offers where there is no network. @param {Desk} desk @param {HTMLElement} main */
export function offer(desk, main) {
  const { t } = desk;
  main.append(h('p', null, h('a', { class: 'button quiet', id: 'to-drop', href: '/drop' }, t('to-drop')), ' ', h('a', { class: 'button quiet', id: 'to-desk', href: '/clinic' }, t('to-desk'))), h('section', { class: 'offline' }, h('h2', null, t('film.title')), h('p', null, t('film.text')),
    h('button', { type: 'button', class: 'button quiet', id: 'film', on: { click: () => film(desk) } }, t('film.go')),
    h('div', { id: 'ready' })));
  readiness(t);
}

/** Says whether this computer is ready for days without network, and offers to make it so, or no longer. @param {Desk['t']} t */
async function readiness(t) {
  if (!able()) return;
  const is = await ready();
  const box = document.getElementById('ready');
  if (!box) return;
  const act = async () => {
    box.replaceChildren(h('p', { class: 'wait', role: 'status' }, '…'));
    const failed = await (is ? forget() : keep(document.documentElement.lang)).then(() => false, () => true);
    await readiness(t);
    if (failed) document.getElementById('ready')?.append(h('p', { class: 'banner warn', role: 'alert' }, t('ready.failed')));
  };
  box.replaceChildren(h('p', { class: 'note', id: 'ready-state' }, t(is ? 'ready.is' : 'ready.not')),
    h('button', { type: 'button', class: 'link', id: is ? 'ready-forget' : 'ready-keep', on: { click: act } }, t(is ? 'ready.forget' : 'ready.keep')));
}

/** @param {Desk} desk */
function filming({ t, become, heading }) {
  return [heading('film.heading'),
    h('p', null, t('film.how')),
    h('video', { id: 'film-video', class: 'film', muted: true, playsinline: true, 'aria-label': t('film.video') }),
    h('p', { id: 'film-count', class: 'film-count', role: 'status' }, '…'),
    h('progress', { id: 'film-progress', max: '1', value: '0', 'aria-labelledby': 'film-count' }),
    h('p', { id: 'film-hint', class: 'note', role: 'status' }),
    h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'button quiet', id: 'film-stop', on: { click: () => become({ name: 'start' }) } }, t('film.stop')),
      h('button', { type: 'button', class: 'button quiet', id: 'film-light', hidden: true }, t('film.light')))];
}

/** What stands before a summary that came in an address. @param {Desk} desk @param {string} phrase @param {() => void} open */
function unopened({ t, heading }, phrase, open) {
  return [heading('hand.link'),
    h('p', null, t('hand.link-text')),
    h('div', { class: 'banner phrase' }, h('p', null, t('hand.link-check')), h('p', { id: 'phrase', class: 'phrase-digits' }, phrase)),
    h('p', null, h('button', { type: 'button', class: 'button big', id: 'hand-open', on: { click: open } }, t('hand.link-open')))];
}

/** @param {Desk} desk @param {{docs: Shown[], faults: Fault[], phrase: string, linked: boolean}} s */
function shown({ t, context, heading, clear }, s) {
  const c = context();
  return [
    h('div', { class: 'bar' },
      heading('open.title'),
      h('div', { class: 'actions' },
        h('button', { type: 'button', class: 'button', on: { click: () => print() } }, t('print')),
        h('button', { type: 'button', class: 'button quiet', id: 'clear', on: { click: clear } }, t('clear')))),
    h('div', { class: 'banner phrase' }, h('p', null, t('hand.check')), h('p', { id: 'phrase', class: 'phrase-digits' }, s.phrase), h('p', null, t('hand.differs'))),
    h('p', { class: 'origin' }, h('strong', null, t(s.linked ? 'hand.linked' : 'origin')), ' ', t(s.linked ? 'hand.linked-check' : 'hand.origin')),
    ...s.faults.map((f) => h('p', { class: 'banner warn' }, t('file.failed'), ' ', t(`fault.${f.code}`, {}, t('fault.unreadable')))),
    ...s.docs.map((d, i) => show(c, d.doc, { n: i + 1, of: s.docs.length, issuer: d.issuer, issued: d.issued })),
    h('p', { class: 'banner' }, t('origin.keeps'), ' ', s.linked && t('hand.history')),
  ];
}
