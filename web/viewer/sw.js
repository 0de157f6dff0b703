// Keeps this page, and the reader of codes, for days without network. It is registered only when a person at the clinic
// asks for it, and keeps files of the page alone: no record ever passes through here.
//
// The generator writes the list of files, with the hash of each, before these lines, so that another release is another
// worker. A release is kept whole or not at all, and answered from until every tab of it is closed. Words of other languages
// than English are kept when somebody reads them for the first time: there are a dozen.
//
// @ts-check
/// <reference lib="webworker" />

(() => {
  const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
  /** @type {{version: string, files: Record<string, string>}} */
  const { version, files } = /** @type {any} */ (self).potliFiles;
  const name = 'viewer-' + version;

  worker.addEventListener('install', (event) => event.waitUntil(keep()));
  worker.addEventListener('activate', (event) => event.waitUntil(drop()));
  worker.addEventListener('fetch', (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== 'GET' || url.origin !== worker.location.origin) return;
    const path = ['/index.html', '/drop', '/ask', '/clinic'].includes(url.pathname) ? '/' : url.pathname;
    if (files[path]) event.respondWith(answer(event, path));
  });

  async function keep() {
    try {
      const cache = await caches.open(name);
      for (const path of Object.keys(files)) if (!foreign(path)) await cache.put(path, await obtain(path));
    } catch (err) {
      await caches.delete(name);
      throw err;
    }
  }

  /** @param {string} path */
  const foreign = (path) => path.startsWith('/messages/') && !path.endsWith('/en.json');

  /** @param {string} path */
  async function obtain(path) {
    const hash = files[path];
    const response = await fetch(path, { cache: 'reload', credentials: 'omit', redirect: 'error' });
    const body = await response.arrayBuffer();
    const sum = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', body))));
    if (!response.ok || sum !== hash) throw new Error(path + ' is not what the release names');
    const headers = new Headers(response.headers);
    for (const header of ['content-encoding', 'content-length', 'vary', 'date', 'etag']) headers.delete(header);
    return new Response(body, { headers });
  }

  async function drop() {
    for (const other of await caches.keys()) if (other.startsWith('viewer-') && other !== name) await caches.delete(other);
    await worker.clients.claim();
  }

  /** @param {FetchEvent} event @param {string} path */
  async function answer(event, path) {
    if (await framed(event.clientId)) return fetch(event.request);
    const cache = await caches.open(name);
    const kept = await cache.match(path);
    if (kept || !foreign(path)) return kept ?? fetch(event.request);
    const words = await obtain(path);
    event.waitUntil(cache.put(path, words.clone()));
    return words;
  }

  // The wallet's frame comes from the network, so its modules do too: those of another release may not fit it.
  /** @param {string} id */
  async function framed(id) {
    const client = id && (await worker.clients.get(id));
    return !!client && /^\/frame(\.html)?$/.test(new URL(client.url).pathname);
  }
})();
