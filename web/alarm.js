// The watch over the service worker. Its program decides what every page of the
// wallet is from then on, and the browser takes a new one from the server by itself;
// so a page that sees it replaced asks the worker it trusts, the old one, whether a
// release names the new one that the same keys have signed. If not: alarm. The program
// then drops all keys and says how to check.
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

// ask returns what a worker answers; it fails when there is no answer in time.
/** @param {ServiceWorker} worker @param {object} message @param {number} [most] milliseconds @returns {Promise<any>} */
export function ask(worker, message, most = 20_000) {
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

function alarm() {
  if (page.potliAlarm) return;
  page.potliAlarm = known || "unknown";
  window.dispatchEvent(new Event("potli-alarm"));
}

// What the network keeps from us is asked for again, and in the end held against it.
const pauses = [1000, 3000, 8000];

/** @param {ServiceWorker} old @returns {Promise<boolean>} */
async function vouched(old) {
  for (const ms of [...pauses, 0]) {
    const answer = await ask(old, {type: "vouch", worker: known}).catch(() => ({type: "unreachable"}));
    if (answer.type !== "unreachable") return answer.type === "vouched";
    if (!navigator.onLine) await new Promise((done) => window.addEventListener("online", done, {once: true}));
    await pause(ms);
  }
  return false;
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
  known = (await ask(old, {type: "release"}).catch(() => null))?.worker ?? "";
  await judge(registration, old);
}

watch().catch(() => {}); // no service worker here
