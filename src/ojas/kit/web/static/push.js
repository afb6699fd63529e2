/* Messages on this device: asked of the browser when somebody presses, and told to Ojas by a plain form. */
(() => {
  "use strict";
  const box = document.querySelector("[data-push]");
  if (!box || !("serviceWorker" in navigator) || !("PushManager" in window) || !window.isSecureContext) return;
  const start = box.querySelector("[data-push-start]"), stop = box.querySelector("[data-push-stop]");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const letters = (raw) => btoa(String.fromCharCode(...new Uint8Array(raw))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind: "alarm" } }));
  const manager = async () => (await navigator.serviceWorker.ready).pushManager;

  async function look() {
    const found = await (await manager()).getSubscription();
    box.hidden = false;
    start.hidden = Boolean(found);
    stop.hidden = !found;
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
    start.elements.namedItem("endpoint").value = made.endpoint;
    start.elements.namedItem("p256dh").value = letters(made.getKey("p256dh"));
    start.elements.namedItem("auth").value = letters(made.getKey("auth"));
  }
  start.addEventListener("submit", async (event) => {
    event.preventDefault();
    if ((await Notification.requestPermission()) !== "granted") { say(box.dataset.denied); return; }
    try {
      await subscribe();
      start.submit();
    } catch { say(box.dataset.failed); }
  });
  stop.addEventListener("submit", async (event) => {
    event.preventDefault();
    const found = await (await manager()).getSubscription();
    stop.elements.namedItem("endpoint").value = found?.endpoint ?? "";
    await found?.unsubscribe();
    stop.submit();
  });
  look();
})();
