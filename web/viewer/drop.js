// Giving papers to a person: the page behind a drop code, at /drop.
//
//	address, camera or paste ─▶ whose, until when, how much ─▶ files, a note, who you are
//	                                          ▲                          │ pack, sign, seal, send
//	                       the next person ───┴── what arrived ◀─────────┘
//
// Everything is in this module's memory. What was chosen for one person is dropped when the code of another comes; who is
// sending stays until the tab is closed, for the queue at the counter.
import { Fault, asFault } from './bytes.js';
import { label, line, maxName } from './message.js';
import { parseCode } from './drop-code.js';
import { asJPEG, kind } from './drop-files.js';
import * as pages from './drop-page.js';
import { film } from './drop-scan.js';
import { behind, browser, divide, look, send } from './drop-send.js';

/**
 * @typedef {import('./screen.js').Desk} Desk
 * @typedef {import('./drop-code.js').Code} Code
 * @typedef {import('./drop-send.js').Paper} Paper
 * @typedef {object} Job  what is going to one person
 * @property {Code} code
 * @property {Paper[]} papers  those with a time have arrived
 * @property {{name: string, why: string}[]} refused  files that the wallet does not keep
 * @property {{visit: boolean, text: string, complaint: string, findings: string, advice: string, at?: number}} note
 * @property {import('./drop-send.js').Part[]} parts  of a sending that was begun
 * @property {number} sent  bytes that have left
 * @property {Fault} [fault]
 * @property {number} had  documents that went under this code before
 * @property {number} bytes  of them
 */

export const words = ['drop', 'screen'];

/** @type {Desk} */
let desk;
/** @type {Job | null} */
let job = null;
/** Who is sending, as typed here. */
const who = { name: '', number: '' };
/** The key and name of the desk, where this browser has one. @type {import('./desk-key.js').Desk | null} */
let own = null;
/** @type {AbortController | null} */
let sending = null;
let clock = 0; // what this computer's clock lacks, in milliseconds
/** @type {Promise<unknown> | null} */
let begun = null;

const now = () => Date.now() + clock;
const over = (/** @type {Code} */ code) => now() >= 1000 * code.exp;
const blank = () => ({ visit: false, text: '', complaint: '', findings: '', advice: '' });

/** The desk's key, which may have been made in another tab since. Without one, or storage, nothing is signed. */
const keyed = () => import('./desk-key.js').then((m) => m.load()).then((kept) => (own = kept)).catch(() => {});

/** What there is once for all persons: the styles and the time. */
function begin() {
  if (!begun) {
    setInterval(tick, 10_000);
    // A file that is let go beside the place for it would take this page's place.
    for (const type of ['dragover', 'drop']) addEventListener(type, (e) => e.preventDefault());
  }
  begun ??= Promise.all([
    behind().then((ms) => (clock = ms)),
    new Promise((done) => {
      const styles = document.createElement('link');
      Object.assign(styles, { rel: 'stylesheet', href: 'drop.css', onload: done, onerror: done });
      document.head.append(styles);
    }),
  ]);
  return begun;
}

/** The clock goes on while a form is filled in. */
function tick() {
  const line = document.getElementById('drop-until');
  if (line && job) line.textContent = pages.until(view(), job.code);
}

/**
 * @param {Desk} d
 * @param {string} text  what stood behind "#" in the address, or all of it where it was scanned or pasted
 */
export async function open(d, text) {
  desk = d;
  if (sending) return; // one person first
  if (!text) return home(d);
  await read(/^[\w-]+$/.test(text) ? `${location.origin}/drop#${text}` : text);
}

/** @param {string} text */
async function read(text) {
  if (!text.includes('/drop#') && /shlink:\/|\/ask#|potli-hand-1:/.test(text)) return desk.take(text);
  try {
    const code = parseCode(text);
    if (!code.key) return show('drop-system', () => pages.system(view(), code));
    show('drop-look', () => pages.looking(view()));
    await Promise.all([begin(), keyed()]);
    take(code, await check(code));
  } catch (err) {
    await begin();
    const fault = asFault(err, 'drop-damaged');
    if (job && !bare(job)) back(fault); // what was written for somebody is not lost by a code that was misread
    else start(fault);
  }
}

/** Why nothing can be sent under a code, as far as can be known before. @param {Code} code */
async function check(code) {
  if (over(code)) return new Fault('drop-expired');
  return look(code).then(() => undefined, (err) => asFault(err, 'drop-refused'));
}

/** @param {Code} code @param {Fault} [fault] */
function take(code, fault) {
  // The same code again, perhaps with more time: what was chosen for this person is still there.
  if (job?.code.id === code.id && complete(job)) more(job);
  if (job?.code.id !== code.id) job = { code, papers: [], refused: [], note: blank(), parts: [], sent: 0, had: 0, bytes: 0 };
  Object.assign(job, { code, fault });
  if (fault && bare(job)) show('drop-over', () => pages.over(view(), fault));
  else form();
}

/** @param {Job} j */
const bare = (j) => !j.papers.length && !noteOf(j);

/** @param {Desk} d */
export function home(d) {
  desk = d;
  void begin().then(() => back());
}

/** Back to what was being written, or to the beginning. @param {Fault} [fault] */
function back(fault) {
  if (!job || complete(job)) return start(fault);
  if (fault) job.fault = fault;
  form();
}

/** Whether all of a job has arrived. @param {Job} j */
const complete = (j) => j.parts.length > 0 && j.parts.every((p) => p.at) && j.papers.every((p) => p.at);

/** @param {Fault} [fault] */
function start(fault) {
  job = null;
  show('drop-start', () => pages.start(view(), fault));
}

/** @param {string} step @param {() => Node[]} picture @param {AbortController} [stop] */
function show(step, picture, stop) {
  desk.become({ name: 'screen', step, picture, stop });
}

const form = () => job && show('drop-form', () => pages.form(view(), /** @type {Job} */ (job)));

/** What the pictures see and may do. */
const view = () => ({ ...desk, now, who, own, over, noteOf, acts });

const acts = {
  read,
  scan,
  files: add,
  remove(/** @type {Paper} */ paper) {
    if (!job) return;
    job.papers = job.papers.filter((p) => p !== paper);
    changed();
  },
  changed,
  form,
  send: go,
  cancel: () => sending?.abort(),
  more() {
    if (job) more(job);
    form();
  },
  back,
  leave() {
    start();
    desk.say(desk.t('cleared.title'));
  },
};

/** Begins anew for the same person. @param {Job} j */
function more({ code, papers, note, had, bytes }) {
  job = { code, papers: [], refused: [], note: { ...blank(), visit: note.visit }, parts: [], sent: 0, had: had + Math.max(1, papers.length), bytes: bytes + papers.reduce((n, p) => n + p.size, 0) };
}

/** Something of what is to be sent is another: what was sealed of it is no longer right. */
function changed() {
  if (job) Object.assign(job, { parts: job.parts.filter((p) => p.at), fault: undefined });
}

/** @param {Job} j */
function noteOf({ note }) {
  if (!note.visit) return note.text.trim();
  const said = /** @type {const} */ (['complaint', 'findings', 'advice']).filter((k) => note[k].trim());
  return said.map((k) => `${desk.t(`drop.note.${k}`)}:\n${note[k].trim()}`).join('\n\n');
}

/** Takes in what was chosen or let fall on the page. @param {Iterable<File>} files */
async function add(files) {
  const mine = job;
  if (!mine) return;
  mine.refused = [];
  for (const file of files) {
    const name = label(file.name) || desk.t('drop.file.unnamed');
    try {
      const { type, why, body } = await weigh(file);
      if (job !== mine) return; // the next person is there already
      if (type === undefined) mine.refused.push({ name, why });
      else if (mine.papers.some((p) => p.size === body.length && p.body.every((v, i) => v === body[i]))) mine.refused.push({ name, why: 'twice' });
      else mine.papers.push({ name: why === 'jpeg' ? name.replace(/\.\w+$/, '') + '.jpg' : name, type, body, size: body.length });
    } catch {
      mine.refused.push({ name, why: 'unreadable' });
    }
  }
  changed();
}

/** What a file is, and its bytes. @param {File} file @returns {Promise<{type?: string, why: string, body: Uint8Array<ArrayBuffer>}>} */
async function weigh(file) {
  const none = new Uint8Array();
  if (file.size > 64 << 20) return { why: 'big', body: none }; // not even looked at
  const body = new Uint8Array(await file.arrayBuffer());
  const { type, why } = kind(body);
  const photo = why === 'heic' && (await asJPEG(file));
  if (photo && kind(photo).type) return { type: 'image/jpeg', why: 'jpeg', body: photo };
  return { type, why: why ?? '', body };
}

/** A register by the look of its numbers: facilities have two letters and ten digits. @param {string} value */
function numbered(value) {
  const system = /^in\d/i.test(value) ? 'https://facility.abdm.gov.in' : 'https://doctor.ndhm.gov.in';
  return value ? [{ system, value }] : [];
}

/** @returns {import('./drop-send.js').Writer} */
const writer = () => (own ? { from: { name: own.name, ids: own.ids, origin: own.origin }, by: own.signer }
  : { from: { name: line(who.name, maxName), ids: numbered(line(who.number, 64)) }, by: null });

/** Why a job cannot be sent as it is. @param {Job} j */
function hinders(j) {
  const fresh = j.papers.filter((p) => !p.at);
  const text = noteOf(j);
  if (!writer().from.name) return new Fault('drop-who');
  if (!fresh.length && (!text || j.note.at)) return new Fault('drop-nothing');
  if (over(j.code)) return new Fault('drop-expired');
  if (j.had + Math.max(1, j.papers.length) > j.code.n) return new Fault('drop-many');
  if (j.bytes + j.papers.reduce((n, p) => n + p.size, 0) > j.code.max) return new Fault('drop-big');
  return undefined;
}

async function go() {
  const j = job;
  if (!j || sending) return;
  j.fault = hinders(j);
  if (j.fault) return void form();
  if (j.parts.every((p) => p.at)) j.parts = [...j.parts, ...divide(j.papers.filter((p) => !p.at), j.note.at ? '' : noteOf(j))];
  const stop = (sending = new AbortController());
  show('drop-sending', () => pages.sending(view(), j));
  desk.say(desk.t('drop.sending'));
  addEventListener('beforeunload', stay);
  try {
    await new Promise((drawn) => setTimeout(drawn)); // sealing megabytes holds the page up
    await send(j.code, j.parts, writer(), { signal: stop.signal, moved: (n) => pages.moved(view(), Object.assign(j, { sent: n })), waits: (why) => pages.waits(view(), why) }, { ...browser, now });
    for (const p of j.papers) p.body = new Uint8Array();
    arrived(j);
  } catch (err) {
    j.fault = asFault(err, 'drop-refused');
    form();
  } finally {
    j.note.at ||= j.parts.find((p) => p.text)?.at;
    sending = null;
    removeEventListener('beforeunload', stay);
  }
}

/** @param {Job} j */
function arrived(j) {
  j.note.at ||= j.parts.find((p) => p.text)?.at;
  show('drop-done', () => pages.done(view(), j));
  desk.say(desk.t('drop.done'));
}

/** Asks before a tab is closed in the middle. @param {Event} e */
const stay = (e) => e.preventDefault();

async function scan() {
  const stop = new AbortController();
  show('drop-filming', () => pages.filming(view()), stop);
  try {
    const text = await film(desk, stop.signal);
    if (text) await read(text);
  } catch (err) {
    if (!stop.signal.aborted) back(asFault(err, 'no-reader'));
  } finally {
    stop.abort();
  }
}

