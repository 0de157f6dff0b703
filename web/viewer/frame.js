// The page the wallet frames. It does the two things that must not happen on the wallet's own origin: it reaches any
// host, and it holds a stranger's PDF. It decrypts nothing, keeps nothing and believes only the wallet that frames it.
//
//	wallet                                    frame
//	  │◀─────────────────────── {ready} ────────┤
//	  ├─ {language, tag} ──────────────────────▶│
//	  ├─ {fetch, id, url, flag, recipient, …} ─▶│ shows the host, waits for a tap
//	  │◀── {fetched, id, files, status} ────────┤ or {failed, id, code, remaining, retryAfter}
//	  ├─ {show, id, type, name, bytes} ────────▶│
//	  │◀──────────────────── {shown, id} ───────┤
//
// The tap has to happen in here: a message is no gesture, so nothing that runs in the wallet can make this page send
// a request to a host that its user has not seen.
import { Fault, asFault } from './bytes.js';
import { fileName, sniff } from './attachment.js';
import { byId, h } from './dom.js';
import { address, tidy } from './link.js';
import { receive } from './receive.js';
import { choose, languages, load } from './words.js';

/** Codes the wallet knows; whatever else happens is a refusal. */
const codes = ['passcode', 'gone', 'offline', 'busy', 'refused', 'cancelled', 'too-big'];

/** @type {import('./words.js').Say} */
let t = (key) => key;
let app = ''; // the wallet's origin
/** @type {Set<string>} */
const allowed = new Set(); // addresses tapped in this session, for another try with a passcode
/** @type {() => void} */
let draw = () => {};
let shownURL = '';
let stop = new AbortController();

/** @param {Record<string, unknown>} m */
const tell = (m) => parent.postMessage(m, app);

/** @param {unknown} id @param {unknown} err */
function fail(id, err) {
  const fault = asFault(err, 'refused');
  const code = codes.includes(fault.code) ? fault.code : 'refused';
  tell({ potli: 'failed', id, code, remaining: fault.detail.remaining ?? -1, retryAfter: fault.detail.retryAfter ?? 0 });
}

/** @param {...Node} kids */
function screen(...kids) {
  if (shownURL) URL.revokeObjectURL(shownURL);
  shownURL = '';
  byId('main').replaceChildren(h('h1', { tabindex: '-1' }, t('frame.title')), ...kids);
}

function rest() {
  draw = () => screen(h('p', { class: 'wait' }, t('frame.idle')));
  draw();
}

/**
 * @typedef {{id: unknown, url: string, flag: string, recipient: string, passcode: string}} Wanted
 * @param {any} m
 */
function wanted(m) {
  stop.abort(); // one at a time: the newest
  /** @type {Wanted} */
  const q = {
    id: m.id, url: String(m.url), flag: String(m.flag ?? ''), recipient: tidy(String(m.recipient ?? ''), 120), passcode: String(m.passcode ?? ''),
  };
  let url;
  try {
    url = address(q.url);
    if (!q.recipient) throw new Fault('refused');
  } catch (err) {
    return fail(q.id, err);
  }
  if (q.passcode && allowed.has(url.href)) return void fetchNow(q, url);
  draw = () => screen(
    h('p', null, t('frame.from')),
    h('p', { class: 'host', dir: 'ltr' }, url.host),
    h('p', { class: 'note', dir: 'auto' }, t('frame.will', { who: q.recipient })),
    h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'button', id: 'go', on: { click: tapped(() => { allowed.add(url.href); fetchNow(q, url); }) } }, t('frame.go', { host: url.host })),
      h('button', { type: 'button', class: 'button quiet', id: 'no', on: { click: tapped(() => { fail(q.id, new Fault('cancelled')); rest(); }) } }, t('cancel'))));
  draw();
  byId('live').textContent = `${t('frame.from')} ${url.host}`;
}

/** A listener that a script cannot set off. @param {() => void} f */
const tapped = (f) => (/** @type {Event} */ e) => void (e.isTrusted && f());

/** @param {Wanted} q @param {URL} url */
async function fetchNow(q, url) {
  const mine = (stop = new AbortController());
  draw = () => screen(h('p', { class: 'wait' }, t('busy.from', { host: url.host })),
    h('p', null, h('button', { type: 'button', class: 'button quiet', on: { click: tapped(() => mine.abort()) } }, t('cancel'))));
  draw();
  try {
    const got = await receive({ url: url.href, flag: q.flag, recipient: q.recipient, passcode: q.passcode }, { signal: mine.signal });
    tell({ potli: 'fetched', id: q.id, files: got.files.map((f) => ({ contentType: f.contentType, jwe: f.jwe })), status: got.status });
    draw = () => screen(h('p', null, t('frame.done')));
  } catch (err) {
    fail(q.id, err);
    draw = () => screen(h('p', { class: 'wait' }, t('frame.idle')));
  }
  if (stop === mine) draw();
}

/**
 * Browsers refuse to show a PDF in a sandboxed frame, hence one without sandbox, on this origin, where there is
 * nothing to take. Its type is set here: whatever the bytes are, they are never read as a page.
 * @param {any} m
 */
function showPDF(m) {
  stop.abort();
  const b = m.bytes instanceof ArrayBuffer ? new Uint8Array(m.bytes) : new Uint8Array();
  if (m.type !== 'application/pdf' || sniff(b) !== 'application/pdf') return fail(m.id, new Fault('refused'));
  const name = tidy(String(m.name ?? ''), 120) || t('frame.pdf');
  const blob = new Blob([b], { type: 'application/pdf' });
  draw = () => {
    screen();
    shownURL = URL.createObjectURL(blob);
    byId('main').replaceChildren(
      h('h1', { tabindex: '-1', dir: 'auto' }, name),
      h('p', { class: 'actions' }, h('a', { class: 'button quiet', href: shownURL, download: fileName(name, 'pdf') }, t('file.save', { size: `${Math.ceil(b.length / 1000)} kB` }))),
      navigator.pdfViewerEnabled ? h('iframe', { src: shownURL, title: name }) : '');
  };
  draw();
  tell({ potli: 'shown', id: m.id });
}

/** @param {string} tag */
async function speak(tag) {
  try {
    t = await load(tag);
    document.documentElement.lang = tag;
    draw();
  } catch {
    // stay with the language there is
  }
}

/** @param {MessageEvent} e */
function heard(e) {
  if (e.origin !== app || e.source !== parent || !e.data || typeof e.data !== 'object') return;
  const m = e.data;
  if (m.potli === 'language' && languages.has(m.tag)) speak(m.tag);
  else if (m.potli === 'fetch') wanted(m);
  else if (m.potli === 'show') showPDF(m);
}

draw = () => screen(h('p', null, t('frame.stray')));
await speak(choose(navigator.languages));
if (parent !== window) {
  const config = await (await fetch('/config.json', { cache: 'no-store' })).json();
  app = new URL(config.app).origin;
  rest();
  addEventListener('message', heard);
  tell({ potli: 'ready' });
}
addEventListener('pagehide', () => screen());
