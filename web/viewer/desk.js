// The desk of a clinic, at /clinic: asks people for records by a code on its screen, and shows what they give.
//
//	name and key, once ─▶ today's requests ─▶ compose ─▶ code, link ─▶ answer, documents ─▶ countersignature
//	                            └─▶ check a receipt           └─▶ taken back, over: off the screen
//
// Kept in this browser are the name and the key (desk-key.js) and nothing else: requests, the keys of their mailboxes and
// what came are in this module's memory, and end with the tab.
import { releaseAll } from './attachment.js';
import { asFault } from './bytes.js';
import { byId, h } from './dom.js';
import { begun, countersigned, end, keeps, take } from './desk-answers.js';
import * as check from './desk-check.js';
import * as form from './desk-form.js';
import { erase, load, save } from './desk-key.js';
import * as one from './desk-one.js';
import * as setup from './desk-setup.js';
import { parseCode } from './drop-code.js';
import { format } from './fhir.js';
import { Mailbox, deposit } from './mailbox.js';
import { create, freshID, pack, parse } from './message.js';
import { compose, link } from './request.js';
import { seal, unseal } from './seal.js';

/**
 * @typedef {import('./screen.js').Desk} Page
 * @typedef {import('./desk-answers.js').Asked & {box: Mailbox, line: import('./mailbox.js').Line, number: number, sent: string}} Asked
 *   number: of today; sent: the name in the drop code that it was put into, "" where none was
 * @typedef {{page: Page, desk: import('./desk-key.js').Desk | null, all: Asked[], shown: Asked | null, refresh: () => void, go: typeof go}} Room
 */

export const words = ['desk', 'screen'];

/** @type {Room} */
const room = { page: /** @type {any} */ (null), desk: null, all: [], shown: null, refresh, go };
let ready = false;
/** @type {() => Node[]} */
let picture = () => [];

/** @param {Page} page @param {string} text */
export async function open(page, text) {
  room.page = page;
  try {
    await begin();
  } catch (err) {
    const fault = asFault(err, 'offline');
    return page.become({ name: 'screen', step: 'desk-fault', picture: () => [page.heading('desk.title'), alert(page.t, fault)] });
  }
  if (text && check.looksLike(text)) go('check', text);
  else go(room.desk ? 'list' : 'setup');
}

/** @param {Page} page */
export const home = (page) => void open(page, '');

/** What there is once for all pages: styles and key. No network is needed to check a receipt. */
async function begin() {
  if (ready) return;
  const style = h('link', { rel: 'stylesheet', href: 'desk.css' });
  const styled = new Promise((done) => ['load', 'error'].forEach((e) => style.addEventListener(e, done)));
  document.head.append(style);
  [room.desk] = await Promise.all([load(), styled]);
  ready = true;
  setInterval(tick, 5000);
  addEventListener('beforeunload', (e) => room.all.some((a) => a.state === 'waiting' || a.papers.length) && e.preventDefault());
  addEventListener('pagehide', () => room.all.forEach((a) => a.box.close()));
}

/**
 * Goes to one of the desk's pages.
 * @param {'list' | 'setup' | 'new' | 'one' | 'key' | 'check' | 'scan'} where @param {any} [what]
 */
function go(where, what) {
  room.shown = where === 'one' ? what : null;
  if (room.shown) room.shown.box.wake(); // heard of at once from now on
  const stop = where === 'scan' ? new AbortController() : undefined;
  const page = {
    list, setup: () => setup.form(room, keep, what), key: () => setup.key(room, keep, forget), new: () => form.picture(room, ask),
    one: () => one.picture(room, what, { put, drop: remove }), check: () => check.picture(room, what), scan: () => one.scanning(room, what),
  }[where];
  picture = where === 'list' || where === 'one' ? page : () => [];
  room.page.become({ name: 'screen', step: `desk-${where}`, picture: page, stop });
  if (stop) one.film(room, stop.signal, what);
}

/** Draws the list, or the request that is open, anew; the finger or the reader stays where it is. */
function refresh() {
  const now = picture();
  if (!now.length) return;
  const at = document.activeElement?.id;
  releaseAll();
  byId('main').replaceChildren(...now);
  if (at) document.getElementById(at)?.focus({ preventScroll: true });
  else document.querySelector('h1')?.focus({ preventScroll: true });
}

/** @param {import('./desk-key.js').Party} party @param {boolean} fresh */
async function keep(party, fresh) {
  room.desk = await save(party, fresh);
  go('list');
}

async function forget() {
  for (const a of room.all) a.box.close();
  room.all = [];
  await erase();
  room.desk = null;
  go('setup');
}

/** Asks: a fresh mailbox, a request for it, and from then on an ear for what comes. @param {import('./request.js').Draft} draft */
async function ask(draft) {
  const { desk, page } = room;
  if (!desk) return;
  const { relay } = await fetch(new URL('config.json', import.meta.url)).then((r) => r.json());
  const box = new Mailbox(relay);
  const made = await compose(draft, desk, { relay, id: box.id, key: box.keyText }, page.context().lang, page.now());
  const shown = await link(location.origin, made.text);
  await box.open(made.request.until - made.request.issued);
  /** @type {Asked} */
  const a = { ...(await begun(made, shown, desk.signer.public.thumbprint, box.id)), box, line: 'live', number: room.all.length + 1, sent: '' };
  room.all.unshift(a);
  go('one', a);
  box.listen((sealed) => arrived(a, sealed), () => room.shown === a, (line) => {
    if (a.line === line) return;
    a.line = line;
    refresh();
  });
}

/** @param {Asked} a @param {string} sealed */
async function arrived(a, sealed) {
  let m;
  try {
    m = await parse(await unseal(sealed, a.box.key));
  } catch (err) {
    const { code } = asFault(err, 'malformed');
    a.odd.push(code === 'newer' || code === 'forged' || code === 'no-ed25519' ? `odd-${code}` : 'odd-damaged');
    return refresh();
  }
  const change = await take(a, m);
  if (change === 'again') return;
  if (change === 'delivered') await one.unfold(room, a);
  if (change === 'granted' || change === 'narrowed') countersign(a, m);
  if (change !== 'odd') room.page.say(room.page.t(`desk.say.${change}`, { who: one.who(room.page.t, a) }));
  refresh();
}

/** Tells the person that their receipt is here, where their answer says how. @param {Asked} a @param {import('./message.js').Message} m */
async function countersign(a, m) {
  if (!m.reply || !room.desk || !a.receipt) return;
  a.counter = 'sending';
  try {
    const to = parseCode(m.reply);
    if (!to.key) throw new Error('not for browsers');
    const packed = await countersigned(m.receipt, room.desk, to.id, m.id, Math.floor(room.page.now() / 1000));
    await deposit(to, freshID(), await seal(packed, to.key));
    a.counter = 'sent';
  } catch {
    a.counter = 'failed';
  }
  refresh();
}

/** Puts a request into the inbox that a person's own code leads to. Throws Fault. @param {Asked} a @param {string} text  the code */
async function put(a, text) {
  const { desk, page } = room;
  const to = parseCode(text);
  if (!desk) return;
  form.usable(to, page.now());
  const m = await create('request', to.id, { name: desk.name, ids: desk.ids, origin: desk.origin }, Math.floor(page.now() / 1000));
  const packed = await pack({ ...m, request: a.text }, desk.signer);
  await deposit(to, freshID(), await seal(packed, /** @type {Uint8Array<ArrayBuffer>} */ (to.key)));
  a.sent = to.name || '?';
  if (room.shown === a || picture.length) go('one', a);
}

/** Takes a request off the list, and all that came with it. @param {Asked} a */
function remove(a) {
  a.box.close();
  end(a, 'expired');
  room.all = room.all.filter((b) => b !== a);
  go('list');
}

/** What time ends: requests nobody answered, and what may only be looked at. */
function tick() {
  const now = room.page.now();
  let changed = false;
  for (const a of room.all) {
    const over = a.receipt ? Date.parse(a.receipt.terms.until) : a.request.expires * 1000;
    if (now < over || ['revoked', 'expired', 'refused'].includes(a.state)) continue;
    if (keeps(a)) a.state = 'expired';
    else end(a, 'expired');
    a.box.close();
    changed = true;
  }
  if (changed) refresh();
}

/** @returns {Node[]} */
function list() {
  const { page: { t, heading }, all, desk } = room;
  return [heading('desk.title'),
    h('p', { class: 'desk-name', dir: 'auto' }, desk?.name),
    h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'button big', id: 'desk-new', 'data-focus': !all.length, on: { click: () => go('new') } }, t('desk.new')),
      elsewhere(t, 'give', '/drop'), elsewhere(t, 'open', '/'),
      h('button', { type: 'button', class: 'button quiet', id: 'desk-check', on: { click: () => go('check') } }, t('desk.check')),
      h('button', { type: 'button', class: 'button quiet', id: 'desk-key', on: { click: () => go('key') } }, t('desk.key'))),
    h('h2', { id: 'desk-today' }, t('desk.today')),
    all.length ? h('ul', { class: 'desk-list', 'aria-labelledby': 'desk-today' }, all.map(row)) : h('p', { class: 'note' }, t('desk.none')),
    h('p', { class: 'note' }, t('desk.memory'))];
}

/** What has a page of its own, in a tab of its own: this one holds today's list. @param {import('./words.js').Say} t @param {string} what @param {string} path */
const elsewhere = (t, what, path) => h('a', { class: 'button quiet', id: `desk-${what}`, href: path, target: '_blank', rel: 'noopener' }, t(`desk.${what}`));

/** @param {Asked} a */
function row(a) {
  const { t } = room.page;
  const at = format(room.page.context().lang, { timeStyle: 'short' }).format(a.request.issued * 1000);
  return h('li', null, h('button', { type: 'button', class: 'desk-row', id: `desk-row-${a.number}`, 'data-state': a.state, on: { click: () => go('one', a) } },
    h('strong', { dir: 'auto' }, one.who(t, a)), h('span', { class: `badge ${one.tones[a.state]}` }, t(`desk.state.${a.state}`)),
    h('span', { class: 'sub' }, [at, t(`purpose.${a.request.purpose.code}`), a.papers.length && t('desk.papers', { n: a.papers.length })].filter(Boolean).join(' · '))));
}

/** A refusal in words. @param {import('./words.js').Say} t @param {import('./bytes.js').Fault} fault */
export const alert = (t, fault) => h('div', { class: 'banner danger', role: 'alert' }, h('p', null, h('strong', null, t(`fault.${fault.code}`, { host: location.host, status: fault.detail.status ?? '' }, t('fault.unreadable')))));

