// Makes a SMART Health Link with the npm package kill-the-clipboard and serves
// it on a loopback port until standard input ends. Prints {"link", "passcode"}.
//
//   node serve.mjs FLAG BUNDLE.json [zip]
//
// FLAG is "", "L", "P", "LP" or "U". With "zip" files are compressed (zip: DEF).
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { SHL, SHLManifestBuilder, encryptSHLFile } from "kill-the-clipboard";

const [flag, path, zip] = process.argv.slice(2);
const content = JSON.parse(readFileSync(path, "utf8"));
const passcode = flag.includes("P") ? "4711" : "";
const files = new Map();
let attempts = 5;

const server = createServer((req, res) => {
  const cors = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type" };
  const answer = (status, type, body) => {
    res.writeHead(status, { ...cors, "Content-Type": type });
    res.end(body);
  };
  if (req.method === "OPTIONS") return answer(204, "text/plain", "");
  const url = new URL(req.url, base());
  if (req.method === "GET" && files.has(url.pathname.slice(1))) {
    return answer(200, "application/jose", files.get(url.pathname.slice(1)));
  }
  if (req.method === "GET" && flag === "U" && url.pathname === new URL(shl.url).pathname) {
    return url.searchParams.get("recipient") ? answer(200, "application/jose", direct) : answer(400, "application/json", "{}");
  }
  let body = "";
  req.on("data", (chunk) => (body += chunk));
  req.on("end", async () => {
    if (req.method !== "POST" || url.pathname !== new URL(shl.url).pathname) return answer(404, "application/json", "{}");
    const asked = JSON.parse(body);
    if (passcode && asked.passcode !== passcode) {
      return answer(401, "application/json", JSON.stringify({ remainingAttempts: --attempts }));
    }
    const manifest = await builder.buildManifest({ embeddedLengthMax: asked.embeddedLengthMax });
    answer(200, "application/json", JSON.stringify(manifest));
  });
});
const base = () => `http://localhost:${server.address().port}`;
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const shl = SHL.generate({ baseManifestURL: base() + "/", manifestPath: "/m", flag: flag || undefined, label: "From a peer" });
const builder = new SHLManifestBuilder({
  shl,
  uploadFile: async (jwe) => {
    const name = `f${files.size + 1}`;
    files.set(name, jwe);
    return name;
  },
  getFileURL: async (name) => `${base()}/${name}`,
  loadFile: async (name) => files.get(name),
});
await builder.addFHIRResource({ content, enableCompression: zip === "zip" });
const direct = await encryptSHLFile({
  content: JSON.stringify(content),
  key: shl.key,
  contentType: "application/fhir+json",
  enableCompression: zip === "zip",
});

console.log(JSON.stringify({ link: shl.toURI(), passcode }));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
