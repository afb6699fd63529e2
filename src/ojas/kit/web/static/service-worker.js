/* Keeps the look of Ojas and the page for when there is no network. No page, no reading, nothing of anybody is ever kept here. */
const SHELL = [/*SHELL*/];
const STORE = "ojas-shell-1";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(["/offline", ...SHELL])).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.open(STORE)
      .then(async (store) => {
        const current = new Set(["/offline", ...SHELL]);
        for (const request of await store.keys()) if (!current.has(new URL(request.url).pathname)) await store.delete(request);
      })
      .then(() => self.clients.claim()),
  );
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(() => caches.match("/offline")));
  } else if (request.method === "GET" && url.origin === location.origin && SHELL.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((found) => found || fetch(request)));
  }
});

/* ---- messages that come while no page is open: shown as the house wrote them, answered by their buttons ---- */
const shown = (told) => self.registration.showNotification(told.title, {
  body: told.text ?? "",
  lang: told.lang,
  tag: told.tag, // the same message again takes the place of the first
  renotify: Boolean(told.tag),
  requireInteraction: Boolean(told.stays),
  data: told,
  actions: (told.actions ?? []).map((one, n) => ({ action: String(n), title: one.words })),
});
self.addEventListener("push", (event) => {
  let told = { title: "Ojas", url: "/notifications" };
  try { told = { ...told, ...event.data.json() }; } catch { /* said to nobody in particular: that something is there */ }
  event.waitUntil(shown(told));
});
async function open(path) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin) return;
  for (const page of await self.clients.matchAll({ type: "window" })) {
    if (page.url === url.href) { await page.focus(); return; }
  }
  await self.clients.openWindow(url.href);
}
async function answer(told, wanted) {
  const path = new URL(wanted.url, location.origin).pathname;
  try {
    // The link is the proof; who is signed in here is nobody's business.
    const said = await fetch(path, { method: "POST", credentials: "omit", headers: { accept: "application/json" } });
    const words = (await said.json()).says;
    await shown({ title: words, lang: told.lang, tag: told.tag, url: told.url });
  } catch {
    await open(path); // no network, or no answer: the page behind the link can be tried again
  }
}
self.addEventListener("notificationclick", (event) => {
  const told = event.notification.data ?? {}, wanted = told.actions?.[Number(event.action)];
  event.notification.close();
  event.waitUntil(event.action !== "" && wanted ? answer(told, wanted) : open(told.url ?? "/notifications"));
});

/* ---- a browser that gives itself a new address tells it, whoever is signed in: the old one is the proof ---- */
async function renew(old, made) {
  const store = await caches.open("ojas-push");
  const was = old?.toJSON() ?? (await (await store.match("/push/kept"))?.json());
  if (!was?.keys) return;
  const now = (made ?? (await subscribed(old))).toJSON();
  const body = JSON.stringify({ was: { endpoint: was.endpoint, keys: was.keys }, now: { endpoint: now.endpoint, keys: now.keys } });
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/api/v1/notifications/addresses/browsers/renew", { method: "POST", credentials: "omit", headers, body });
  if (answer.ok) await store.put("/push/kept", Response.json({ endpoint: now.endpoint, keys: now.keys }));
}
async function subscribed(old) {
  const { pushManager } = self.registration;
  const found = await pushManager.getSubscription();
  if (found) return found;
  const key = old?.options?.applicationServerKey ?? (await (await fetch("/api/v1/notifications/addresses/push-key")).json()).key;
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event.oldSubscription, event.newSubscription)));
self.addEventListener("message", (event) => { if (event.data === "renew") event.waitUntil(renew().catch(() => {})); });
