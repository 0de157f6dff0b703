// What runs beside the wasm: it loads the program with honest progress, goes on by
// itself when the network was gone, keeps the compiled module for the worker, and leaves
// the screen to shell.js and the service worker to alarm.js and renew.js.
// It takes the place of go-app's app.js, which registers its worker with a plain
// string (Trusted Types refuse it), turns away every browser with "bot" in its
// name (there are CUBOT phones), and forgets the module.
//
// For the program it leaves on globalThis:
//
//	potliModule   the compiled WebAssembly.Module
//	potliRest     a promise of that of its rest, where it has one
//	potliAhead    answers to what it will ask for first, by path
//	goapp…        what go-app's own wasm side calls
//
// @ts-check

import "./alarm.js";
import {divided} from "./rest.js";
import {alarmed, awaits, fail, open, shell, show} from "./shell.js";
import "./store.js";

/** @typedef {{importObject: WebAssembly.Imports, env: Record<string, string>, run(i: WebAssembly.Instance): Promise<void>}} Program */

const page = /** @type {any} */ (globalThis);

// --- what go-app's wasm side calls ---

/** @type {any} */
let installPrompt = null;

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installPrompt = event;
  page.goappOnAppInstallChange();
});
window.addEventListener("appinstalled", () => {
  installPrompt = null;
  page.goappOnAppInstallChange();
});

const installed = () => matchMedia("(display-mode: standalone)").matches || /** @type {any} */ (navigator).standalone === true;

Object.assign(page, {
  // Replaced by the wasm side when it starts.
  goappNav: () => {},
  goappOnUpdate: () => (page.goappUpdatedBeforeWasmLoaded = true),
  goappOnAppInstallChange: () => (page.goappAppInstallChangedBeforeWasmLoaded = true),
  goappUpdatedBeforeWasmLoaded: false,
  goappAppInstallChangedBeforeWasmLoaded: false,
  // There is no environment: where the other origins are stands in /config.json.
  goappGetenv: () => "",
  // Replaced by renew.js.
  goappTryUpdate: () => {},
  goappIsAppInstalled: installed,
  goappIsAppInstallable: () => installPrompt !== null && !installed(),
  goappIsAppleBrowser: () => "standalone" in navigator,
  goappShowInstallPrompt: async () => {
    await installPrompt?.prompt();
    installPrompt = null;
  },
});

// A form goes nowhere but to the program, which may not be there in time to say so. Nor
// does a link, until all of the program is there: it follows those that it knows itself
// (go-app, browser.go).
addEventListener("submit", (event) => event.preventDefault(), true);

/** @param {MouseEvent} event */
function follows(event) {
  const link = event.target instanceof Element && event.target.closest("a[href]:not([download], [target=_blank])");
  if (link && !shell.isConnected && !event.metaKey && !event.ctrlKey) event.preventDefault();
}

// Nor does a file that is dropped open in the program's place.
/** @param {Event} event */
const stays = (event) => event.preventDefault();
for (const name of ["dragover", "drop"]) addEventListener(name, stays);

// --- the program ---

// A server's refusal is said, not repeated: asking again at once would not help. The rest
// is asked for again where the answer is one of a bad moment, since somebody may be at work.
class Refused extends Error {}

const moments = [408, 425, 429, 500, 502, 503, 504];

// A piece of the program, which the browser keeps once all of it has come.
/** @typedef {{path: string, size: number}} Piece size: bytes, decoded */
/** @typedef {{pieces: Piece[], whole: number, decoded: number, begun: number, travelled: number, of: number, refused: boolean, bad: boolean}} Part
 * whole: bytes, decoded, of which so many are here; of: those of the pieces that travelled counts; begun: when; refused: for good;
 * bad: what came once was no program, nor is what the browser keeps of it */

/** @param {string} [paths] @param {string} [sizes] @returns {Part} */
function part(paths = "", sizes = "") {
  const lengths = sizes.split(" ").map(Number);
  const pieces = paths.split(" ").filter(Boolean).map((path, i) => ({path, size: lengths[i]}));
  return {pieces, whole: pieces.reduce((sum, piece) => sum + piece.size, 0), decoded: 0, begun: 0, travelled: 0, of: 0, refused: false, bad: false};
}

// The first part starts the program; the rest follows (rest.js).
const first = part(shell.dataset.wasm, shell.dataset.wasmBytes);
const rest = part(shell.dataset.rest, shell.dataset.restBytes);

const kept = Boolean(navigator.serviceWorker?.controller); // nothing travels
let failed = 0; // times in a row

// tell shows progress: that of the rest only where the program has taken the shell's place.
/** @param {Part} of @param {Parameters<typeof show>[0]} now */
const tell = (of, now) => (of === first || !shell.isConnected) && show(now);

// progress shows how much of a part has come. How many bytes travel is known of the
// pieces that were asked for, and so of the whole by their share of it. How long it takes
// is said once there is something to judge by, and in fives.
/** @param {Part} of */
function progress(of) {
  const part = Math.min(1, of.decoded / of.whole);
  const total = kept || !of.of ? 0 : (of.travelled / of.of) * of.whole;
  const seconds = (performance.now() - of.begun) / 1000;
  const left = part ? seconds * (1 / part - 1) : 0;
  tell(of, {state: part < 1 ? "loading" : "starting", part, total, seconds: seconds > 2 && left > 3 && !kept ? Math.ceil(left / 5) * 5 : 0});
}

/** @param {Part} of @param {Piece} piece */
async function ask(of, piece) {
  const response = await fetch(piece.path, {cache: of.bad ? "reload" : "default"});
  const type = response.headers.get("Content-Type") ?? "";
  if (of === rest && (moments.includes(response.status) || (response.ok && !type.startsWith("application/wasm")))) {
    of.bad = true; // or it is a page that asks to log in to the network
    throw new Error("not now");
  }
  if (!response.ok || !response.body) {
    of.refused = true;
    throw new Refused("the program answered " + response.status);
  }
  of.travelled += Number(response.headers.get("Content-Length")) || 0;
  of.of += piece.size;
  return response.body;
}

// bytes gives the bytes of a part in order. A piece that was cut is asked for again,
// from where it was cut: that much of it is passed over. The next one is asked for before
// this one is at its end, so that the line is never idle.
/** @param {Part} of */
async function* bytes(of) {
  const {pieces} = of;
  /** @type {Promise<ReadableStream<Uint8Array>> | undefined} */
  let next;
  for (let i = 0; i < pieces.length; i++) {
    for (let given = 0; given < pieces[i].size; ) {
      try {
        const body = await (next ?? ask(of, pieces[i]));
        next = undefined;
        let at = 0;
        for (const reader = body.getReader(); ; ) {
          const {done, value} = await reader.read();
          if (done) break;
          failed = 0;
          const fresh = value.subarray(Math.max(0, given - at));
          at += value.byteLength;
          if (!fresh.byteLength) continue;
          given += fresh.byteLength;
          of.decoded += fresh.byteLength;
          progress(of);
          if (!next && i + 1 < pieces.length && given > pieces[i].size * 0.8) {
            next = ask(of, pieces[i + 1]);
            next.catch(() => {}); // seen when its turn comes
          }
          const most = of === rest ? bite : fresh.byteLength;
          for (let i = 0; i < fresh.byteLength; i += most) yield fresh.subarray(i, i + most);
        }
        if (given < pieces[i].size) throw new Error("a piece is short");
      } catch (err) {
        if (err instanceof Refused) throw err;
        if (given === pieces[i].size) continue;
        next?.then((body) => body.cancel()).catch(() => {});
        next = undefined;
        await back(of);
      }
    }
  }
}

let hurry = false; // the program waits for the rest
let now = () => {}; // what was put off is tried at once

// back waits until it is worth asking again: the network says that it is there, the
// person says so or needs it, or some seconds have passed, each time more. Who does not
// need it yet is not told.
/** @param {Part} of @returns {Promise<void>} */
function back(of) {
  tell(of, {state: "waiting", part: of.decoded / of.whole, total: 0, seconds: 0});
  return new Promise((done) => {
    const go = () => {
      gone();
      clearTimeout(timer);
      removeEventListener("online", go);
      done();
    };
    const gone = of === first || hurry ? fail("waiting", go) : () => {};
    now = go;
    const timer = setTimeout(go, Math.min(30, 2 ** failed++) * 1000);
    addEventListener("online", go);
  });
}

// bite is how many bytes of the rest the browser is given to read at once: what a slow
// phone reads without holding the finger up.
const bite = 256 << 10;

// streamed is a part as a browser compiles it while it comes. The person is at work while
// the rest comes, so that there is room between its bites.
/** @param {Part} of */
function streamed(of) {
  of.begun = performance.now();
  tell(of, {state: "loading", part: 0, total: 0, seconds: 0});
  const source = bytes(of);
  const body = new ReadableStream({
    async pull(to) {
      if (of === rest && !hurry && !document.hidden) await new Promise((done) => setTimeout(done));
      const {done, value} = await source.next();
      if (page.potliAlarm) throw new Error("another worker answers"); // what it gives is no program of ours
      if (done) to.close();
      else to.enqueue(value);
    },
  });
  return new Response(body, {headers: {"Content-Type": "application/wasm"}});
}

// ahead asks, while the program comes, for what it will ask for first. It asks itself for
// what does not come, and for another language.
function ahead() {
  const words = [...new Set(["en", shell.dataset.spoken ?? "en"])].map((tag) => "/web/messages/" + tag + ".json");
  const options = /** @type {RequestInit} */ ({credentials: "omit", referrerPolicy: "no-referrer", redirect: "error"});
  page.potliAhead = new Map(["/config.json", "/web/messages/languages.json", ...words].map((path) => [path, fetch(path, options).catch(() => null)]));
}

/** @returns {Promise<{program: Program, instance: WebAssembly.Instance}>} */
async function load() {
  const program = /** @type {Program} */ (new page.Go());
  program.env = {GOTRACEBACK: "system"}; // a trace has no names: say the places
  const {module, instance} = await WebAssembly.instantiateStreaming(streamed(first), program.importObject);
  page.potliModule = module;
  return {program, instance};
}

// follow fetches the rest and puts it in its place. What is no program, though it was
// called one, is asked for again, past what the browser has kept of it.
/** @param {WebAssembly.Instance} instance @returns {Promise<WebAssembly.Module>} */
async function follow(instance) {
  try {
    return (await WebAssembly.instantiateStreaming(streamed(rest), {first: instance.exports})).module;
  } catch (err) {
    if (rest.refused || page.potliAlarm || !(err instanceof WebAssembly.CompileError)) throw err;
  }
  Object.assign(rest, {decoded: 0, travelled: 0, of: 0, bad: true});
  await back(rest);
  return follow(instance);
}

// styled adds the styles of the program, which the shell does without, and waits for
// them: they are small and were asked for first.
function styled() {
  const paths = (shell.dataset.styles ?? "").split(" ").filter(Boolean);
  return Promise.all(paths.map((href) => new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.onload = link.onerror = done;
    document.head.append(link);
  })));
}

/** @returns {[() => void, Promise<void>]} what gives a sign, and the sign */
function signal() {
  /** @type {() => void} */
  let give = () => {};
  const sign = /** @type {Promise<void>} */ (new Promise((done) => (give = done)));
  return [give, sign];
}

// settled is done when the program has taken the shell's place and is at rest: what its
// first page needs does not share the line with what comes after.
function settled() {
  return new Promise((done) => {
    const observer = new MutationObserver(() => {
      if (shell.isConnected) return;
      observer.disconnect();
      done(0);
    });
    observer.observe(document.body, {childList: true});
  }).then(() => new Promise((done) => setTimeout(done, 500)));
}

// able: all of the program is here and runs, and says itself what concerns it.
let able = false;
const warn = () => void (page.potliAlarm && !able && alarmed());
addEventListener("potli-alarm", warn);

function complete() {
  able = true;
  removeEventListener("click", follows, true);
  for (const name of ["dragover", "drop"]) removeEventListener(name, stays);
}

async function start() {
  open();
  if (typeof WebAssembly !== "object") return fail("unable");
  const again = () => location.reload();
  /** @type {Promise<void>} */
  let ended;
  let arrived = Promise.resolve();
  try {
    const loading = load();
    const styles = styled();
    ahead();
    const {program, instance} = await loading;
    await styles;
    let whole = instance;
    if (rest.pieces.length) {
      const [begin, begun] = signal();
      const coming = (page.potliRest = begun.then(() => follow(instance)));
      arrived = coming.then(() => {}, () => void fail("offline", again));
      settled().then(begin);
      addEventListener("click", follows, true);
      coming.then(complete, () => {});
      const wanted = () => {
        begin();
        return coming;
      };
      whole = divided(program, instance, wanted, (waits) => {
        hurry = waits;
        awaits(waits);
        if (!waits) return;
        progress(rest);
        now();
      });
    }
    ended = program.run(whole); // returns when the program first waits
    if (whole === instance) complete();
  } catch {
    return fail("offline", again);
  }
  // After the program, so that on a slow network the two do not share the line.
  arrived.then(() => page.potliAlarm || import("./renew.js")).catch(() => {}); // the files changed while they were fetched: the next start tries again
  await ended.catch(() => {}); // it never ends but by a panic, which Go has written to the console
  able = false;
  warn();
  fail("stopped", again);
}

start();
