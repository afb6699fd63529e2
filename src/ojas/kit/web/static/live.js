/* The bell while a page is open: told by the server, only while somebody looks at the page. Without it the next page knows. */
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
    if (news.title) document.dispatchEvent(new CustomEvent("toast", { detail: { text: news.title } }));
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
