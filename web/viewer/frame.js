// The page the wallet frames. It does the two things that must not happen on the wallet's own origin: it reaches any
// host, and it holds a stranger's PDF. It decrypts nothing, keeps nothing and believes only the wallet that frames it.
//
//	wallet                                    frame
//	  │◀─────────────────────── {ready} ────────┤
//	  ├─ {language, tag} ──────────────────────▶│
//	  ├─ {fetch, id, url, flag, recipient, …} ─▶│ shows the host, waits for a tap
//	  │◀── {fetched, id, files, status} ────────┤ or {failed, id, code, remaining, retryAfter}
//	  ├─ {keys, id, origin} ───────────────────▶│ the same, for the keys that a provider publishes
//	  ├─ {note, id, relay, mailbox} ───────────▶│ the same, for a mailbox of another relay than the wallet's: whom to
//	  ├─ {deposit, …, entry, sealed} ──────────▶│ seal to, and a letter; one tap is good for both
//	  │◀────────────── {answered, id, text} ────┤ or {failed, …}
//	  ├─ {show, id, type, name, bytes} ────────▶│
//	  │◀──────────────────── {shown, id} ───────┤
//
// The tap has to happen in here: a message is no gesture, so nothing that runs in the wallet can make this page send
// a request to a host that its user has not seen.
import { Fault, asFault } from './bytes.js';
import { fileName, sniff } from './attachment.js';
import { byId, h } from './dom.js';
import { keysAt, look, mailboxAt, put } from './letters.js';
import { address, tidy } from './link.js';
import { receive } from './receive.js';
import { choose, direction, languages, load } from './words.js';

/** Codes the wallet knows; whatever else happens is a refusal. */
const codes = ['passcode', 'gone', 'offline', 'busy', 'refused', 'cancelled', 'too-big', 'full'];

/** @type {import('./words.js').Say} */
let t = (key) => key;
let app = ''; // the wallet's origin
/** @type {Set<string>} */
const allowed = new Set(); // addresses tapped in this session: for another try with a passcode, for another letter
/** @type {() => void} */
let draw = () => {};
let shownURL = '';
let stop = new AbortController();
/** @type {unknown} */
let waiting; // the id of what waits for a tap

/** @param {Record<string, unknown>} m */
const tell = (m) => parent.postMessage(m, app);

/** @param {unknown} id @param {unknown} err */
function fail(id, err) {
  const fault = asFault(err, 'refused');
  const code = codes.includes(fault.code) ? fault.code : 'refused';
  tell({ potli: 'failed', id, code, remaining: fault.detail.remaining ?? -1, retryAfter: fault.detail.retryAfter ?? 0 });
}

/** @type {() => string} */
let title = () => t('frame.title');

/** @param {...Node} kids */
function screen(...kids) {
  if (shownURL) URL.revokeObjectURL(shownURL);
  shownURL = '';
  byId('main').replaceChildren(h('h1', { tabindex: '-1' }, title()), ...kids);
}

function rest() {
  draw = () => screen(h('p', { class: 'wait' }, t('frame.idle')));
  draw();
}

/**
 * What the wallet wants of a host.
 * @typedef {object} Errand
 * @property {URL} url
 * @property {boolean} again  an address that was tapped before needs no second tap
 * @property {() => string[]} words  the title, where it goes, what the host learns, the button
 * @property {(io: import('./letters.js').World) => Promise<Record<string, unknown>>} run  the answer
 */

/** @type {Record<string, (m: any) => Errand>} */
const errands = {
  fetch: (m) => {
    const q = { flag: String(m.flag ?? ''), recipient: tidy(String(m.recipient ?? ''), 120), passcode: String(m.passcode ?? '') };
    const url = address(String(m.url));
    if (!q.recipient) throw new Fault('refused');
    return {
      url,
      again: !!q.passcode,
      words: () => [t('frame.title'), t('frame.from'), t('frame.will', { who: q.recipient }), t('frame.go', { host: url.host })],
      run: async (io) => {
        const got = await receive({ url: url.href, ...q }, io);
        return { potli: 'fetched', files: got.files.map((f) => ({ contentType: f.contentType, jwe: f.jwe })), status: got.status };
      },
    };
  },
  keys: (m) => {
    const url = keysAt(m.origin);
    return {
      url,
      again: false,
      words: () => [t('frame.keys'), t('frame.keys-at'), t('frame.keys-will'), t('frame.keys-go', { host: url.host })],
      run: async (io) => ({ potli: 'answered', text: await look(url, io) }),
    };
  },
  note: (m) => toMailbox(m, (url, io) => look(url, io)),
  deposit: (m) => toMailbox(m, (url, io) => put(url, m.entry, m.sealed, io)),
};

/** @param {any} m @param {(url: URL, io: import('./letters.js').World) => Promise<string>} act @returns {Errand} */
function toMailbox(m, act) {
  const url = mailboxAt(m.relay, m.mailbox);
  return {
    url,
    again: true,
    words: () => [t('frame.letter'), t('frame.letter-at'), t('frame.letter-will'), t('frame.letter-go', { host: url.host })],
    run: async (io) => ({ potli: 'answered', text: await act(url, io) }),
  };
}

/** @param {any} m */
function wanted(m) {
  stop.abort(); // one at a time: the newest
  if (waiting !== undefined) fail(waiting, new Fault('cancelled'));
  waiting = undefined;
  /** @type {Errand} */
  let q;
  try {
    q = errands[m.potli](m);
  } catch (err) {
    return fail(m.id, err);
  }
  const { url } = q;
  title = () => q.words()[0];
  if (q.again && allowed.has(url.href)) return void fetchNow(m.id, q);
  waiting = m.id;
  draw = () => {
    const [, from, will, go] = q.words();
    screen(
      h('p', null, from),
      h('p', { class: 'host', dir: 'ltr' }, url.host),
      h('p', { class: 'note', dir: 'auto' }, will),
      h('div', { class: 'actions' },
        h('button', { type: 'button', class: 'button', id: 'go', on: { click: tapped(() => { allowed.add(url.href); fetchNow(m.id, q); }) } }, go),
        h('button', { type: 'button', class: 'button quiet', id: 'no', on: { click: tapped(() => { waiting = undefined; fail(m.id, new Fault('cancelled')); rest(); }) } }, t('cancel'))));
  };
  draw();
  byId('live').textContent = `${q.words()[1]} ${url.host}`;
}

/** A listener that a script cannot set off. @param {() => void} f */
const tapped = (f) => (/** @type {Event} */ e) => void (e.isTrusted && f());

/** @param {unknown} id @param {Errand} q */
async function fetchNow(id, q) {
  waiting = undefined;
  const mine = (stop = new AbortController());
  draw = () => screen(h('p', { class: 'wait' }, t('frame.busy', { host: q.url.host })),
    h('p', null, h('button', { type: 'button', class: 'button quiet', on: { click: tapped(() => mine.abort()) } }, t('cancel'))));
  draw();
  try {
    tell({ ...(await q.run({ fetch: globalThis.fetch.bind(globalThis), now: Date.now, signal: mine.signal })), id });
    draw = () => screen(h('p', null, t('frame.done')));
  } catch (err) {
    fail(id, err);
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
    t = await load(tag, 'frame');
    document.documentElement.lang = tag;
    document.documentElement.dir = direction(tag);
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
  else if (Object.hasOwn(errands, m.potli)) wanted(m);
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
