// A code without unlocking, and without the program: the one of which the person said so, until it ends. It lies in a
// database that holds that and nothing else (wasm/browser, Board; app/wallet, ready.go). This page asks nobody and sends
// nothing. What is over it takes away, since nobody may open the wallet for a long time.
//
// The code hides itself after a minute, as it does in the wallet: the phone may lie on a counter.
//
// @ts-check
import { done, drawn, element, open, read, tag } from "./board.js";

/**
 * @typedef {{lang: string, dir: string, title: string, code: string, size: number, says: string, until: number, ends: string, how: string,
 *   bright: string, hidden: string, again: string, keep: string, over: string, wallet: string}} View
 */

const name = "potli-ready";
const hides = 60_000;
const longest = 2 ** 31 - 1; // of a timer

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const box = byId("code");

// remove leaves nothing behind: first what lies there, since another page may keep the database open.
async function remove() {
  try {
    const db = await open(name);
    await done(db.transaction("keys", "readwrite").objectStore("keys").clear());
    db.close();
  } catch {
    // there is none
  }
  indexedDB.deleteDatabase(name);
}

// --- the screen ---

let keep = false;
let shown = ""; // what lay there when the code was drawn
/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let ending;

/** @param {View} view */
function face(view) {
  clearTimeout(hiding);
  const code = drawn(view);
  if (!code) throw new Error("no code of ours");
  const label = document.createElement("label");
  const check = document.createElement("input");
  check.type = "checkbox";
  check.id = "keep";
  check.checked = keep;
  check.addEventListener("change", () => {
    keep = check.checked;
    face(view);
    byId("keep").focus();
  });
  label.append(check, element("span", String(view.keep)));
  box.replaceChildren(code, element("p", String(view.ends), "ends"), element("p", String(view.how)), element("p", String(view.bright)), label);
  if (!keep) hiding = setTimeout(() => cover(view), hides);
}

/** @param {View} view */
function cover(view) {
  const covered = element("div", "", "covered");
  const again = element("button", String(view.again));
  again.id = "again";
  again.addEventListener("click", () => {
    face(view);
    byId("title").focus();
  });
  covered.append(element("p", String(view.hidden)), again);
  box.replaceChildren(covered);
}

/** @param {View} view */
function dress(view) {
  document.documentElement.lang = tag(view.lang);
  document.documentElement.dir = view.dir === "rtl" ? "rtl" : "ltr";
  byId("title").textContent = document.title = String(view.title);
  byId("wallet").textContent = String(view.wallet);
}

// over says that the code has ended; nothing of it stays.
/** @param {View} view */
async function over(view) {
  clearTimeout(hiding);
  const said = element("p", String(view.over), "ends");
  said.id = "over";
  said.setAttribute("role", "status");
  box.replaceChildren(said);
  await remove();
}

async function show() {
  /** @type {View | null} */
  let view = null;
  let text = "";
  try {
    text = await read(name);
    view = text ? JSON.parse(text) : null;
  } catch {
    // there is none, or storage is forbidden
  }
  byId("none").hidden = view !== null || !!document.getElementById("over");
  if (!view) {
    clearTimeout(hiding);
    shown = "";
    if (!document.getElementById("over")) box.replaceChildren();
    return;
  }
  dress(view);
  const left = Number(view.until) - Date.now();
  if (!(left > 0)) return over(view);
  clearTimeout(ending);
  ending = setTimeout(show, Math.min(left + 500, longest));
  if (text === shown) return;
  shown = text;
  face(view);
}

// --- the light ---

/** @type {WakeLockSentinel | undefined} */
let awake;

// stayAwake asks again each time the page comes back: the browser takes it away when it goes. A refusal is silent.
async function stayAwake() {
  if (document.visibilityState !== "visible" || !navigator.wakeLock) return;
  try {
    await awake?.release();
    awake = await navigator.wakeLock.request("screen");
  } catch {
    // a phone that saves its battery
  }
}

byId("title").tabIndex = -1;
show();
stayAwake();
// What was taken away meanwhile must not stay on a screen that somebody comes back to.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  show();
  stayAwake();
});
