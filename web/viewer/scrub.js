// Runs first, alone, and as early as a module can: takes the link out of the address bar, so that it is not in the way
// of a screenshot, a shoulder or a shared tab. The browser's history file may keep it all the same (measured with
// Chromium), which is why the page says so.

/** @type {(text: string) => void} */
let listener = () => {};
let waiting = take();

function take() {
  const text = location.hash.slice(1);
  if (text) history.replaceState(null, '', location.pathname);
  return text;
}

// A link pasted into the address bar of an open page changes the fragment and loads nothing.
addEventListener('hashchange', () => {
  const text = take();
  if (text) listener(text);
});

/**
 * Hands over what the address held, now and whenever it changes.
 * @param {(text: string) => void} f
 */
export function onFragment(f) {
  listener = f;
  const text = waiting;
  waiting = '';
  f(text);
}
