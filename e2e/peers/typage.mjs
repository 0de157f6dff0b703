// Seals and opens with the npm package age-encryption (typage) and a passkey that
// is computed here, where a browser would ask an authenticator.
//
//   node typage.mjs seal IDENTITY SECRET TEXT     prints the file
//   node typage.mjs open IDENTITY SECRET FILE     prints the text
//   node typage.mjs unwrap IDENTITY SECRET STANZA prints the file key in a stanza (its two lines, without "-> ")
//   node typage.mjs make SITE ID SECRET           prints an identity of typage's own
//
// IDENTITY is AGE-PLUGIN-FIDO2PRF-1…; ID, SECRET, TEXT, FILE and STANZA are base64url.
import { createHash, createHmac } from "node:crypto";
import { Decrypter, Encrypter, Stanza, webauthn } from "age-encryption";

const [act, ...args] = process.argv.slice(2);
const bytes = (s) => new Uint8Array(Buffer.from(s, "base64url"));
const print = (o) => console.log(JSON.stringify(o));

/** What an authenticator with hmac-secret answers under WebAuthn's prf. */
function answer(secret, input) {
  const salt = createHash("sha256").update("WebAuthn PRF\0").update(input).digest();
  const mac = createHmac("sha256", secret).update(salt).digest();
  return new Uint8Array(mac).buffer;
}

/** A browser with one passkey, as far as typage uses it. */
function browser(site, id, secret) {
  const asked = [];
  const get = async ({ publicKey: o }) => {
    asked.push({ rpId: o.rpId, userVerification: o.userVerification, allow: o.allowCredentials.map((c) => Buffer.from(c.id).toString("base64url")) });
    const { first, second } = o.extensions.prf.eval;
    return { getClientExtensionResults: () => ({ prf: { results: { first: answer(secret, first), second: answer(secret, second) } } }) };
  };
  const create = async () => ({
    rawId: id.buffer,
    response: { getTransports: () => ["internal", "hybrid"] },
    getClientExtensionResults: () => ({ prf: { enabled: true } }),
  });
  Object.defineProperty(globalThis, "navigator", { value: { credentials: { get, create } }, configurable: true });
  globalThis.window = { origin: "https://" + site };
  return asked;
}

if (act === "make") {
  const [site, id, secret] = args;
  browser(site, bytes(id), bytes(secret));
  print({ identity: await webauthn.createCredential({ keyName: "peer", rpId: site }) });
} else {
  const [identity, secret, what] = args;
  const asked = browser("unused.example", new Uint8Array(0), bytes(secret));
  let out;
  if (act === "seal") {
    const encrypter = new Encrypter();
    encrypter.addRecipient(new webauthn.WebAuthnRecipient({ identity }));
    out = await encrypter.encrypt(bytes(what));
  } else if (act === "unwrap") {
    const [line, body] = Buffer.from(what, "base64url").toString().split("\n");
    const stanza = new Stanza(line.split(" "), new Uint8Array(Buffer.from(body, "base64")));
    out = await new webauthn.WebAuthnIdentity({ identity }).unwrapFileKey([stanza]);
  } else {
    const decrypter = new Decrypter();
    decrypter.addIdentity(new webauthn.WebAuthnIdentity({ identity }));
    out = await decrypter.decrypt(bytes(what));
  }
  print({ out: Buffer.from(out).toString("base64url"), asked });
}
