// The service worker: it keeps whole releases, and answers from one of them.
//
// A release is the list of files in /release.json with the SHA-256 of each, signed
// in /release.sig. Signatures, number and every file are checked before the pointer
// moves, and the pointer moves last: a missing, truncated, changed, unsigned or old
// release leaves the running one as it is. Whoever serves the site writes the public
// keys before these lines (potliTrust); below it they hold no version and no list of
// files, so that they change only when this program changes.
//
// Files that not everybody needs (languages, scripts, explanations) are lazy: each is
// fetched when it is first asked for, checked, and kept. Those that were kept are
// fetched for the next release too, before it is used.
//
// What a page may ask:       {type: "update"}            is there a newer release?
//                            {type: "keep", paths}       lazy files, to have them offline
//                            {type: "release"}           what is kept here
//                            {type: "back"}              the person wants the release before this one
//                            {type: "vouch", worker}     is the worker that takes the place of this one signed for? (and seq)
//                            {type: "language", tag}     that the person reads; notices are in it
// What it is answered, on    {type: "ready", version}    another release waits for the next start
// the port that came along   {type: "current", version}  nothing is newer
// or else to the page:       {type: "kept", paths}
//                            {type: "unkept", paths}     not all of them
//                            {type: "release", current, previous, running, worker}
//                            {type: "back", version}     the next start uses it
//                            {type: "vouched"}, {type: "unknown", why}, {type: "unreachable"}
//                            {type: "refused", why}      nothing was changed
//                            {type: "open"}              the person tapped a notice: show the inbox
//
// A page asks each time its program starts. Where none has for a day, or not yet
// on this release, the worker looks by itself at the next start: a release that
// cannot start could not ask for the one that mends it.
//
// A push message says that something arrived, and nothing else: whatever a push
// service delivers is not looked at. Everybody reads the screen of a phone that
// lies on a table, so a notice has neither a name nor a sender.
//
// @ts-check
/// <reference lib="webworker" />

/**
 * @typedef {{ed25519: string, p256: string}} Pair   two public keys, or two signatures, in base64
 * @typedef {{version: string, seq: number, hash: string, worker: string, next?: string, files: Record<string, string>, lazy: string[],
 *   headers?: Record<string, string>, types?: Record<string, string>, installed?: number}} Release
 *
 * Hash is the SHA-256 of release.json, worker that of the service worker that belongs to it, installed a time. Headers
 * and types, by the end of a name, are what its files are answered with, whatever the server said; a release that a
 * worker kept which did not know of them has neither, until it is looked for anew.
 *
 * State is the one pointer. A page finishes on the release it began with, so the
 * release of each open page is remembered by its client id, and those that are
 * neither current nor previous are under older. Asked is when the program of the
 * current release last asked for an update: it can. Seq is the highest that ever was
 * current, left the version that the person went back from. Worker is the hash of these
 * lines as they run, coming that of those which are being installed.
 * @typedef {{current: Release | null, previous: Release | null, older?: Record<string, Release>, pages: Record<string, string>,
 *   asked?: number, seq?: number, left?: string, worker?: string, coming?: string}} State
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** @type {{need: number, keys: Pair[]}} */
const trust = /** @type {any} */ (self).potliTrust;
const stateCache = "potli-state";
const stateKey = "/state.json";
const shell = "/index.html";
const script = "/sw.js";
const passed = ["/release.json", "/release.sig", script]; // always the server's
const day = 24 * 3600_000;

/** @param {string} version */
const cacheName = (version) => "rel-" + version;

/** @type {Record<string, (event: ExtendableMessageEvent) => Promise<unknown>>} */
const answers = {update: answer, keep, release: tell, back, vouch, language: (event) => speak(event.data.tag).catch(() => {})};

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  const type = event.data?.type;
  if (Object.hasOwn(answers, type)) event.waitUntil(reply(event, answers[type]));
});
worker.addEventListener("push", (event) => event.waitUntil(notice()));
worker.addEventListener("notificationclick", (event) => event.waitUntil(tapped(event.notification)));
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === worker.location.origin;
  const known = event.request.method === "GET" && ours && !passed.includes(url.pathname);
  // What the server alone answers is no page: it would run beside the vault, unsigned.
  if (!known && ours && event.request.mode === "navigate" && !isHanded(event.request, url)) event.respondWith(Response.redirect("/", 303));
  else if (known) event.respondWith(serve(event, url));
});

// A worker that replaces another finds a signed release in place and keeps it.
async function install() {
  const coming = await hashOf(await fresh(script, 1 << 20));
  if ((await readState()).current?.seq) return exclusive(async () => writeState({...(await readState()), coming}));
  await update();
  await exclusive(async () => {
    const state = await readState();
    if (![state.current?.worker, state.current?.next].includes(coming)) throw new Error("the release is for another worker");
    await writeState({...state, coming});
  });
}

// The page of the first visit came over the network: it runs on this release too.
async function activate() {
  await worker.clients.claim();
  const open = await worker.clients.matchAll({type: "window"});
  await exclusive(async () => {
    const state = await readState();
    for (const page of open) state.pages[page.id] ??= state.current?.version ?? "";
    state.worker = state.coming ?? state.worker;
    await writeState(state);
  });
}

/** @param {unknown} err */
const why = (err) => (err instanceof Error ? err.message : String(err));

/** @param {ExtendableMessageEvent} event @param {(event: ExtendableMessageEvent) => Promise<unknown>} f */
async function reply(event, f) {
  const said = await f(event).catch((err) => ({type: "refused", why: why(err)}));
  const to = event.ports[0] ?? event.source;
  if (said) to?.postMessage(said);
}

/** @param {ExtendableMessageEvent} event */
const client = (event) => /** @type {Client | null} */ (event.source)?.id ?? "";

/** @param {ExtendableMessageEvent} event */
async function answer(event) {
  await withdraw().catch(() => {});
  const version = await update();
  const running = await exclusive(() => heard(client(event), version));
  return {type: running && running !== version ? "ready" : "current", version};
}

// heard notes that a program has asked, unless it is known to run on an older
// release than the newest, and returns the release that it runs on.
/** @param {string} page @param {string} version @returns {Promise<string | undefined>} */
async function heard(page, version) {
  const state = await readState();
  if ((state.pages[page] ?? version) === version) await writeState({...state, asked: Date.now()});
  return state.pages[page];
}

// --- the pointer ---

// Every change of the state waits for the one before it: two pages opening at
// once must not write over each other's line.
/** @type {Promise<unknown>} */
let queue = Promise.resolve();

/** @template T @param {() => Promise<T>} f @returns {Promise<T>} */
function exclusive(f) {
  const run = queue.then(f, f);
  queue = run.catch(() => {});
  return run;
}

/** @returns {Promise<State>} */
async function readState() {
  const cache = await caches.open(stateCache);
  const stored = await cache.match(stateKey);
  return stored ? stored.json() : {current: null, previous: null, pages: {}};
}

/** @param {State} state */
async function writeState(state) {
  const cache = await caches.open(stateCache);
  await cache.put(stateKey, new Response(JSON.stringify(state)));
}

/** @type {Promise<string> | null} */
let updating = null;

// Two pages that ask at once share one download.
/** @returns {Promise<string>} the version that the next start will use */
function update() {
  updating ??= fetchRelease().finally(() => (updating = null));
  return updating;
}

/** @returns {Promise<string>} */
async function fetchRelease() {
  const next = await newestRelease();
  const state = await readState();
  const {current, previous} = state;
  if (current && state.left === next.version) return current.version;
  const again = current?.version === next.version;
  if (current?.types && again && (await complete(current))) return next.version;
  if (!again && next.seq <= (state.seq ?? 0)) throw new Error("the release is older than one that was here");
  const known = [previous, ...Object.values(state.older ?? {})].some((release) => release?.version === next.version);
  try {
    await fill(next, [current, previous]);
  } catch (err) {
    if (!again && !known) await caches.delete(cacheName(next.version));
    throw err;
  }
  await exclusive(() => point(next));
  return next.version;
}

// fill gets every file of a release. What has changed comes first: an update that
// fails has then copied nothing.
/** @param {Release} next @param {(Release | null)[]} others */
async function fill(next, others) {
  const cache = await caches.open(cacheName(next.version));
  const wanted = [...Object.keys(next.files).filter((path) => !next.lazy.includes(path)), ...(await lazyKept(next, others[0]))];
  /** @param {string} path */
  const cost = (path) => (others.every((release) => release?.files[path] !== next.files[path]) ? 0 : 1);
  for (const path of wanted.sort((a, b) => cost(a) - cost(b))) {
    await cache.put(path, await obtain(next, path, others));
  }
}

// lazyKept are the lazy files that are in use.
/** @param {Release} next @param {Release | null} current @returns {Promise<string[]>} */
async function lazyKept(next, current) {
  if (!current) return [];
  const kept = await (await caches.open(cacheName(current.version))).keys();
  const paths = new Set(kept.map((request) => new URL(request.url).pathname));
  return next.lazy.filter((path) => paths.has(path));
}

/** @param {Release} release */
async function complete(release) {
  const kept = await (await caches.open(cacheName(release.version))).keys();
  const paths = new Set(kept.map((request) => new URL(request.url).pathname));
  return Object.keys(release.files).every((path) => paths.has(path) || release.lazy?.includes(path));
}

// The new release becomes the next start's. The one before it stays, and so
// does any release that an open page still runs on.
/** @param {Release} next */
async function point(next) {
  const state = await readState();
  const same = state.current?.version === next.version;
  const previous = same ? state.previous : state.current;
  const stays = await settle({
    ...state, previous, asked: same ? state.asked : undefined, left: same ? state.left : undefined, seq: Math.max(state.seq ?? 0, next.seq),
    current: {...next, installed: (same && state.current?.installed) || Date.now()},
  });
  await writeState(stays);
  const keep = new Set([stays.current, stays.previous, ...Object.values(stays.older ?? {})].map((release) => cacheName(release?.version ?? "")));
  for (const name of await caches.keys()) {
    if (name.startsWith("rel-") && !keep.has(name)) await caches.delete(name);
  }
}

// settle forgets pages that are closed, and the releases that only they ran on.
/** @param {State} state @returns {Promise<State>} */
async function settle(state) {
  const open = new Set((await worker.clients.matchAll({includeUncontrolled: true})).map((c) => c.id));
  // A page that is just being opened is remembered already and not yet among them.
  for (const id of Object.keys(state.pages).slice(-1)) open.add(id);
  const pages = Object.fromEntries(Object.entries(state.pages).filter(([id]) => open.has(id)));
  /** @type {Record<string, Release>} */
  const older = {};
  const before = await readState();
  for (const release of [before.previous, before.current, ...Object.values(before.older ?? {})]) {
    const used = release && Object.values(pages).includes(release.version);
    if (used && release.version !== state.current?.version && release.version !== state.previous?.version) older[release.version] = release;
  }
  return {...state, pages, older};
}

// back makes the release before this one the next start's, because the person asked.
// A server cannot: seq stays as high as it was.
async function back() {
  return exclusive(async () => {
    const state = await readState();
    const {current, previous} = state;
    if (!current || !previous || !(await complete(previous))) throw new Error("there is no release to go back to");
    await writeState({...state, current: previous, previous: current, left: current.version});
    return {type: "back", version: previous.version};
  });
}

/** @param {ExtendableMessageEvent} event */
async function tell(event) {
  const state = await readState();
  /** @param {Release | null} r */
  const about = (r) => r && {version: r.version, seq: r.seq, hash: r.hash, installed: r.installed ?? 0};
  return {type: "release", current: about(state.current), previous: about(state.previous), running: about(running(state, client(event))), worker: state.worker ?? "", seq: state.seq ?? 0};
}

// --- what is signed ---

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** @param {BufferSource} body */
async function hashOf(body) {
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", body))));
}

// fresh asks the server itself, never the browser's cache.
/** @param {string} path @param {number} most bytes @returns {Promise<ArrayBuffer>} */
async function fresh(path, most) {
  const response = await fetch(path, {cache: "no-store", credentials: "omit", redirect: "error"});
  if (!response.ok) throw new Error(path + " answered " + response.status);
  const body = await response.arrayBuffer();
  if (body.byteLength > most) throw new Error(path + " is too long");
  return body;
}

// newestRelease is what the server offers, if enough of the keys have signed it.
/** @returns {Promise<Release>} */
async function newestRelease() {
  const body = await fresh("/release.json", 1 << 20);
  const signatures = JSON.parse(new TextDecoder().decode(await fresh("/release.sig", 1 << 16)))?.signatures;
  if (!(await signed(body, signatures))) throw new Error("the release is not signed by those whom this wallet knows");
  const release = JSON.parse(new TextDecoder().decode(body));
  const {format, version, seq, files, lazy, headers, types, worker: named, next} = release ?? {};
  if (format !== 1) throw new Error("the release has a form that this wallet does not know");
  if (typeof version !== "string" || !/^[0-9a-f]{16,64}$/.test(version)) throw new Error("the release has no version");
  if (!Number.isSafeInteger(seq) || seq < 1) throw new Error("the release has no number");
  if (typeof files !== "object" || files === null || !files[shell]) throw new Error("the release has no start page");
  for (const [path, hash] of Object.entries(files)) {
    if (!path.startsWith("/") || path.startsWith("//") || typeof hash !== "string") throw new Error("the release names a strange file");
  }
  if (!Array.isArray(lazy)) throw new Error("the release does not say what may wait");
  if (!headers?.["Content-Security-Policy"] || !types?.[".html"]) throw new Error("the release does not say what its pages may do");
  return {version, seq, hash: await hashOf(body), worker: String(named), next, files, headers, types, lazy: lazy.filter((path) => Object.hasOwn(files, path))};
}

/** @param {ArrayBuffer} body @param {Pair[]} signatures @returns {Promise<boolean>} */
async function signed(body, signatures) {
  if (!trust?.keys?.length || !Array.isArray(signatures)) return false;
  let good = 0;
  for (const key of trust.keys) {
    for (const signature of signatures.slice(0, 8)) {
      if (!(await verifies(key, signature, body).catch(() => false))) continue;
      good++;
      break;
    }
  }
  return good >= Math.max(1, trust.need);
}

// Each key is a pair. Where the browser does not know Ed25519 (Chromium before 137),
// the other half of the pair must have signed.
/** @param {Pair} key @param {Pair} signature @param {ArrayBuffer} body @returns {Promise<boolean>} */
async function verifies(key, signature, body) {
  /** @type {CryptoKey} */
  let ed25519;
  try {
    ed25519 = await crypto.subtle.importKey("raw", bytes(key.ed25519), "Ed25519", false, ["verify"]);
  } catch {
    const p256 = await crypto.subtle.importKey("raw", bytes(key.p256), {name: "ECDSA", namedCurve: "P-256"}, false, ["verify"]);
    return crypto.subtle.verify({name: "ECDSA", hash: "SHA-256"}, p256, bytes(signature.p256), body);
  }
  return crypto.subtle.verify("Ed25519", ed25519, bytes(signature.ed25519), body);
}

// vouch says whether the script that the server sends now, other than the running one,
// is named by a release that our keys have signed. The page tells the hash of the
// running one and the highest number of a release, as they were before: what is kept
// here a new worker could have changed.
// What another worker really consists of, no browser tells.
/** @param {ExtendableMessageEvent} event */
async function vouch(event) {
  /** @type {string} */
  let sent;
  try {
    sent = await hashOf(await fresh(script, 1 << 20));
  } catch {
    return {type: "unreachable"};
  }
  try {
    const release = await newestRelease();
    if (release.seq < Math.max(Number(event.data.seq) || 0, (await readState()).seq ?? 0)) throw new Error("the release is older than one that was here");
    if (sent === event.data.worker) throw new Error("the site shows the old one");
    if (![release.worker, release.next].includes(sent)) throw new Error("no release names it");
  } catch (err) {
    return err instanceof TypeError ? {type: "unreachable"} : {type: "unknown", why: why(err)};
  }
  return {type: "vouched"};
}

// --- one file ---

// obtain finds the bytes with the right hash: in a release that is here, in the
// browser's own cache, or anew. Prepaid data is somebody's money, and the hash
// makes all three equally safe.
/** @param {Release} next @param {string} path @param {(Release | null)[]} others @returns {Promise<Response>} */
async function obtain(next, path, others) {
  const hash = next.files[path];
  for (const release of [next, ...others]) {
    if (release?.files[path] !== hash) continue;
    const kept = await (await caches.open(cacheName(release.version))).match(path);
    const good = kept && (await verified(kept, next, path));
    if (good) return good;
  }
  for (const cache of /** @type {RequestCache[]} */ (["default", "reload"])) {
    const response = await fetch(path, {cache, credentials: "omit", redirect: "error"});
    if (!response.ok) throw new Error(path + " answered " + response.status);
    const good = await verified(response, next, path);
    if (good) return good;
  }
  throw new Error(path + " is not what the release names");
}

// verified returns the response ready to be kept, or null: of what came it has the
// bytes alone.
/** @param {Response} response @param {Release} release @param {string} path @returns {Promise<Response | null>} */
async function verified(response, release, path) {
  const body = await response.arrayBuffer();
  if ((await hashOf(body)) !== release.files[path]) return null;
  const {headers, types} = release;
  if (!types) return new Response(body, {headers: {"Content-Type": response.headers.get("Content-Type") ?? ""}}); // kept by a worker that knew of none
  const type = types[/\.\w+$/.exec(path)?.[0] ?? ""] ?? "application/octet-stream";
  return new Response(body, {headers: {...headers, "Content-Type": type}});
}

// keep has lazy files of the page's release, and of the one that waits, before anybody
// reads them.
/** @param {ExtendableMessageEvent} event */
async function keep(event) {
  const state = await readState();
  /** @type {string[]} */
  const paths = Array.isArray(event.data.paths) ? event.data.paths.map(String) : [];
  try {
    for (const release of new Set([running(state, client(event)), state.current])) {
      for (const path of paths) await have(release, path);
    }
  } catch {
    return {type: "unkept", paths};
  }
  return {type: "kept", paths};
}

// have returns a file of a release, and keeps it if it was not kept.
/** @param {Release | null} release @param {string} path @returns {Promise<Response>} */
async function have(release, path) {
  if (!release?.files[path]) throw new Error(path + " is not part of the release");
  const cache = await caches.open(cacheName(release.version));
  const kept = await cache.match(path);
  if (kept) return kept;
  const state = await readState();
  const good = await obtain(release, path, [state.current, state.previous]);
  await cache.put(path, good.clone()).catch(() => {}); // no space: it is shown all the same
  return good;
}

// --- answers ---

/** @param {FetchEvent} event @param {URL} url @returns {Promise<Response>} */
async function serve(event, url) {
  const state = await readState();
  const navigates = event.request.mode === "navigate";
  const release = navigates ? state.current : running(state, event.clientId);
  if (!release) return fetch(event.request);
  if (navigates && event.resultingClientId) {
    event.waitUntil(exclusive(() => remember(event.resultingClientId, release.version)));
    if (Date.now() - (state.asked ?? 0) > day) event.waitUntil(update().catch(() => {}));
  }
  const path = url.pathname === "/" || (navigates && !release.files[url.pathname]) ? shell : url.pathname;
  if (!release.files[path]) return new Response("not part of this release\n", {status: 404});
  try {
    return await have(release, path);
  } catch {
    // Dropped by a browser short of space, or lazy, and the server has another release
    // by now or cannot be reached: what is not signed for is not shown.
    event.waitUntil(update().catch(() => {}));
    return new Response("this file cannot be had now\n", {status: 503});
  }
}

/** @param {State} state @param {string} page @returns {Release | null} */
function running(state, page) {
  const {current, previous, older, pages} = state;
  const version = pages[page];
  if (version && previous?.version === version) return previous;
  return (version && older?.[version]) || current;
}

/** @param {string} page @param {string} version */
async function remember(page, version) {
  const state = await readState();
  state.pages[page] = version;
  await writeState(state);
}

// --- notices ---

const languageKey = "/language";
const inbox = "/inbox";

/** @param {string} tag of a language: the words that are shown before the program runs, a notice's among them */
const wordsPath = (tag) => "/web/messages/start/" + tag + ".json";

// speak keeps the language, which is all of the person that this worker knows: it
// cannot read what the page keeps, and runs when there is no page. Its words are kept
// too, for a notice that comes while there is no network.
/** @param {unknown} tag */
async function speak(tag) {
  if (typeof tag !== "string" || !/^[a-z]{2,3}$/.test(tag)) return;
  const cache = await caches.open(stateCache);
  await cache.put(languageKey, new Response(tag));
  await have((await readState()).current, wordsPath(tag));
}

/** @returns {Promise<{lang: string, title: string, body: string}>} */
async function words() {
  const kept = await (await caches.open(stateCache)).match(languageKey);
  const lang = kept ? await kept.text() : navigator.language.split("-")[0];
  const text = await (await have((await readState()).current, wordsPath(lang))).json();
  const {"notice.title": title, "notice.body": body} = text;
  if (!title || !body) throw new Error("no words for a notice");
  return {lang, title, body};
}

// One notice, however many messages came. It is shown even while the wallet is on
// the screen: browsers take the permission from a worker that is woken and shows
// nothing.
async function notice() {
  const english = {lang: "en", title: "Something arrived", body: "Open Potli to see it."};
  const {title, ...text} = await words().catch(() => english);
  await worker.registration.showNotification(title, {...text, tag: "arrived", icon: "/web/icons/potli-192.png"});
}

// A wallet that is open is shown as it stands and asked to turn to the inbox:
// loading it anew would lock it, and lose what is being typed.
/** @param {Notification} n */
async function tapped(n) {
  n.close();
  const open = await worker.clients.matchAll({type: "window", includeUncontrolled: true});
  const page = open.find((c) => c.focused) ?? open.find((c) => c.visibilityState === "visible") ?? open[0];
  if (!page) return void (await worker.clients.openWindow(inbox));
  page.postMessage({type: "open"});
  await page.focus();
}

// Who opens the wallet sees there what arrived.
async function withdraw() {
  for (const n of await worker.registration.getNotifications({tag: "arrived"})) n.close();
}

// --- what other apps share ---

// The share sheet of the system posts a form (share_target in the manifest). Its files wait in a cache of their own until
// the person has unlocked the wallet and said what is to become of them; nothing of a release is touched. Any website
// can post such a form too, so nothing is taken in unasked (app/ui, handedCard), and there is a limit to what waits.
// Files lie there unsealed, since there is no key while the wallet is locked: they go after a day.

const shareTarget = "/share-target";
const handedCache = "potli-handed";
const mostHanded = 20; // files
const mostBytes = 100 << 20; // together

/** @param {Request} request @param {URL} url */
const isHanded = (request, url) => request.method === "POST" && url.origin === worker.location.origin && url.pathname === shareTarget;

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (isHanded(event.request, url)) event.respondWith(handed(event.request));
  else if (event.request.mode === "navigate") event.waitUntil(forgetHanded().catch(() => {}));
});

/** @param {Request} request @returns {Promise<Response>} */
async function handed(request) {
  let to = "/add#not-shared"; // too much, no space, or no form: the page says so
  try {
    to = await keepHanded(await request.formData());
  } catch {
    // as it says
  }
  return Response.redirect(to, 303);
}

// keepHanded returns the page that goes on. A health link, or a clinic's question, is no file: its page takes it out of
// the address at once.
/** @param {FormData} form @returns {Promise<string>} */
async function keepHanded(form) {
  const files = /** @type {File[]} */ (form.getAll("files").filter((f) => f instanceof File && f.size > 0));
  const text = ["title", "text", "url"].map((name) => form.get(name)).filter((v) => typeof v === "string" && v.trim()).join("\n");
  const link = /\S*shlink:\/\S+|https?:\/\/\S+\/ask#\S+/.exec(text)?.[0];
  if (link && !files.length && link.length < 8192) return "/take#" + encodeURIComponent(link);
  if (text && !files.length) files.push(new File([text.slice(0, 1 << 20)], "shared.txt", {type: "text/plain"}));
  await forgetHanded();
  const cache = await caches.open(handedCache);
  const waiting = await cache.keys();
  let bytes = 0;
  for (const key of waiting) bytes += (await (await cache.match(key))?.blob())?.size ?? 0;
  for (const f of files) bytes += f.size;
  if (!files.length || waiting.length + files.length > mostHanded || bytes > mostBytes) throw new Error("nothing, or too much");
  for (const f of files) {
    const headers = {"x-potli-at": new Date().toISOString(), "x-potli-name": encodeURIComponent(f.name.slice(0, 200))};
    await cache.put("/handed/" + crypto.randomUUID(), new Response(f, {headers}));
  }
  return "/add#shared";
}

// forgetHanded drops what has waited for a day.
async function forgetHanded() {
  if (!(await caches.has(handedCache))) return;
  const cache = await caches.open(handedCache);
  for (const key of await cache.keys()) {
    const at = Date.parse((await cache.match(key))?.headers.get("x-potli-at") ?? "");
    if (!(Math.abs(Date.now() - at) < day)) await cache.delete(key);
  }
}
