// A call for help: the count-down, and where the device is. Without it the same form is sent by a second tap, without a place.
(() => {
  "use strict";

  const fill = (form, found) => {
    for (const name of ["latitude", "longitude", "accuracy"]) {
      const field = form.elements.namedItem(name);
      if (field) field.value = String(found.coords[name] ?? "");
    }
  };

  // Asked only here, when help is called. Refused or slow, nothing waits for it.
  function locate(form) {
    if (!navigator.geolocation) return;
    const later = "later" in form.dataset;
    navigator.geolocation.getCurrentPosition(
      (found) => {
        fill(form, found);
        if (later) {
          fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" })
            .then(() => location.reload());
        }
      },
      () => {},
      { enableHighAccuracy: true, timeout: Number(form.dataset.locate), maximumAge: 60000 },
    );
  }

  function countDown(form) {
    const says = form.querySelector("[data-count]");
    const stop = form.querySelector("[data-stop]");
    let left = Number(form.dataset.countdown);
    let ticking = 0;
    const show = () => { says.textContent = form.dataset.says.replace("{n}", new Intl.NumberFormat(document.documentElement.lang).format(left)); };
    const halt = () => {
      if (!ticking) return;
      clearInterval(ticking);
      ticking = 0;
      stop.hidden = true;
      says.textContent = form.dataset.stopped;
    };
    stop.hidden = false;
    stop.addEventListener("click", () => { halt(); form.querySelector("button:not([type])").focus(); });
    for (const name of ["input", "toggle"]) form.addEventListener(name, halt, true); // who writes more wants time for it
    form.addEventListener("submit", () => { clearInterval(ticking); says.textContent = form.dataset.now; });
    window.addEventListener("pagehide", () => clearInterval(ticking));
    show();
    ticking = setInterval(() => {
      left -= 1;
      if (left > 0) { show(); return; }
      clearInterval(ticking);
      form.requestSubmit();
    }, 1000);
  }

  // Only a tap on a page of ours counts down. A link from elsewhere, a tab that comes back, a step back in history: they
  // show the button and call nobody.
  function tapped() {
    const [visit] = performance.getEntriesByType("navigation");
    return visit?.type === "navigate" && document.referrer.startsWith(`${location.origin}/`);
  }

  for (const form of document.querySelectorAll("form[data-locate]")) locate(form);
  if (tapped()) for (const form of document.querySelectorAll("form[data-countdown]")) countDown(form);
})();
