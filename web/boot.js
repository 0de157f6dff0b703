// What runs beside the wasm: it loads the program with honest progress, keeps
// the compiled module for the worker, and registers the service worker. It
// takes the place of go-app's app.js, which registers its worker with a plain
// string (Trusted Types refuse it), turns away every browser with "bot" in its
// name (there are CUBOT phones), and forgets the module.
//
// For the program it leaves on globalThis:
//
//	potliModule            the compiled WebAssembly.Module
//	potliUpdate            version of a release that waits for the next start, or ""
//	event "potli-update"   on window, when potliUpdate changes
//	goapp…                 what go-app's own wasm side calls
//
// @ts-check

/** @typedef {(url: string) => string} ScriptURL */
/** @typedef {{importObject: WebAssembly.Imports, run(i: WebAssembly.Instance): Promise<void>}} Program */

const page = /** @type {any} */ (globalThis);

// --- words ---

const words = {
  en: {
    loading: "Getting ready: {percent} %. Next time it opens at once, without the network.",
    starting: "Opening …",
    offline: "Potli could not be loaded. Check the network and try again.",
    unable: "This browser cannot run Potli. It needs WebAssembly, which Lockdown Mode and very old browsers leave out.",
    stopped: "Potli has stopped. What was saved is safe.",
    again: "Try again",
  },
  hi: {
    loading: "तैयारी हो रही है: {percent} %. अगली बार यह बिना नेटवर्क के तुरंत खुलेगी।",
    starting: "खुल रही है …",
    offline: "पोटली लोड नहीं हो सकी। नेटवर्क जाँचकर फिर कोशिश करें।",
    unable: "यह ब्राउज़र पोटली नहीं चला सकता। इसमें WebAssembly नहीं है।",
    stopped: "पोटली रुक गई है। जो सहेजा गया वह सुरक्षित है।",
    again: "फिर कोशिश करें",
  },
};

/** @returns {"en" | "hi"} */
function language() {
  let chosen = "";
  try {
    chosen = localStorage.getItem("potli.language") ?? "";
  } catch {
    // Storage may be forbidden; the program says so itself.
  }
  return /^hi\b/.test(chosen || navigator.language) ? "hi" : "en";
}

const spoken = language();
const say = words[spoken];

// --- what the shell shows ---

const shell = document.getElementById("shell");
const label = document.getElementById("app-wasm-loader-label");
const bar = /** @type {HTMLProgressElement | null} */ (document.getElementById("shell-progress"));

function showLanguage() {
  document.documentElement.lang = spoken;
  for (const tag of ["en", "hi"]) {
    const block = document.getElementById("shell-words-" + tag);
    if (block) block.hidden = tag !== spoken;
  }
}

/** @param {string} text */
function tell(text) {
  if (label) label.textContent = text;
}

// The label is a live region: spoken every ten percent, not at every chunk.
let told = -1;

/** @param {number} percent */
function showProgress(percent) {
  if (bar) bar.value = percent;
  const tens = Math.floor(percent / 10) * 10;
  if (tens === told) return;
  told = tens;
  tell(percent < 100 ? say.loading.replace("{percent}", String(tens)) : say.starting);
}

// fail puts a sentence and a button at the end of whatever is on the screen.
/** @param {string} text @param {boolean} repeatable */
function fail(text, repeatable) {
  bar?.remove();
  const box = document.createElement("div");
  box.className = "shell-failed";
  box.role = "alert";
  const line = document.createElement("p");
  line.textContent = text;
  box.append(line);
  if (repeatable) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say.again;
    button.addEventListener("click", () => location.reload());
    box.append(button);
  }
  tell("");
  document.body.append(box);
}

// --- the service worker's address ---

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

// The service worker starts after the program does, so that on a slow network
// the two do not share the line.
async function keepOffline() {
  const {serviceWorker} = navigator;
  if (!serviceWorker) return;
  serviceWorker.addEventListener("message", (event) => {
    if (event.data?.type === "open") turnToInbox();
    if (event.data?.type !== "ready") return;
    page.potliUpdate = event.data.version;
    window.dispatchEvent(new Event("potli-update"));
  });
  try {
    await serviceWorker.register(workerURL("/sw.js"), {updateViaCache: "none"});
  } catch {
    return; // no storage, or the files changed while they were fetched: the next start tries again
  }
  askForUpdate();
  document.addEventListener("visibilitychange", askForUpdate);
  tellLanguage();
  new MutationObserver(tellLanguage).observe(document.documentElement, {attributeFilter: ["lang"]});
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

async function askForUpdate() {
  if (document.visibilityState !== "visible" || Date.now() - asked < hour) return;
  asked = Date.now();
  (await navigator.serviceWorker.ready).active?.postMessage({type: "update"});
}

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
  goappTryUpdate: askForUpdate,
  goappIsAppInstalled: installed,
  goappIsAppInstallable: () => installPrompt !== null && !installed(),
  goappIsAppleBrowser: () => "standalone" in navigator,
  goappShowInstallPrompt: async () => {
    await installPrompt?.prompt();
    installPrompt = null;
  },
});

// --- the program ---

// counted is the response with its bytes counted as they pass. The total is
// that of the decoded bytes, since those are what a reader sees.
/** @param {Response} response @param {number} total @returns {Response} */
function counted(response, total) {
  if (!response.ok || !response.body) throw new Error("the program answered " + response.status);
  let loaded = 0;
  const counter = new TransformStream({
    transform(chunk, out) {
      loaded += chunk.byteLength;
      showProgress(Math.min(100, Math.floor((loaded * 100) / total)));
      out.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), {headers: {"Content-Type": "application/wasm"}});
}

/** @returns {Promise<{program: Program, instance: WebAssembly.Instance}>} */
async function load() {
  const path = shell?.dataset.wasm ?? "";
  const total = Number(shell?.dataset.wasmBytes);
  showProgress(0);
  const program = /** @type {Program} */ (new page.Go());
  const source = fetch(path).then((response) => counted(response, total));
  const {module, instance} = await WebAssembly.instantiateStreaming(source, program.importObject);
  page.potliModule = module;
  return {program, instance};
}

async function start() {
  showLanguage();
  if (typeof WebAssembly !== "object") return fail(say.unable, false);
  /** @type {Promise<void>} */
  let ended;
  try {
    const {program, instance} = await load();
    ended = program.run(instance); // returns when the program first waits
  } catch {
    return fail(say.offline, true);
  }
  keepOffline();
  await ended.catch(() => {}); // it never ends but by a panic, which Go has written to the console
  fail(say.stopped, true);
}

start();
