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
