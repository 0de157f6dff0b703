// The emergency card without unlocking, and without the program: it shows what the person chose to lay open on this
// device, from a database that holds that and nothing else (wasm/browser, Board). It asks nobody and sends nothing.
//
// @ts-check
import { drawn, element, read, tag } from "./board.js";

const box = /** @type {HTMLElement} */ (document.getElementById("cards"));

/**
 * @typedef {{label: string, also?: string, text: string, alert?: boolean}} Row
 * @typedef {{lang: string, title: string, made: string}} Also
 * @typedef {{lang: string, title: string, also?: Also, rows: Row[], made: string, words?: string[], code: string, size: number, says: string}} Card
 */

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
  el.append(title, rows, made, drawn(card) ?? "", finders(card.words ?? []));
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
    cards = JSON.parse(await read("potli-emergency")).cards;
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
