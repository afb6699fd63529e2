/* What script adds to pages that work without it: saving without a page turn, toasts, entries kept while there is no network. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* ---- trust: HTML comes from our own server by htmx alone; no text becomes script; one worker may be started ---- */
  const types = window.trustedTypes;
  const worker = "/service-worker.js";
  const trusted = types
    ? types.createPolicy("ojas", { createScriptURL: (url) => { if (url === worker) return url; throw new TypeError(url); } })
    : { createScriptURL: (url) => url };
  if (window.htmx) {
    const refuse = () => { throw new Error("no evaluation"); };
    const policy = types ? types.createPolicy("htmx", { createHTML: (html) => html }) : null;
    htmx.registerExtension("ojas", { init: (api) => api.initSecurity(policy, refuse, refuse) });
  }

  /* ---- toasts ---- */
  const shelf = () => $("#toasts");
  function toast(text, kind) {
    const place = shelf();
    if (!place || $$(".alarm p", place).some((told) => told.textContent === text)) return; // what asks every few seconds says it once
    const box = document.createElement("div");
    box.className = kind === "alarm" ? "toast alarm" : "toast";
    const says = document.createElement("p");
    says.textContent = text;
    box.append(says);
    place.append(box);
    closable(box);
  }
  function closable(box) {
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "✕";
    close.setAttribute("aria-label", shelf().dataset.close);
    close.addEventListener("click", () => away(box));
    box.append(close);
    box.addEventListener("keydown", (event) => { if (event.key === "Escape") away(box); });
    // What can be undone or went wrong waits for its reader; the rest does not leave while somebody is at it.
    if (box.matches(".alarm, :has(form)")) return;
    const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 3000) : box.remove());
    setTimeout(leave, 9000);
  }
  function away(box) {
    const within = box.contains(document.activeElement);
    box.remove();
    if (within) stand(changed());
  }

  /* ---- where the keyboard stands after something was done: at its undo, else at what changed, else at the heading ---- */
  const changed = () => $(":target:not(main)") ?? $("#main h1") ?? $("#main");
  function stand(place) {
    const spot = $("a.row", place) ?? place;
    if (!spot.matches("a[href], button, input, [tabindex]")) spot.tabIndex = -1;
    spot.focus();
    return spot;
  }
  // A browser that comes late to the fragment of the address takes the focus from whatever has it: it is given back, once.
  function hold(spot) {
    const back = () => setTimeout(() => { if (document.activeElement === document.body) spot.focus(); });
    spot.addEventListener("blur", back, { once: true, signal: AbortSignal.timeout(5000) });
  }
  function arrive() {
    const told = $("#toasts .toast");
    if (!told || document.activeElement !== document.body) return;
    if ($("form", told)) { hold(stand(told)); return; }
    hold(stand(changed()));
    // A screen reader says what comes into a live region, not what was there from the start.
    const says = $("p", told), text = says.textContent;
    says.textContent = "";
    setTimeout(() => { says.textContent = text; }, 200);
  }
  document.addEventListener("toast", (event) => {
    const told = event.detail?.value ?? event.detail;
    toast(told.text ?? String(told), told.kind);
  });

  /* ---- entries kept while there is no network: only until they are sent, each under a key of its own. An answer that was lost on its way
     is asked for again by the same key and the same words, so what was done already is not done twice; the token goes beside them.
     They wait for the account that typed them: whoever signs in next on this device neither sends nor sees them. ---- */
  const target = (form) => new URL(form.getAttribute("action"), location).pathname; // form.action may be a field of that name
  const KEPT = "ojas:kept";
  const kept = () => { try { return JSON.parse(localStorage.getItem(KEPT)) ?? []; } catch { return []; } };
  const keepAll = (entries) => (entries.length ? localStorage.setItem(KEPT, JSON.stringify(entries)) : localStorage.removeItem(KEPT));
  const whose = () => document.body.dataset.keeper;
  const mine = () => kept().filter((entry) => entry.by === whose());
  function keep(form, button) {
    const fields = [...new FormData(form, button)].filter(([name, value]) => name !== "form_token" && typeof value === "string");
    try {
      keepAll([...kept(), { by: whose(), action: target(form), fields, key: form.dataset.key ?? crypto.randomUUID() }]);
    } catch { toast(shelf().dataset.failed, "alarm"); return; } // there is no room: it stays in its form
    delete form.dataset.key;
    form.reset();
    toast(shelf().dataset.kept);
    again();
  }
  // A device says that it has a network before anything gets through, and may never say it: so it is tried again, less and less often.
  const SOONEST = 1000, LATEST = 60_000;
  let wait = SOONEST, timer;
  function again() {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
    wait = Math.min(2 * wait, LATEST);
  }
  let sending = false;
  async function send() {
    const token = $('input[name="form_token"]')?.value;
    if (sending || !token || !mine().some((entry) => !entry.refused)) return;
    sending = true;
    let sent = 0;
    try {
      for (const entry of mine().filter((one) => !one.refused)) {
        const headers = { "hx-request": "true", "idempotency-key": entry.key, "x-form-token": token };
        const answer = await fetch(entry.action, { method: "POST", body: new URLSearchParams(entry.fields), headers, signal: AbortSignal.timeout(30_000) });
        if (answer.status >= 500 || answer.status === 429 || answer.status === 401) break;
        const rest = kept().filter((one) => one.key !== entry.key);
        keepAll(answer.ok ? rest : [...rest, { ...entry, refused: true }]);
        if (answer.ok) sent += 1;
        else toast(shelf().dataset.refused, "alarm");
      }
    } catch { /* still no network: they stay where they are */ } finally { sending = false; }
    if (mine().some((entry) => !entry.refused)) again();
    else wait = SOONEST;
    if (sent) toast(shelf().dataset.sent);
  }
  // Whoever holds this device next is shown no more messages on it: the push service refuses them, and Ojas forgets it.
  function leave() {
    localStorage.removeItem(KEPT);
    window.caches?.delete("ojas-push");
    navigator.serviceWorker?.getRegistration()
      .then((found) => found?.pushManager?.getSubscription())
      .then((found) => found?.unsubscribe());
  }
  function refill(form) {
    const entry = mine().find((one) => one.refused && one.action === target(form));
    if (!entry || form.dataset.refilled) return;
    form.dataset.refilled = entry.key; // kept until the form is sent again: somebody may turn away before that
    for (const [name, value] of entry.fields) {
      const field = form.elements.namedItem(name);
      if (field && "value" in field) field.value = value;
    }
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.refilled) keepAll(kept().filter((one) => one.key !== form.dataset.refilled));
    if (form.matches("form[data-offline]") && !navigator.onLine) {
      event.preventDefault();
      event.stopImmediatePropagation();
      keep(form, event.submitter);
    }
    if (target(form).endsWith("/sign-out")) leave();
  }, true);
  document.addEventListener("htmx:error", (event) => {
    const { sourceElement: form, sourceEvent, request } = event.detail?.ctx ?? {};
    if (form?.matches?.("form[data-offline]")) keep(form, request.submitter);
    else if (sourceEvent?.type !== "input") toast(shelf()?.dataset.failed, "alarm"); // a hint while one types is not missed
  });
  document.addEventListener("htmx:config:request", (event) => {
    const { request, sourceElement: form } = event.detail.ctx;
    if (!form?.matches?.("form[data-offline]")) return;
    form.dataset.key ??= crypto.randomUUID();
    request.headers["idempotency-key"] = form.dataset.key;
    request.headers["x-form-token"] = request.body.get("form_token");
    request.body.delete("form_token");
  });
  document.addEventListener("htmx:finally:request", (event) => { delete event.detail.ctx?.sourceElement?.dataset?.key; });
  window.addEventListener("online", () => { wait = SOONEST; send(); });

  /* ---- small comforts ---- */
  function settle(root) {
    $$("[data-reveal]", root).forEach((box) => {
      if ($("button", box)) return;
      const input = $("input", box), button = document.createElement("button");
      button.type = "button";
      button.className = "unit";
      button.textContent = "👁";
      button.setAttribute("aria-label", box.dataset.reveal);
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        const shown = input.type === "text";
        input.type = shown ? "password" : "text";
        button.setAttribute("aria-pressed", String(!shown));
      });
      box.append(button);
    });
    $$("form[data-offline]", root).forEach(refill);
    $("[data-focus]", root)?.focus();
  }
  document.addEventListener("click", (event) => {
    $$("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    $$("details[data-menu][open]").forEach((menu) => { menu.open = false; $("summary", menu).focus(); });
  });
  /* days of a month stand beside and below each other: arrows go where they point */
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  document.addEventListener("keydown", (event) => {
    const here = event.target.closest?.("[data-days] a[data-day]");
    if (!here || !(event.key in STEPS)) return;
    const days = $$("a[data-day]", here.closest("[data-days]"));
    const there = days[days.indexOf(here) + STEPS[event.key]];
    if (there) { event.preventDefault(); there.focus(); }
  });
  /* in a week by the hour they go from one thing or free hour to the next, and to the day beside at that hour */
  document.addEventListener("keydown", (event) => {
    const here = event.target.closest?.("[data-week] a[data-x]"), step = Math.sign(STEPS[event.key] ?? 0);
    if (!here || !step) return;
    const beside = event.key === "ArrowLeft" || event.key === "ArrowRight";
    const day = $$(`a[data-x="${Number(here.dataset.x) + (beside ? step : 0)}"]`, here.closest("[data-week]"));
    const there = beside ? day.findLast((one) => Number(one.dataset.y) <= Number(here.dataset.y)) : day[day.indexOf(here) + step];
    if (there) { event.preventDefault(); there.focus(); }
  });
  /* the end of what is planned moves with its beginning; past midnight it is for the reader to say */
  const minutes = (text) => { const [hour, minute] = text.split(":"); return 60 * hour + Number(minute); };
  document.addEventListener("change", (event) => {
    const start = event.target, end = start.dataset?.end && document.getElementById(start.dataset.end);
    if (!end) return;
    const was = start.dataset.was ?? start.defaultValue;
    start.dataset.was = start.value;
    if (!was || !start.value || !end.value) return;
    const then = minutes(end.value) + minutes(start.value) - minutes(was);
    end.value = then >= 0 && then < 1440 ? [then / 60, then % 60].map((n) => String(Math.floor(n)).padStart(2, "0")).join(":") : "";
  });
  /* a part that is drawn anew, as progress is, leaves the keyboard where it was, or gives it to the heading */
  let held = null;
  const handle = (place) =>
    place.id ? `#${CSS.escape(place.id)}`
    : place.name ? `[name="${CSS.escape(place.name)}"]:not([type="hidden"])`
    : place.form ? `form[action="${CSS.escape(place.form.getAttribute("action"))}"] ${place.localName}`
    : `${place.localName}[href="${CSS.escape(place.getAttribute("href") ?? "")}"]`;
  document.addEventListener("htmx:before:swap", () => { held = document.activeElement === document.body ? null : handle(document.activeElement); });
  document.addEventListener("htmx:after:swap", () => {
    settle(document);
    if (held && document.activeElement === document.body) stand($(held) ?? $("#main h1") ?? $("#main"));
    document.dispatchEvent(new Event("ojas:settled"));
  });
  window.addEventListener("beforeprint", () => $$("details.more").forEach((more) => { more.dataset.was = more.open; more.open = true; }));
  window.addEventListener("afterprint", () => $$("details.more").forEach((more) => { more.open = more.dataset.was === "true"; }));

  const start = () => {
    settle(document);
    $$("#toasts .toast").forEach(closable);
    // A browser takes the focus away when it goes to the part an address names, and that is when everything is loaded.
    if (document.readyState === "complete") arrive();
    else window.addEventListener("load", () => setTimeout(arrive));
    send();
    if ("serviceWorker" in navigator && window.isSecureContext) navigator.serviceWorker.register(trusted.createScriptURL(worker)).catch(() => {});
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
