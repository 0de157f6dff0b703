// Stands in for the viewer page: it behaves as the fragment says.
"use strict";

const behaviour = location.hash.slice(1);
let language = "";

addEventListener("message", ({data, source, origin}) => {
  const say = (message, transfer) => source.postMessage({id: data.id, ...message}, origin, transfer);
  switch (data.potli) {
    case "language":
      language = data.tag;
      return;
    case "show": {
      const text = new TextDecoder().decode(data.bytes);
      say(text.startsWith("%PDF-") && data.type === "application/pdf" && data.name ? {potli: "shown"} : {potli: "failed", code: "refused"});
      return;
    }
    case "fetch":
      answer(data, say);
  }
});

function answer({url, flag, recipient, passcode, id}, say) {
  const asked = JSON.stringify({url, flag, recipient, passcode, language});
  const files = [{contentType: "application/fhir+json", jwe: asked}, {contentType: "", jwe: "b"}];
  if (behaviour.startsWith("fail-")) {
    say({potli: "failed", code: behaviour.slice(5), remaining: 3, retryAfter: 9});
    return;
  }
  switch (behaviour) {
    case "good":
      say({potli: "fetched", files, status: "finalized"});
      say({potli: "fetched", files: [], status: "a second answer"});
      break;
    case "wrong-id":
      say({potli: "fetched", files, id: id + 1});
      say({potli: "fetched", files, id: "x"});
      say({potli: "fetched", files, id: null});
      break;
    case "many":
      say({potli: "fetched", files: Array(201).fill(files[0])});
      break;
    case "no-jwe":
      say({potli: "fetched", files: [{contentType: "x", jwe: {length: 3}}]});
      break;
    case "negative":
      say({potli: "fetched", files: {length: -1}});
      break;
  }
}

parent.postMessage({potli: "ready"}, "*");
