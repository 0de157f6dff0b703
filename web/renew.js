// The service worker as the page sees it: registered once the program runs, asked
// for a newer release, told the language of the person. boot.js imports this when
// the program has started; alarm.js watches from the beginning.
//
// For the program it leaves on globalThis:
//
//	potliUpdate            version of a release that waits for the next start, or ""
//	event "potli-update"   on window, when potliUpdate changes
//	potliWorker            sends the worker a message and returns a promise of its answer
//	event "potli-worker"   on window, when potliWorker is there
//	potliTyped             says whether something is typed that a reload would lose
//	goappTryUpdate         asks for a newer release, at most once an hour
//
// @ts-check

import {ask} from "./alarm.js";

/** @typedef {(url: string) => string} ScriptURL */

const page = /** @type {any} */ (globalThis);

// --- its address ---

// One Trusted Types policy for one address. The wasm side has another, for the
// dedicated worker; the Content-Security-Policy knows these two and no third.
/** @type {ScriptURL} */
const ownWorker = (url) => {
  if (url !== "/sw.js") throw new TypeError("not our service worker");
  return url;
};
const policy = page.trustedTypes?.createPolicy("wallet-sw", {createScriptURL: ownWorker});
/** @type {ScriptURL} */
const workerURL = (url) => (policy ? policy.createScriptURL(url) : ownWorker(url));

// --- updates ---

const hour = 3600_000;
let asked = 0;
page.potliUpdate = "";
page.goappTryUpdate = askForUpdate;

const registered = navigator.serviceWorker?.register(workerURL("/sw.js"), {updateViaCache: "none"});
registered?.catch(() => {});

async function keepOffline() {
  const {serviceWorker} = navigator;
  if (!serviceWorker) return;
  serviceWorker.addEventListener("message", (event) => {
    if (event.data?.type === "open") turnToInbox();
    if (event.data?.type === "ready") ready(event.data.version);
  });
  try {
    await registered;
  } catch {
    return; // no storage, or the files changed while they were fetched: the next start tries again
  }
  keepUsed();
  askForUpdate();
  document.addEventListener("visibilitychange", askForUpdate);
  tellLanguage();
  new MutationObserver(tellLanguage).observe(document.documentElement, {attributeFilter: ["lang"]});
}

/** @param {string} version */
function ready(version) {
  page.potliUpdate = version;
  window.dispatchEvent(new Event("potli-update"));
}

// The worker shows notices while no page is open, and has to know the language.
async function tellLanguage() {
  (await navigator.serviceWorker.ready).active?.postMessage({type: "language", tag: document.documentElement.lang});
}

// The person has tapped a notice. Who is in the middle of a form stays there, or
// what was typed would be gone; the page has a sign that something arrived.
function turnToInbox() {
  if (document.querySelector("form.form") || location.pathname.startsWith("/inbox")) return;
  page.goappNav("/inbox");
}

// What the first visit has fetched before there was a worker is kept too, or a person
// would lose their language with the network.
async function keepUsed() {
  if (navigator.serviceWorker.controller) return;
  const used = performance.getEntriesByType("resource").map((entry) => new URL(entry.name, location.href));
  const paths = used.filter((url) => url.origin === location.origin && url.pathname.startsWith("/web/")).map((url) => url.pathname);
  const {current} = await worker({type: "release"});
  if (current) await worker({type: "keep", paths});
}

// --- for the program ---

/** @param {object} message @returns {Promise<any>} */
async function worker(message) {
  await registered;
  const {active} = await navigator.serviceWorker.ready;
  if (!active) throw new Error("no worker");
  const said = await ask(active, message, 600_000); // a language may come over a slow line
  if (said.type === "ready") ready(said.version);
  return said;
}

// A search is soon typed again, and a file chosen: they are no form of somebody's.
/** @type {Set<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>} */
const touched = new Set();
document.addEventListener("input", ({target}) => {
  const lost = target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
  if (lost || (target instanceof HTMLInputElement && !["search", "file"].includes(target.type))) touched.add(target);
}, true);

function typed() {
  for (const field of touched) if (!field.isConnected) touched.delete(field);
  return [...touched].some((field) => field instanceof HTMLSelectElement || field.type === "checkbox" || field.type === "radio" || field.value !== "");
}

page.potliTyped = typed;
page.potliWorker = worker;

async function askForUpdate() {
  if (document.visibilityState !== "visible" || Date.now() - asked < hour) return;
  asked = Date.now();
  (await navigator.serviceWorker.ready).active?.postMessage({type: "update"});
}

window.dispatchEvent(new Event("potli-worker"));
keepOffline();
