// SMART Health Cards as others make and read them: the npm packages
// kill-the-clipboard and jose. One JSON object comes in on standard input, one
// goes out.
//
//   {"issue": bundle, "iss": "https://…"}
//     → {"jws", "file", "codes", "parts", "jwk"} of a new key
//   {"read": {"file", "codes", "jws"}, "directory": …, "jwk"}
//     → {"bundles": three, "payload", "thumbprint"}
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { calculateJwkThumbprint, compactVerify, exportJWK, generateKeyPair, importJWK } from "jose";
import { Directory, QRCodeGenerator, SHCIssuer, SHCReader } from "kill-the-clipboard";

const job = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(job.issue ? await issue(job) : await read(job)));

async function issue({ issue: bundle, iss }) {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const card = await new SHCIssuer({ issuer: iss, privateKey, publicKey, expirationTime: null }).issue(bundle);
  const jwk = await exportJWK(publicKey);
  const jws = card.asJWS();
  return {
    jws,
    file: await card.asFileContent(),
    codes: card.asQRNumeric(),
    parts: new QRCodeGenerator({ enableChunking: true, maxSingleQRSize: 400 }).chunkJWS(jws),
    jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk), use: "sig", alg: "ES256" },
  };
}

async function read({ read: card, directory, jwk }) {
  const reader = new SHCReader({ issuerDirectory: Directory.fromJSON(directory), useVciDirectory: false });
  const cards = [await reader.fromFileContent(card.file), await reader.fromQRNumeric(card.codes), await reader.fromJWS(card.jws)];
  const { payload, protectedHeader } = await compactVerify(card.jws, await importJWK(jwk, "ES256"));
  return {
    bundles: await Promise.all(cards.map((c) => c.asBundle())),
    payload: JSON.parse(protectedHeader.zip === "DEF" ? inflateRawSync(payload) : payload),
    thumbprint: await calculateJwkThumbprint(jwk),
  };
}
