// The desk's one script. Everything works without it; with it, keys press buttons and the checks
// of a running inspection appear as they finish.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const isFunctionKey = /^F([1-9]|1[0-2])$/.test(event.key);
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
  if (!isFunctionKey && typing) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  // F5 must never reload the page under the officer's finger, whether it has a meaning here or not.
  if (isFunctionKey || target) event.preventDefault();
  // A key held down decides nothing: the next traveller may already be on the screen.
  if (target && !event.repeat) target.click();
});

// One act, one request: a second press of the same button is not a second decision.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

const running = document.querySelector("[data-events]");
if (running) {
  const events = new EventSource(running.dataset.events);
  events.addEventListener("group", (event) => {
    const group = JSON.parse(event.data);
    const line = document.querySelector(`[data-group="${CSS.escape(group.name)}"]`);
    if (!line) return;
    line.className = group.tone;
    line.querySelector(".mark").textContent = group.symbol;
    line.querySelector(".hidden").textContent = group.words;
  });
  events.addEventListener("advised", () => {
    events.close();
    location.reload();
  });
  // A desk that went away comes back on its own; ask again rather than stand still.
  events.addEventListener("error", () => {
    events.close();
    setTimeout(() => location.reload(), 1000);
  });
}
