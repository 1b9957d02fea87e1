// Passkeys: asks the browser for one and puts its answer into the form. Loaded where
// people sign in and where they add a passkey; those pages work without it.

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
};
const text = (buffer) => {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
const descriptors = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

// What the server sends as text is bytes for the browser, and the other way round.
function unpack(options) {
  const made = { ...options, challenge: bytes(options.challenge) };
  if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
  made.excludeCredentials = descriptors(options.excludeCredentials);
  made.allowCredentials = descriptors(options.allowCredentials);
  return made;
}

function pack(credential) {
  const { response } = credential;
  const packed = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) packed[name] = text(response[name]);
  }
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type,
    clientExtensionResults: {}, response: packed,
  });
}

class Refused extends Error {}

async function options(form, url) {
  const answer = await fetch(url, {
    method: "POST", body: new URLSearchParams(new FormData(form)),
    credentials: "same-origin", redirect: "error",
  });
  const found = await answer.json();
  if (!answer.ok) throw new Refused(found.problem);
  return unpack(found);
}

async function ask(form, from, kind) {
  const said = form.querySelector("[data-passkey-said]");
  said.hidden = true;
  try {
    const publicKey = await options(form, from.dataset.options);
    const credential = await navigator.credentials[kind]({ publicKey });
    form.elements.credential.value = pack(credential);
    if (from.dataset.action) form.action = from.dataset.action;
    // Only the answer of the device is needed.
    for (const one of form.querySelectorAll("[type=password]")) one.value = "";
    form.submit();
  } catch (error) {
    const known = error instanceof Refused && error.message;
    const cancelled = error?.name === "NotAllowedError" || error?.name === "InvalidStateError";
    said.setAttribute("role", "alert");
    said.textContent = known || (cancelled ? from.dataset.cancelled : from.dataset.failed);
    said.hidden = false;
  }
}

if (globalThis.PublicKeyCredential) {
  for (const button of document.querySelectorAll("[data-passkey=get]")) {
    button.hidden = false;
    button.addEventListener("click", () => ask(button.form, button, "get"));
  }
  for (const form of document.querySelectorAll("[data-passkey=create]")) {
    form.hidden = false;
    for (const none of document.querySelectorAll("[data-passkey-none]")) none.hidden = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form, form, "create");
    });
  }
}
