// What the pages before the program share: the text that a person laid open on this device, in a database that holds that
// and nothing else (wasm/browser, Board), and the drawing of it without markup.
//
// They watch over the service worker as the wallet does (alarm.js): their next page would be a foreign one's.
//
// @ts-check

import "./alarm.js";

addEventListener("potli-alarm", () => {
  document.getElementById("alarm")?.removeAttribute("hidden");
  document.querySelector(".home")?.setAttribute("hidden", "");
});

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// open rejects where there is no such board: looking must not make a database.
/** @param {string} name @returns {Promise<IDBDatabase>} */
export function open(name) {
  const opening = indexedDB.open(name);
  opening.onupgradeneeded = () => opening.transaction?.abort();
  return done(opening);
}

// read gets the text that lies there, "" where there is none, or where it is covered because it has to go.
/** @param {string} name @returns {Promise<string>} */
export async function read(name) {
  if (localStorage.getItem(name + "-cover")) return "";
  const db = await open(name);
  try {
    return String((await done(db.transaction("keys").objectStore("keys").get("cards"))) ?? "");
  } finally {
    db.close();
  }
}

/** @param {string} tag @param {string} text @param {string} [className] */
export function element(tag, text, className) {
  const el = document.createElement(tag);
  el.textContent = text;
  if (className) el.className = className;
  return el;
}

// tag is a language tag, or English where it is none.
/** @param {unknown} lang */
export const tag = (lang) => (/^[A-Za-z-]{2,12}$/.test(String(lang)) ? String(lang) : "en");

// drawn is the QR: one path, which is held to the letters that a path of ours has; null where it is no such path.
/** @param {{code: string, size: number, says: string}} view */
export function drawn(view) {
  const ns = "http://www.w3.org/2000/svg";
  const size = Number(view.size);
  if (!(size > 20 && size < 200) || !/^[Mhvz0-9 -]*$/.test(view.code)) return null;
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", String(view.says));
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", view.code);
  svg.append(path);
  return svg;
}
