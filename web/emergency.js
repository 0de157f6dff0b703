// The emergency card without unlocking, and without the program: it shows what the person chose to lay open on this
// device, from a database that holds that and nothing else (wasm/browser, Board). It asks nobody and sends nothing.
//
// @ts-check

const box = /** @type {HTMLElement} */ (document.getElementById("cards"));

/**
 * @typedef {{label: string, also?: string, text: string, alert?: boolean}} Row
 * @typedef {{lang: string, title: string, made: string}} Also
 * @typedef {{lang: string, title: string, also?: Also, rows: Row[], made: string, words?: string[], code: string, size: number, says: string}} Card
 */

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// read gets the text that lies there, "" where there is none, or where it is covered because somebody's card has to go from
// it. Looking must not make a database.
async function read() {
  if (localStorage.getItem("potli-emergency-cover")) return "";
  const opening = indexedDB.open("potli-emergency");
  opening.onupgradeneeded = () => opening.transaction?.abort();
  const db = await done(opening);
  try {
    return String((await done(db.transaction("keys").objectStore("keys").get("cards"))) ?? "");
  } finally {
    db.close();
  }
}

/** @param {string} tag @param {string} text @param {string} [name] */
function element(tag, text, name) {
  const el = document.createElement(tag);
  el.textContent = text;
  if (name) el.className = name;
  return el;
}

// drawn is the QR: one path, which is held to the letters that a path of ours has.
/** @param {Card} card */
function drawn(card) {
  const ns = "http://www.w3.org/2000/svg";
  const size = Number(card.size);
  if (!(size > 20 && size < 200) || !/^[Mhvz0-9 -]*$/.test(card.code)) return "";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", String(card.says));
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", card.code);
  svg.append(path);
  return svg;
}

// tag is a language tag, or English where it is none.
/** @param {unknown} lang */
const tag = (lang) => (/^[A-Za-z-]{2,12}$/.test(String(lang)) ? String(lang) : "en");

/** @param {string} text @param {string} lang */
function second(text, lang) {
  const el = element("span", text, "also");
  el.lang = tag(lang);
  return el;
}

/** @param {Card} card */
function section(card) {
  const el = document.createElement("section");
  el.lang = tag(card.lang);
  el.dir = "auto";
  const rows = document.createElement("dl");
  for (const row of card.rows) {
    const line = document.createElement("div");
    if (row.alert) line.className = "alert";
    const label = element("dt", String(row.label));
    if (card.also && row.also) label.append(" ", second(String(row.also), card.also.lang));
    line.append(label, element("dd", String(row.text)));
    rows.append(line);
  }
  const title = element("h2", String(card.title));
  const made = element("p", String(card.made), "made");
  if (card.also) {
    title.append(" ", second(String(card.also.title), card.also.lang));
    made.append(" ", second(String(card.also.made), card.also.lang));
  }
  el.append(title, rows, made, drawn(card), finders(card.words ?? []));
  return el;
}

// finders is the card in English and Latin letters, for whoever has it in their hand and reads neither of its languages.
/** @param {string[]} words */
function finders(words) {
  const el = document.createElement("ul");
  el.className = "words";
  el.lang = "en";
  el.translate = false;
  el.append(...words.map((line) => element("li", String(line))));
  return words.length ? el : "";
}

async function show() {
  /** @type {Card[]} */
  let cards = [];
  try {
    cards = JSON.parse(await read()).cards;
  } catch {
    // there is none, or storage is forbidden
  }
  box.replaceChildren(...cards.map(section));
  const none = document.getElementById("none");
  if (none) none.hidden = cards.length > 0;
  const title = document.getElementById("title");
  if (title && cards.length) {
    document.documentElement.lang = cards[0].lang;
    title.textContent = document.title = String(cards[0].title);
    // Its own title needs no saying twice where there is one card.
    for (const h2 of box.querySelectorAll("h2")) h2.remove();
  }
}

show();
// What was taken away meanwhile must not stay on a screen that somebody comes back to.
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && show());
