// Verifies consent receipts, countersignatures and requests with the npm package jose, an
// implementation that is not ours, with nothing but the key that stands in each. Reads a
// JSON array of compact JWS from standard input; prints, for each, its header, its payload
// and the thumbprint of its key, or the error.
//
//   node receipt.mjs < FILE
import { readFileSync } from "node:fs";
import { calculateJwkThumbprint, compactVerify, decodeJwt, importJWK } from "jose";

const look = async (jws) => {
  try {
    const claims = decodeJwt(jws);
    const jwk = claims.potli?.jwk ?? claims.from?.jwk;
    const key = await importJWK(jwk, jwk.kty === "OKP" ? "EdDSA" : "ES256");
    const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ["EdDSA", "ES256"] });
    return { ok: true, header: protectedHeader, payload: new TextDecoder().decode(payload), thumbprint: await calculateJwkThumbprint(jwk) };
  } catch (err) {
    return { ok: false, error: err.code ?? err.message };
  }
};
console.log(JSON.stringify(await Promise.all(JSON.parse(readFileSync(0, "utf8")).map(look))));
