/* Messages on this device: asked of the browser when somebody presses, and told to Ojas by a plain form. */
(() => {
  "use strict";
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !window.isSecureContext) return;
  const box = document.querySelector("[data-push]");
  const start = box?.querySelector("[data-push-start]"), stop = box?.querySelector("[data-push-stop]");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind: "alarm" } }));
  const manager = async () => (await navigator.serviceWorker.ready).pushManager;

  // A copy for the service worker: a browser that gives itself a new address often no longer knows its old one.
  async function keep(made) {
    const { endpoint, keys } = made.toJSON();
    await (await caches.open("ojas-push")).put("/push/kept", Response.json({ endpoint, keys }));
  }
  // Whoever was signed out from elsewhere gets no more messages here; so the server is asked, once in each session.
  async function known(found) {
    const seen = `${document.body.dataset.session} ${found.endpoint}`;
    if (!box && localStorage.getItem("ojas:push") === seen) return true;
    const body = new URLSearchParams({ endpoint: found.endpoint, form_token: document.querySelector('input[name="form_token"]').value });
    const answer = await fetch("/settings/notifications/browsers/here", { method: "POST", body });
    if (!answer.ok) return true; // not known either way: what was set up stays as it is
    localStorage.setItem("ojas:push", seen);
    return (await answer.json()).known;
  }
  async function look() {
    const found = await (await manager()).getSubscription();
    const here = Boolean(found) && (await known(found));
    if (here) await keep(found);
    else if (found) (await navigator.serviceWorker.ready).active?.postMessage("renew"); // its address may be a new one
    if (!box) return;
    box.hidden = false;
    start.hidden = here;
    stop.hidden = !here;
  }
  async function subscribe() {
    const push = await manager();
    const wanted = { userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) };
    // A subscription made for another key of the house is of no use any more.
    const made = await push.subscribe(wanted).catch(async (trouble) => {
      if (trouble.name !== "InvalidStateError") throw trouble;
      await (await push.getSubscription())?.unsubscribe();
      return push.subscribe(wanted);
    });
    const { endpoint, keys } = made.toJSON();
    for (const [name, value] of Object.entries({ endpoint, ...keys })) start.elements.namedItem(name).value = value;
  }
  start?.addEventListener("submit", async (event) => {
    event.preventDefault();
    if ((await Notification.requestPermission()) !== "granted") { say(box.dataset.denied); return; }
    try {
      await subscribe();
      start.submit();
    } catch { say(box.dataset.failed); }
  });
  stop?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const found = await (await manager()).getSubscription();
    stop.elements.namedItem("endpoint").value = found?.endpoint ?? "";
    await found?.unsubscribe();
    await caches.delete("ojas-push");
    stop.submit();
  });
  look().catch(() => {}); // no network: the next page asks again
})();
