/* The bell, and the page that shows what it rang for: told by the server, only while somebody looks. Without it the next page knows. */
(() => {
  "use strict";
  const bell = document.querySelector(".bell");
  if (!bell) return;
  const count = bell.querySelector("b");
  let source = null, looked = Date.now();
  function told(event) {
    const news = JSON.parse(event.data);
    bell.hidden = !news.unread;
    bell.setAttribute("aria-label", news.words);
    count.textContent = news.unread < 100 ? String(news.unread) : "99+";
    if (!news.title) return;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: news.title } }));
    renew();
  }
  // Nothing is taken from under somebody's hands: not while a button or a field of the page has the focus.
  function renew() {
    if (!document.querySelector("#main [data-live]") || document.querySelector("#main :focus")) return;
    looked = Date.now();
    htmx.ajax("GET", location.href, { target: "#main", select: "#main", swap: "outerHTML" });
  }
  // What came while nobody looked, or while nothing could be told, is there when they look again.
  function again() {
    if (!document.hidden && Date.now() - looked > 20_000) renew();
  }
  function open() {
    if (source || document.hidden || !window.EventSource) return;
    source = new EventSource("/notifications/live");
    source.addEventListener("told", told);
    source.addEventListener("rest", close);
  }
  function close() {
    source?.close();
    source = null;
  }
  // A browser holds six connections to a house: pages in the background give theirs back.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  for (const sign of ["visibilitychange", "focus", "pageshow"]) window.addEventListener(sign, again);
  window.addEventListener("pagehide", close);
  for (const sign of ["pageshow", "pointerdown", "keydown"]) window.addEventListener(sign, open, { passive: true });
})();
