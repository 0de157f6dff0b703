// Draws a text as a QR code, by the program that also reads them (wasm/scanner): fetched when the first is drawn.
import { Fault } from './bytes.js';
import { script } from './camera.js';

/** @typedef {(text: string) => Promise<Drawn>} Draw */
/** @typedef {{size: number, path: string}} Drawn  an SVG path of the black modules in a viewBox of size by size, white border included */

/** @type {Promise<Draw> | undefined} */
let drawer;

/**
 * @param {string} text
 * @returns {Promise<Drawn>}  throws Fault no-code
 */
export async function draw(text) {
  drawer ??= start();
  try {
    return await (await drawer)(text);
  } catch {
    drawer = undefined; // another try fetches it anew
    throw new Fault('no-code');
  }
}

/** @returns {Promise<Draw>} */
async function start() {
  const module = await WebAssembly.compileStreaming(fetch('scanner.wasm'));
  const worker = new Worker(script('scanner.js'));
  /** @type {Promise<unknown>} */
  let last = new Promise((ready, failed) => {
    worker.addEventListener('message', (e) => (e.data.ready ? ready(0) : failed(new Fault('no-code'))), { once: true });
    worker.addEventListener('error', failed, { once: true });
  });
  worker.postMessage({ module });
  await last;
  let id = 0;
  return (text) => { // one at a time
    const next = last.catch(() => {}).then(() => job(worker, ++id, text));
    last = next;
    return next;
  };
}

/** @param {Worker} worker @param {number} id @param {string} text @returns {Promise<Drawn>} */
function job(worker, id, text) {
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => {
      if (data.id !== id || !data.output) return reject(new Fault('no-code'));
      const [size, ...path] = new TextDecoder().decode(data.output).split(' ');
      resolve({ size: Number(size), path: path.join(' ') });
    }, { once: true });
    worker.addEventListener('error', reject, { once: true });
    const input = new TextEncoder().encode(text);
    worker.postMessage({ id, job: 'draw', input }, [input.buffer]);
  });
}

/**
 * The code as an image of its own, black on white in every theme. It is as wide as its place, but each module a whole
 * number of the screen's points: readers measure modules, and lose count in a code of a hundred that are not alike.
 * @param {Drawn} d
 * @param {string} name  what a screen reader says
 * @param {Element} place
 */
export function picture(d, name, place) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  for (const [k, v] of Object.entries({ viewBox: `0 0 ${d.size} ${d.size}`, class: 'qr', role: 'img', 'aria-label': name, 'shape-rendering': 'crispEdges' })) svg.setAttribute(k, v);
  path.setAttribute('d', d.path);
  svg.append(path);
  new ResizeObserver(([e]) => {
    const points = e.contentRect.width * devicePixelRatio;
    if (points) svg.setAttribute('width', String((d.size * Math.max(1, Math.floor(points / d.size))) / devicePixelRatio));
  }).observe(place);
  place.replaceChildren(svg);
}
