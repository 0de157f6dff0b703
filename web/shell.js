// What the page shows before the program runs: the question of the language, what this
// is, how much has come, and the way to what can be shown without the program. It asks
// for the words of one language alone. The program finds the language that was chosen
// where it keeps its own choice, and takes the place of all this when it starts.
//
// @ts-check

const chosenKey = "potli.language";

/** @param {string} id @returns {HTMLElement} */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

export const shell = at("shell");
const text = at("shell-text");
const label = at("app-wasm-loader-label");
const bytes = at("shell-bytes");
const bar = /** @type {HTMLProgressElement} */ (at("shell-progress"));
const buttons = /** @type {HTMLButtonElement[]} */ ([...at("shell-languages").querySelectorAll("button")]);
const tags = buttons.map((button) => button.lang);

// --- words ---

// The sentences by name: they outlive the shell, since the program may stop.
/** @type {Record<string, string>} */
const words = {};
for (const el of shell.querySelectorAll("[data-word]")) words[el.getAttribute("data-word") ?? ""] = el.textContent ?? "";

/** @param {string} name @param {Record<string, string>} [values] */
export function say(name, values = {}) {
  return (words["start." + name] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

// Storage may be forbidden; the program says so itself.
function chosen() {
  try {
    return localStorage.getItem(chosenKey) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} tag */
function remember(tag) {
  try {
    localStorage.setItem(chosenKey, tag);
  } catch {
    // asked again at the next visit
  }
}

/** @param {string[]} wishes */
const offered = (...wishes) => wishes.map((wish) => wish.split("-")[0]).find((tag) => tags.includes(tag)) ?? "en";

let spoken = ""; // the language whose words are wanted

/** @param {string} tag */
async function speak(tag) {
  spoken = shell.dataset.spoken = tag;
  if (tag !== "en" || document.documentElement.lang !== "en") {
    try {
      const response = await fetch("/web/messages/start/" + tag + ".json");
      const got = await response.json();
      if (spoken !== tag || !shell.isConnected) return; // another was chosen meanwhile, or the program speaks
      for (const [name, sentence] of Object.entries(got)) words[name] = String(sentence);
      for (const el of shell.querySelectorAll("[data-word]")) el.textContent = words[el.getAttribute("data-word") ?? ""];
      document.documentElement.lang = tag;
      document.documentElement.dir = buttons.find((button) => button.lang === tag)?.dir ?? "ltr";
    } catch {
      // no network: what is on the page stays
    }
  }
  if (spoken !== tag) return;
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.lang === tag));
  text.hidden = false;
  tell();
}

// --- how much has come ---

/** @typedef {{state: "loading" | "starting" | "waiting", part: number, total: number, seconds: number}} Progress part: from 0 to 1; total: bytes, 0 unknown; seconds: left, 0 unknown */
/** @type {Progress} */
let now = {state: "loading", part: 0, total: 0, seconds: 0};
let told = "";

// tell says how things are. The label is a live region: it is spoken every ten
// percent, not at every chunk. Beneath it stands what only eyes follow.
function tell() {
  const percent = String(Math.floor(now.part * 10) * 10);
  const what = now.state === "loading" ? say("loading", {percent}) : say(now.state);
  if (told !== what) label.textContent = told = what;
  const mb = (/** @type {number} */ n) => (n / 1e6).toFixed(1);
  const lines = [];
  if (now.state !== "starting" && now.total) lines.push(say("bytes", {done: mb(now.part * now.total), total: mb(now.total)}));
  if (now.state === "loading" && now.seconds) lines.push(say("left", {seconds: String(now.seconds)}));
  bytes.textContent = lines.join(" ");
}

/** @param {Progress} progress */
export function show(progress) {
  now = progress;
  // All has come, and how long the rest takes nobody knows: a bar that stands at its end would lie.
  if (now.state === "starting") bar.removeAttribute("value");
  else bar.value = now.part * 100;
  tell();
}

/** @type {(() => void) | undefined} */
let uncover;

// awaits says over the page that the program waits for its rest (rest.js). A moment is
// not worth a word, and the shell has words of its own.
/** @param {boolean} yes */
export function awaits(yes) {
  uncover?.();
  uncover = undefined;
  if (yes) document.body.setAttribute("aria-busy", "true");
  else document.body.removeAttribute("aria-busy");
  if (!yes || shell.isConnected) return;
  const box = document.createElement("div");
  box.className = "shell-awaits";
  const line = document.createElement("section");
  line.setAttribute("aria-labelledby", label.id);
  line.append(bar, label, bytes);
  box.append(line);
  const timer = setTimeout(() => {
    document.body.append(box);
    tell();
  }, 250);
  uncover = () => {
    clearTimeout(timer);
    box.remove();
  };
}

// fail puts a sentence at the end of whatever is on the screen, and a button where
// something can be done.
/** @param {string} name @param {() => void} [again] @returns {() => void} takes it away */
export function fail(name, again) {
  if (/** @type {any} */ (globalThis).potliAlarm) return () => {}; // nothing is to be tried again
  at("shell-loader")?.setAttribute("hidden", "");
  const box = document.createElement("div");
  box.className = "shell-failed";
  box.setAttribute("role", "alert");
  const line = document.createElement("p");
  line.textContent = say(name);
  box.append(line);
  const gone = () => {
    box.remove();
    at("shell-loader")?.removeAttribute("hidden");
  };
  if (again) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say("again");
    button.addEventListener("click", () => {
      gone();
      again();
    });
    box.append(button);
  }
  document.body.append(box);
  return gone;
}

// alarmed lays over everything that the service worker was replaced (alarm.js), where the
// program cannot say it. There is nothing to tap: whatever is opened next may be the new
// worker's.
export function alarmed() {
  if (document.querySelector(".shell-alarm")) return;
  const box = document.createElement("div");
  box.className = "shell-alarm";
  box.setAttribute("role", "alert");
  for (const name of ["alarm", "alarm-now"]) {
    const line = document.createElement("p");
    line.textContent = say(name);
    box.append(line);
  }
  document.body.toggleAttribute("inert", true);
  document.documentElement.append(box);
}

// --- what can be shown without the program ---

// laid says whether something lies on a board (wasm/browser, Board). Looking must not
// make a database.
/** @param {string} name @returns {Promise<boolean>} */
const laid = (name) =>
  new Promise((done) => {
    const opening = indexedDB.open(name);
    opening.onupgradeneeded = () => opening.transaction?.abort();
    opening.onerror = () => done(false);
    opening.onsuccess = () => {
      const db = opening.result;
      const all = db.transaction("keys").objectStore("keys").getAll();
      all.onsuccess = () => done(all.result.some((body) => String(body) !== ""));
      all.onerror = () => done(false);
      all.transaction?.addEventListener("complete", () => db.close());
    };
  });

/** @param {string} board @param {string} id */
async function offer(board, id) {
  try {
    if (localStorage.getItem(board + "-cover") || !(await laid(board))) return;
  } catch {
    return; // storage is forbidden
  }
  at("shell-open")?.removeAttribute("hidden");
  at(id)?.removeAttribute("hidden");
}

// --- start ---

function turn() {
  const cards = at("shell-cards");
  const list = [...cards.children];
  const side = getComputedStyle(cards).direction === "rtl" ? "right" : "left";
  const edge = (/** @type {Element} */ el) => Math.abs(el.getBoundingClientRect()[side] - cards.getBoundingClientRect()[side]);
  const current = list.reduce((best, el, i) => (edge(el) < edge(list[best]) ? i : best), 0);
  const atEnd = cards.scrollWidth - cards.clientWidth - Math.abs(cards.scrollLeft) < 4;
  list[atEnd ? 0 : current + 1]?.scrollIntoView({block: "nearest", inline: "start"});
}

export function open() {
  const choice = chosen();
  for (const button of buttons) {
    button.addEventListener("click", () => {
      remember(button.lang);
      speak(button.lang);
    });
  }
  at("shell-next").addEventListener("click", turn);
  at("shell-languages").hidden = choice !== "";
  at("shell-what").hidden = choice !== ""; // they know
  offer("potli-ready", "shell-ready");
  offer("potli-emergency", "shell-emergency");
  speak(offered(choice, ...navigator.languages));
}
