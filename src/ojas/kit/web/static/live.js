/* The bell, and the page that shows what it rang for: told by the server, only while somebody looks. Without it the next page knows. */
(() => {
  "use strict";
  const bell = document.querySelector(".bell");
  if (!bell || !window.EventSource) return;
  const count = bell.querySelector("b");
  let source = null;
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
    htmx.ajax("GET", location.href, { target: "#main", select: "#main", swap: "outerHTML" });
  }
  function open() {
    if (source || document.hidden) return;
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
  window.addEventListener("pagehide", close);
  for (const sign of ["pageshow", "pointerdown", "keydown"]) window.addEventListener(sign, open, { passive: true });
})();
