// Opens a SMART Health Link with the npm package kill-the-clipboard, as a
// clinic's software would, and prints what it decrypted as JSON.
//
//   node open.mjs LINK [PASSCODE] [EMBEDDED_LENGTH_MAX]
import { SHLViewer } from "kill-the-clipboard";

const [link, passcode, embedded] = process.argv.slice(2);
const viewer = new SHLViewer({ shlinkURI: link });
try {
  const resolved = await viewer.resolveSHL({
    recipient: "Peer Clinic",
    passcode: passcode || undefined,
    embeddedLengthMax: embedded ? Number(embedded) : undefined,
  });
  console.log(JSON.stringify({ ok: true, resources: resolved.fhirResources }));
} catch (err) {
  console.log(JSON.stringify({ ok: false, error: err.name, message: err.message }));
}
