// Passkeys: what the server asks goes to the browser, what the browser answers goes into the form.
"use strict";

(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // Of the options only these are bytes.
  function readable(options) {
    const made = { ...options, challenge: bytes(options.challenge) };
    if (made.user) made.user = { ...made.user, id: bytes(made.user.id) };
    for (const list of ["allowCredentials", "excludeCredentials"]) {
      if (made[list]) made[list] = made[list].map((each) => ({ ...each, id: bytes(each.id) }));
    }
    return made;
  }

  function plain(credential) {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return {
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  }

  async function fill(form) {
    const answer = await fetch(form.dataset.options, { method: "POST", headers: { Accept: "application/json" } });
    if (answer.status === 403 && form.dataset.prove) {
      window.location.assign(form.dataset.prove);
      return false;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const asked = await answer.json();
    const publicKey = readable(asked.options.publicKey ?? asked.options);
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.elements.ticket.value = asked.ticket;
    form.elements.credential.value = JSON.stringify(plain(credential));
    return true;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.passkey || form.elements.credential.value) return;
    event.preventDefault();
    const said = form.querySelector("[data-fault]");
    said.textContent = "";
    fill(form).then((filled) => { if (filled) form.submit(); }, () => { said.textContent = said.dataset.fault; });
  }, true);
})();
