// Reads the next person's code with this computer's camera.
import { watch } from './camera.js';
import { byId } from './dom.js';

/**
 * Films until a code comes that this page knows what to do with, and gives its text; "" when signal ended it. The camera is
 * off when this returns. Throws the Faults of camera.js.
 * @param {import('./screen.js').Desk} desk @param {AbortSignal} signal
 */
export async function film(desk, signal) {
  let found = '';
  await watch(/** @type {HTMLVideoElement} */ (byId('drop-video')), signal, async (text) => {
    if (/\/(drop|ask)#|shlink:\/|potli-hand-1:/.test(text)) found = text;
    else byId('drop-hint').textContent = desk.t('drop.scan.other');
    return found !== '';
  });
  return found;
}
