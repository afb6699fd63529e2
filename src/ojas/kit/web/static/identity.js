// Passkeys and the browser's time zone. Without it the pages work all the same, by password.
(() => {
  "use strict";

  const raw = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  for (const field of document.querySelectorAll("[data-zone]")) {
    field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;
  }

  async function ask(url, token, body) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-form-token": token },
      body: JSON.stringify(body || {}),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.says || "");
    return said;
  }

  const described = (list) => (list || []).map((one) => ({ ...one, id: raw(one.id) }));

  async function create(options) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: raw(options.challenge),
        user: { ...options.user, id: raw(options.user.id) },
        excludeCredentials: described(options.excludeCredentials),
      },
    });
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(made.response.clientDataJSON),
        attestationObject: text(made.response.attestationObject),
      },
    };
  }

  async function get(options) {
    const found = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: raw(options.challenge),
        allowCredentials: described(options.allowCredentials),
      },
    });
    return {
      id: found.id,
      rawId: text(found.rawId),
      type: found.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(found.response.clientDataJSON),
        authenticatorData: text(found.response.authenticatorData),
        signature: text(found.response.signature),
        userHandle: found.response.userHandle ? text(found.response.userHandle) : null,
      },
    };
  }

  const ways = {
    "sign-in": { root: "/passkeys", prove: get },
    prove: { root: "/settings/confirm/passkey", prove: get },
    enrol: { root: "/settings/passkeys", prove: create },
  };

  for (const place of document.querySelectorAll("[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    place.hidden = false;
    const button = place.querySelector("button");
    const status = place.querySelector("[data-failed]");
    const way = ways[place.dataset.passkey];
    button.addEventListener("click", async () => {
      button.disabled = true;
      status.textContent = "";
      try {
        const question = await ask(`${way.root}/question`, button.dataset.token);
        const credential = await way.prove(question);
        const next = place.dataset.next || "/";
        const said = await ask(`${way.root}/answer`, button.dataset.token, { credential, next });
        location.assign(said.next);
      } catch (problem) {
        // A browser's own errors are in English and for developers; ours are sentences.
        status.textContent = problem.name === "Error" && problem.message ? problem.message : status.dataset.failed;
        button.disabled = false;
      }
    });
  }
})();
