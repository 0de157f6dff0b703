// The watch over the service worker. Its program decides what every page of the
// wallet is from then on, and the browser takes a new one from the server by itself;
// so a page that sees it replaced asks the worker it trusts, the old one, whether a
// release names the new one that the same keys have signed. If not: alarm. Quick unlock,
// which asks nobody, is taken away at once, and the program drops all keys and says how to
// check. Where it is not there yet, shell.js says it.
//
// This comes too late to keep the new worker out: it owns the next navigation. It
// comes before anything is typed there.
//
// For the program it leaves on globalThis:
//
//	potliAlarm            "", or the hash of the worker that was replaced ("unknown" where it never said)
//	event "potli-alarm"   on window, when potliAlarm changes
//
// @ts-check

const page = /** @type {any} */ (globalThis);
page.potliAlarm = "";

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const patience = 20_000; // milliseconds, for an answer

// ask returns what a worker answers; it fails when there is no answer in time.
/** @param {ServiceWorker} worker @param {object} message @param {number} [most] milliseconds @returns {Promise<any>} */
export function ask(worker, message, most = patience) {
  return new Promise((done, failed) => {
    const {port1, port2} = new MessageChannel();
    const end = setTimeout(() => failed(new Error("no answer")), most);
    port1.onmessage = (event) => {
      clearTimeout(end);
      done(event.data);
    };
    worker.postMessage(message, [port2]);
  });
}

let known = ""; // hash of the worker that this page began with
let highest = 0; // number of a release, until then

function alarm() {
  if (page.potliAlarm) return;
  page.potliAlarm = known || "unknown";
  window.dispatchEvent(new Event("potli-alarm"));
  forget();
}

// forget takes away the key of quick unlock (wasm/browser, QuickKeys): the new worker's
// page could use it as well.
function forget() {
  const opening = indexedDB.open("potli-quick");
  opening.onupgradeneeded = () => opening.transaction?.abort(); // there is none
  opening.onsuccess = () => {
    const db = opening.result;
    const all = db.transaction("keys", "readwrite");
    all.oncomplete = all.onabort = () => db.close();
    all.objectStore("keys").clear();
  };
}

// What the network keeps from us is asked for again, and in the end held against it. Until
// then the first answer to any of the questions counts: on a slow line it may be that to
// an earlier one.
const pauses = [1000, 3000, 8000, 0];

/** @param {ServiceWorker} old @returns {Promise<boolean>} */
function vouched(old) {
  return new Promise((decide) => {
    const question = async () => {
      const {type} = await ask(old, {type: "vouch", worker: known, seq: highest}, pauses.length * patience);
      if (type !== "unreachable") decide(type === "vouched");
    };
    const again = async () => {
      for (const ms of pauses) {
        await Promise.race([question().catch(() => {}), pause(patience)]);
        if (!navigator.onLine) await new Promise((done) => window.addEventListener("online", done, {once: true}));
        await pause(ms);
      }
      decide(false);
    };
    again();
  });
}

/** @type {WeakSet<ServiceWorker>} */
const seen = new WeakSet();

/** @param {ServiceWorkerRegistration} registration @param {ServiceWorker} old */
async function judge(registration, old) {
  const next = registration.installing ?? registration.waiting;
  if (!next || next === old || seen.has(next)) return;
  seen.add(next);
  if (!(await vouched(old)) && next.state !== "redundant") alarm(); // one that did not install has replaced nothing
}

async function watch() {
  const {serviceWorker} = navigator;
  const registration = await serviceWorker?.getRegistration();
  const old = registration?.active;
  if (!registration || !old) return; // the first visit: there is nothing to compare
  registration.addEventListener("updatefound", () => judge(registration, old));
  // An honest worker waits until all pages are closed.
  if (serviceWorker.controller) serviceWorker.addEventListener("controllerchange", alarm);
  const told = await ask(old, {type: "release"}).catch(() => null);
  known = told?.worker ?? "";
  highest = told?.seq ?? 0;
  await judge(registration, old);
}

watch().catch(() => {}); // no service worker here
