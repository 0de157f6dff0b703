// The service worker: it keeps whole releases, and answers from one of them.
//
// A release is the list of files in /release.json with the SHA-256 of each.
// Every file is fetched and hashed before the pointer moves, and the pointer
// moves last: a missing, truncated or changed file leaves the running release
// as it is. These bytes hold no version and no file list, so that they change
// only when this program changes.
//
// What a page may ask:     {type: "update"}
//                          {type: "language", tag}     that the person reads; notices are in it
// What it is answered:     {type: "ready", version}    another release waits for the next start
//                          {type: "current", version}  nothing is newer
//                          {type: "refused", why}      the running release stays
//                          {type: "open"}              the person tapped a notice: show the inbox
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
 * @typedef {{version: string, files: Record<string, string>}} Release
 *
 * State is the one pointer. A page finishes on the release it began with, so
 * the release of each open page is remembered by its client id. Asked is when
 * the program of the current release last asked for an update: it can.
 * @typedef {{current: Release | null, previous: Release | null, pages: Record<string, string>, asked?: number}} State
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const stateCache = "potli-state";
const stateKey = "/state.json";
const shell = "/index.html";
const day = 24 * 3600_000;

/** @param {string} version */
const cacheName = (version) => "rel-" + version;

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  if (event.data?.type === "update") event.waitUntil(answer(event));
  if (event.data?.type === "language") event.waitUntil(speak(event.data.tag));
});
worker.addEventListener("push", (event) => event.waitUntil(notice()));
worker.addEventListener("notificationclick", (event) => event.waitUntil(tapped(event.notification)));
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === worker.location.origin;
  if (event.request.method !== "GET" || !ours || url.pathname === "/release.json" || url.pathname === "/sw.js") return;
  event.respondWith(serve(event, url));
});

// A worker that replaces another finds a release in place and keeps it.
async function install() {
  if (!(await readState()).current) await update();
}

// The page of the first visit came over the network: it runs on this release too.
async function activate() {
  await worker.clients.claim();
  const open = await worker.clients.matchAll({type: "window"});
  await exclusive(async () => {
    const state = await readState();
    for (const page of open) state.pages[page.id] ??= state.current?.version ?? "";
    await writeState(state);
  });
}

/** @param {ExtendableMessageEvent} event */
async function answer(event) {
  const page = /** @type {Client | null} */ (event.source);
  await withdraw().catch(() => {});
  try {
    const version = await update();
    const running = page && (await exclusive(() => heard(page.id, version)));
    page?.postMessage({type: running && running !== version ? "ready" : "current", version});
  } catch (err) {
    page?.postMessage({type: "refused", why: err instanceof Error ? err.message : String(err)});
  }
}

// heard notes that a program has asked, unless it is known to run on an older
// release than the newest, and returns the release that it runs on.
/** @param {string} client @param {string} version @returns {Promise<string | undefined>} */
async function heard(client, version) {
  const state = await readState();
  if ((state.pages[client] ?? version) === version) await writeState({...state, asked: Date.now()});
  return state.pages[client];
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
  const {current} = await readState();
  if (current?.version === next.version && (await complete(current))) return next.version;
  const name = cacheName(next.version);
  try {
    const cache = await caches.open(name);
    for (const [path, hash] of Object.entries(next.files)) {
      await cache.put(path, await obtain(path, hash, current));
    }
  } catch (err) {
    if (current?.version !== next.version) await caches.delete(name);
    throw err;
  }
  await exclusive(() => point(next));
  return next.version;
}

/** @returns {Promise<Release>} */
async function newestRelease() {
  const response = await fetch("/release.json", {cache: "no-store", credentials: "omit"});
  if (!response.ok) throw new Error("the list of files answered " + response.status);
  const release = await response.json();
  const files = release?.files;
  if (typeof release?.version !== "string" || !/^[0-9a-f]{16,64}$/.test(release.version)) throw new Error("the release has no version");
  if (typeof files !== "object" || files === null || !files[shell]) throw new Error("the release has no start page");
  for (const [path, hash] of Object.entries(files)) {
    if (!path.startsWith("/") || path.startsWith("//") || typeof hash !== "string") throw new Error("the release names a strange file");
  }
  return {version: release.version, files};
}

/** @param {Release} release */
async function complete(release) {
  const cache = await caches.open(cacheName(release.version));
  return (await cache.keys()).length === Object.keys(release.files).length;
}

// The new release becomes the next start's. The one before it stays, and so
// does any release that an open page still runs on.
/** @param {Release} next */
async function point(next) {
  const state = await readState();
  const open = new Set((await worker.clients.matchAll({includeUncontrolled: true})).map((c) => c.id));
  // A page that is just being opened is remembered already and not yet among them.
  for (const id of Object.keys(state.pages).slice(-1)) open.add(id);
  const pages = Object.fromEntries(Object.entries(state.pages).filter(([id]) => open.has(id)));
  const previous = state.current?.version === next.version ? state.previous : state.current;
  await writeState({current: next, previous, pages});
  const keep = new Set([next.version, previous?.version ?? "", ...Object.values(pages)].map(cacheName));
  for (const name of await caches.keys()) {
    if (name.startsWith("rel-") && !keep.has(name)) await caches.delete(name);
  }
}

// --- one file ---

// obtain finds the bytes with the right hash: in the running release, in the
// browser's own cache, or anew. Prepaid data is somebody's money, and the hash
// makes all three equally safe.
//
// Documents and scripts are always asked for, because they are kept together
// with their headers, and the policy in those may have changed.
/** @param {string} path @param {string} hash @param {Release | null} current */
async function obtain(path, hash, current) {
  const carriesPolicy = path.endsWith(".html") || path.endsWith(".js");
  if (current && current.files[path] === hash && !carriesPolicy) {
    const kept = await (await caches.open(cacheName(current.version))).match(path);
    const good = kept && (await verified(kept, hash));
    if (good) return good;
  }
  for (const cache of /** @type {RequestCache[]} */ (carriesPolicy ? ["reload"] : ["default", "reload"])) {
    const response = await fetch(path, {cache, credentials: "omit", redirect: "error"});
    if (!response.ok) throw new Error(path + " answered " + response.status);
    const good = await verified(response, hash);
    if (good) return good;
  }
  throw new Error(path + " is not what the release names");
}

// verified returns the response ready to be kept, or null. The body is already
// decoded, so headers about its coding would be wrong.
/** @param {Response} response @param {string} hash @returns {Promise<Response | null>} */
async function verified(response, hash) {
  const body = await response.arrayBuffer();
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  if (btoa(String.fromCharCode(...sum)) !== hash) return null;
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length", "vary", "date", "etag"]) headers.delete(name);
  return new Response(body, {headers});
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
  const cache = await caches.open(cacheName(release.version));
  // A browser short of space may have dropped it.
  return (await cache.match(path)) ?? fetch(path, {cache: "no-cache"});
}

/** @param {State} state @param {string} client @returns {Release | null} */
function running(state, client) {
  const {current, previous, pages} = state;
  return previous && pages[client] === previous.version ? previous : current;
}

/** @param {string} client @param {string} version */
async function remember(client, version) {
  const state = await readState();
  state.pages[client] = version;
  await writeState(state);
}

// --- notices ---

const languageKey = "/language";
const inbox = "/inbox";

/** @type {Record<string, {title: string, body: string}>} */
const words = {
  en: {title: "Something arrived", body: "Open Potli to see it."},
  hi: {title: "कुछ आया है", body: "देखने के लिए पोटली खोलें।"},
};

// speak keeps the language, which is all of the person that this worker knows: it
// cannot read what the page keeps, and runs when there is no page.
/** @param {unknown} tag */
async function speak(tag) {
  if (typeof tag !== "string" || !Object.hasOwn(words, tag)) return;
  const cache = await caches.open(stateCache);
  await cache.put(languageKey, new Response(tag));
}

/** @returns {Promise<string>} */
async function language() {
  const kept = await (await caches.open(stateCache)).match(languageKey).then((response) => response?.text());
  const tag = kept ?? navigator.language.split("-")[0];
  return Object.hasOwn(words, tag) ? tag : "en";
}

// One notice, however many messages came. It is shown even while the wallet is on
// the screen: browsers take the permission from a worker that is woken and shows
// nothing.
async function notice() {
  const lang = await language().catch(() => "en");
  const {title, body} = words[lang];
  await worker.registration.showNotification(title, {
    body, lang, tag: "arrived", icon: "/web/icons/potli-192.png",
  });
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
