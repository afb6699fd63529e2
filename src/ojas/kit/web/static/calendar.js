/* What is planned is pulled to another day or time with a mouse. A finger scrolls; a keyboard opens it and changes it there. */
(() => {
  "use strict";
  const ask = document.getElementById("move"), days = [...document.querySelectorAll("[data-on]")];
  if (!ask || !days.length) return;
  const form = ask.querySelector("form"), rows = document.querySelectorAll(".hours tbody tr");
  const FAR = 6, QUARTER = 15; // pixels until a press is a pull; minutes of a row
  let held = null; // { slot, x, y, day: where it was pressed, days and rows: how far it went, stage: pressed, pulled, dropped }

  const box = (place) => place.getBoundingClientRect();
  const height = () => box(rows[0].parentNode).height / rows.length;
  const beside = (event, { left, right, top, bottom }) =>
    event.clientX >= left && event.clientX < right && (rows.length > 0 || (event.clientY >= top && event.clientY < bottom));
  const dayAt = (event) => days.findIndex((day) => beside(event, box(day)));

  function follow(event) {
    const day = dayAt(event), row = Number(held.slot.dataset.row ?? -1);
    if (day >= 0) held.days = day - held.day;
    if (row >= 0) held.rows = Math.max(-row, Math.min(Math.round((event.pageY - held.y) / height()), rows.length - 1 - row));
    const from = box(days[held.day]), to = box(days[held.day + held.days]);
    const down = rows.length ? held.rows * height() : to.top - from.top;
    held.slot.style.translate = `${to.left - from.left}px ${down}px`;
  }
  function back() {
    held.slot.style.translate = "";
    held.slot.classList.remove("pulled");
    held = null;
  }
  const stop = (event) => { event.preventDefault(); event.stopPropagation(); };
  function pull(event) {
    held.stage = "pulled";
    const { slot } = held;
    slot.setPointerCapture(event.pointerId);
    slot.classList.add("pulled");
    // Letting go is no click, also where it was put back before.
    slot.addEventListener("click", stop, true);
    document.addEventListener("pointerup", () => setTimeout(() => slot.removeEventListener("click", stop, true)), { once: true });
  }
  function drop() {
    held.stage = "dropped";
    if (!held.days && !held.rows) { back(); return; }
    form.elements.was.value = held.slot.dataset.move;
    form.elements.days.value = held.days;
    form.elements.minutes.value = held.rows * QUARTER;
    if ("recurs" in held.slot.dataset) ask.showModal();
    else send(new FormData(form));
  }
  async function send(sent) {
    try {
      const headers = { "hx-request": "true" };
      const answer = await fetch(`${held.slot.getAttribute("href")}/move`, { method: "POST", body: new URLSearchParams(sent), headers });
      if (answer.ok) { location.reload(); return; } // which stays where one scrolled to, and offers to undo it
      say(JSON.parse(answer.headers.get("hx-trigger")).toast);
    } catch { say({ text: document.getElementById("toasts").dataset.failed, kind: "alarm" }); }
  }
  function say(detail) {
    document.dispatchEvent(new CustomEvent("toast", { detail }));
    back();
  }

  document.addEventListener("dragstart", (event) => { if (event.target.closest?.("[data-move]")) event.preventDefault(); });
  document.addEventListener("pointerdown", (event) => {
    const slot = event.target.closest?.("[data-move]"), plain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!slot || held || !plain || event.pointerType !== "mouse") return;
    const day = dayAt(event);
    if (day >= 0) held = { slot, x: event.pageX, y: event.pageY, day, days: 0, rows: 0, stage: "pressed" };
  });
  document.addEventListener("pointermove", (event) => {
    if (held?.stage === "pressed" && Math.hypot(event.pageX - held.x, event.pageY - held.y) >= FAR) pull(event);
    if (held?.stage === "pulled") follow(event);
  });
  document.addEventListener("pointerup", () => {
    if (held?.stage === "pressed") held = null;
    if (held?.stage === "pulled") drop();
  });
  document.addEventListener("pointercancel", () => { if (held && held.stage !== "dropped") back(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && held?.stage === "pulled") back(); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask.close("sent");
    send(new FormData(form, event.submitter));
  });
  ask.querySelector("[data-close]").addEventListener("click", () => ask.close(""));
  ask.addEventListener("close", () => { if (ask.returnValue !== "sent") back(); ask.returnValue = ""; });
  document.querySelectorAll("[data-by-mouse]").forEach((line) => { line.hidden = false; });
})();
