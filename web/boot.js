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
//	goapp…        what go-app's own wasm side calls
//
// @ts-check

import "./alarm.js";
import {fail, open, shell, show} from "./shell.js";

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

// --- the program ---

// A server's refusal is said, not repeated: asking again at once would not help.
class Refused extends Error {}

// A piece of the program, which the browser keeps once all of it has come.
/** @typedef {{path: string, size: number}} Piece size: bytes, decoded */
const lengths = (shell.dataset.wasmBytes ?? "").split(" ").map(Number);
/** @type {Piece[]} */
const pieces = (shell.dataset.wasm ?? "").split(" ").map((path, i) => ({path, size: lengths[i]}));
const whole = lengths.reduce((sum, n) => sum + n, 0);

const kept = Boolean(navigator.serviceWorker?.controller); // nothing travels
const come = {part: 0, decoded: 0, begun: 0, travelled: 0, of: 0}; // bytes; of: decoded bytes of the pieces that travelled counts
let failed = 0; // times in a row

// progress shows how much has come. How many bytes travel is known of the pieces that
// were asked for, and so of the whole by their share of it. How long it takes is said
// once there is something to judge by, and in fives.
function progress() {
  const part = Math.min(1, come.decoded / whole);
  const total = kept || !come.of ? 0 : (come.travelled / come.of) * whole;
  const seconds = (performance.now() - come.begun) / 1000;
  const left = seconds * (1 / part - 1);
  show({state: part < 1 ? "loading" : "starting", part, total, seconds: seconds > 2 && left > 3 && !kept ? Math.ceil(left / 5) * 5 : 0});
}

/** @param {Piece} piece */
async function ask(piece) {
  const response = await fetch(piece.path);
  if (!response.ok || !response.body) throw new Refused("the program answered " + response.status);
  come.travelled += Number(response.headers.get("Content-Length")) || 0;
  come.of += piece.size;
  return response.body;
}

// bytes gives the bytes of the program in order. A piece that was cut is asked for
// again, from where it was cut: that much of it is passed over. The next one is asked
// for before this one is at its end, so that the line is never idle.
async function* bytes() {
  /** @type {Promise<ReadableStream<Uint8Array>> | undefined} */
  let next;
  for (let i = 0; i < pieces.length; i++) {
    for (let given = 0; given < pieces[i].size; ) {
      try {
        const body = await (next ?? ask(pieces[i]));
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
          come.decoded += fresh.byteLength;
          progress();
          if (!next && i + 1 < pieces.length && given > pieces[i].size * 0.8) {
            next = ask(pieces[i + 1]);
            next.catch(() => {}); // seen when its turn comes
          }
          yield fresh;
        }
        if (given < pieces[i].size) throw new Error("a piece is short");
      } catch (err) {
        if (err instanceof Refused) throw err;
        if (given === pieces[i].size) continue;
        next?.then((body) => body.cancel()).catch(() => {});
        next = undefined;
        await back();
      }
    }
  }
}

// back waits until it is worth asking again: the network says that it is there, the
// person says so, or some seconds have passed, each time more.
/** @returns {Promise<void>} */
function back() {
  show({state: "waiting", part: come.decoded / whole, total: 0, seconds: 0});
  return new Promise((done) => {
    const go = () => {
      gone();
      clearTimeout(timer);
      removeEventListener("online", go);
      done();
    };
    const gone = fail("waiting", go);
    const timer = setTimeout(go, Math.min(30, 2 ** failed++) * 1000);
    addEventListener("online", go);
  });
}

/** @returns {Promise<{program: Program, instance: WebAssembly.Instance}>} */
async function load() {
  const program = /** @type {Program} */ (new page.Go());
  program.env = {GOTRACEBACK: "system"}; // a trace has no names: say the places
  come.begun = performance.now();
  show({state: "loading", part: 0, total: 0, seconds: 0});
  const source = bytes();
  const body = new ReadableStream({
    async pull(to) {
      const {done, value} = await source.next();
      if (done) to.close();
      else to.enqueue(value);
    },
  });
  const response = new Response(body, {headers: {"Content-Type": "application/wasm"}});
  const {module, instance} = await WebAssembly.instantiateStreaming(response, program.importObject);
  page.potliModule = module;
  return {program, instance};
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

async function start() {
  open();
  if (typeof WebAssembly !== "object") return fail("unable");
  const again = () => location.reload();
  /** @type {Promise<void>} */
  let ended;
  try {
    const styles = styled();
    const {program, instance} = await load();
    await styles;
    ended = program.run(instance); // returns when the program first waits
  } catch {
    return fail("offline", again);
  }
  // After the program, so that on a slow network the two do not share the line.
  import("./renew.js").catch(() => {}); // the files changed while they were fetched: the next start tries again
  await ended.catch(() => {}); // it never ends but by a panic, which Go has written to the console
  fail("stopped", again);
}

start();
