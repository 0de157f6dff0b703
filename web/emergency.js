// The emergency card without unlocking, and without the program: it shows what the person chose to lay open on this
// device, from a database that holds that and nothing else (wasm/browser, Board). It asks nobody and sends nothing.
//
// @ts-check

const box = /** @type {HTMLElement} */ (document.getElementById("cards"));

/**
 * @typedef {{label: string, text: string, alert?: boolean}} Row
 * @typedef {{lang: string, title: string, rows: Row[], made: string, code: string, size: number, says: string}} Card
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

/** @param {Card} card */
function section(card) {
  const el = document.createElement("section");
  el.lang = /^[A-Za-z-]{2,12}$/.test(card.lang) ? card.lang : "en";
  el.dir = "auto";
  const rows = document.createElement("dl");
  for (const row of card.rows) {
    const line = document.createElement("div");
    if (row.alert) line.className = "alert";
    line.append(element("dt", String(row.label)), element("dd", String(row.text)));
    rows.append(line);
  }
  el.append(element("h2", String(card.title)), rows, element("p", String(card.made), "made"), drawn(card));
  return el;
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
