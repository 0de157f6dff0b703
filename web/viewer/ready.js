// Makes this computer ready for days without network, when somebody asks for it, and undoes it.
import { script } from './camera.js';
import { dateless } from './words.js';

export const able = () => 'serviceWorker' in navigator;

// A newer release is looked for whenever the page is opened. Without network the kept one stays.
if (able()) navigator.serviceWorker.getRegistration().then((kept) => kept?.update()).catch(() => {});

/** Whether the page is kept here now. */
export async function ready() {
  return able() && !!(await navigator.serviceWorker.getRegistration())?.active;
}

/** Keeps it, and the words of the language that is spoken. Rejects when something could not be fetched: then the page is not kept. @param {string} lang */
export async function keep(lang) {
  const registration = await navigator.serviceWorker.register(script('sw.js'), { updateViaCache: 'none' });
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  await new Promise((resolve, reject) => {
    const look = () => {
      if (worker?.state === 'activated') resolve(0);
      if (worker?.state === 'redundant') reject(new Error('not kept'));
    };
    worker?.addEventListener('statechange', look);
    look();
  });
  if (lang === 'en') return; // is kept with the page
  // The worker, which this page has now, keeps words as they pass.
  await Promise.all(['', 'ask/', 'desk/', 'drop/', 'screen/', ...(dateless(lang) ? ['dates/'] : [])].map((folder) => fetch(new URL(`messages/${folder}${lang}.json`, import.meta.url))));
}

/** Removes it from this computer. */
export async function forget() {
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  for (const name of await caches.keys()) await caches.delete(name);
}
