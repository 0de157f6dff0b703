// Reads codes with this computer's camera: by the browser's own reader where it has one, else by ours, which is fetched
// when it is first needed and runs in a worker. Nothing of the picture leaves this page.
import { Fault } from './bytes.js';

const every = 80; // ms between two pictures: more reads nothing sooner
const side = 640; // pixels that a picture is drawn down to
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy('viewer-worker', { createScriptURL: own });

/** The two scripts that this page may start beside itself. @param {string} name */
function own(name) {
  if (name !== 'scanner.js' && name !== 'sw.js') throw new TypeError('not a script of this page');
  return name;
}

/** @param {'scanner.js' | 'sw.js'} name @returns {string} */
export const script = (name) => (policy ? policy.createScriptURL(name) : own(name));

/** @typedef {(picture: CanvasRenderingContext2D) => Promise<string>} Reader  "" for a picture without a code */

/** @returns {Promise<Reader | null>} */
async function browsers() {
  const Detector = /** @type {any} */ (globalThis).BarcodeDetector;
  try {
    if (!(await Detector.getSupportedFormats()).includes('qr_code')) return null;
    const detector = new Detector({ formats: ['qr_code'] });
    return async (picture) => (await detector.detect(picture.canvas))[0]?.rawValue ?? '';
  } catch {
    return null;
  }
}

/** @param {AbortSignal} signal @returns {Promise<Reader>} */
async function ours(signal) {
  let module;
  try {
    module = await WebAssembly.compileStreaming(fetch('scanner.wasm', { signal }));
  } catch {
    throw new Fault('no-reader');
  }
  const worker = new Worker(script('scanner.js'));
  let id = 0;
  /** @type {(value: any) => void} */
  let done = () => {};
  worker.addEventListener('message', (e) => done(e.data));
  worker.addEventListener('error', () => done({ stopped: 'error' }));
  const answer = () => new Promise((resolve) => (done = resolve));
  const ready = answer();
  // A worker that is ended amid a picture answers no more, and nobody may wait for it with the camera on.
  const end = () => {
    worker.terminate();
    done({ stopped: 'ended' });
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  worker.postMessage({ module });
  if (!(await ready).ready) throw new Fault('no-reader');
  return async (picture) => {
    const { width, height } = picture.canvas;
    const input = new Uint8Array(picture.getImageData(0, 0, width, height).data.buffer);
    const came = answer();
    worker.postMessage({ id: ++id, job: 'square', input }, [input.buffer]);
    const { output, stopped } = await came;
    if (stopped) throw new Fault('no-reader');
    return output ? new TextDecoder().decode(output) : '';
  };
}

/** @typedef {(on: boolean) => Promise<void>} Light */

/** @param {MediaStreamTrack} track @returns {Light | null} */
function lightOf(track) {
  const can = /** @type {{torch?: boolean}} */ (track.getCapabilities?.() ?? {});
  if (!can.torch) return null;
  return (on) => track.applyConstraints({ advanced: [/** @type {any} */ ({ torch: on })] });
}

/** @param {unknown} err */
function why(err) {
  switch (err instanceof DOMException && err.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new Fault('camera-refused');
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new Fault('no-camera');
  }
  return new Fault('camera-busy');
}

/**
 * Turns the camera on, shows it, and hands on every code it sees until each says that it is enough or signal ends it. The
 * camera is off when this returns, whatever it returns.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @param {(text: string) => Promise<boolean>} each
 * @param {(light: Light | null) => void} [on]  told once the picture is there, with the camera's light where it has one
 */
export async function watch(video, signal, each, on) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Fault('no-camera');
  const end = new AbortController();
  signal.addEventListener('abort', () => end.abort());
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } } });
  } catch (err) {
    throw why(err);
  }
  try {
    const ended = () => end.abort();
    stream.getVideoTracks()[0].addEventListener('ended', ended);
    video.srcObject = stream;
    await video.play();
    on?.(lightOf(stream.getVideoTracks()[0]));
    const read = (await browsers()) ?? (await ours(end.signal));
    await look(video, read, end.signal, each);
    if (end.signal.aborted && !signal.aborted) throw new Fault('camera-busy');
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    end.abort();
  }
}

/** @param {HTMLVideoElement} video @param {Reader} read @param {AbortSignal} signal @param {(text: string) => Promise<boolean>} each */
async function look(video, read, signal, each) {
  const canvas = document.createElement('canvas');
  const picture = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true, alpha: false }));
  let failed = 0;
  while (!signal.aborted) {
    const begun = performance.now();
    const from = Math.min(video.videoWidth, video.videoHeight);
    if (from) {
      const to = Math.min(from, side);
      if (canvas.width !== to) canvas.width = canvas.height = to;
      picture.drawImage(video, (video.videoWidth - from) / 2, (video.videoHeight - from) / 2, from, from, 0, 0, to, to);
      let text = '';
      try {
        text = await read(picture);
        failed = 0;
      } catch (err) {
        if (++failed > 3) throw err;
      }
      if (!signal.aborted && text && (await each(text))) return;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(5, every - (performance.now() - begun))));
  }
}
