// The desk's one script. Everything works without it; with it, keys press buttons, the checks of a running
// inspection appear as they finish, the reader is watched, and check digits follow the typing.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const isFunctionKey = /^F([1-9]|1[0-2])$/.test(event.key);
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
  if (!isFunctionKey && event.key !== "Escape" && typing) return;
  // Under a picture that lies over the page nothing is pressed; Escape takes the picture away.
  if (document.querySelector("dialog[open]")) {
    if (isFunctionKey) event.preventDefault();
    return;
  }
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
window.addEventListener("pageshow", (event) => {
  for (const form of document.forms) delete form.dataset.sent;
  // A page kept by the browser is asked for again: the traveller on it may have gone.
  if (event.persisted) location.reload();
});
// Nothing of a traveller stays behind in a page that the browser keeps for going back to.
if (document.querySelector("main.encounter")) {
  window.addEventListener("pagehide", () => document.body.replaceChildren());
}

// A page that nobody has touched for as long as a session lasts goes, with all that is on it.
const over = Number(document.body.dataset.over);
if (over) setTimeout(() => location.replace("/"), over * 1000);

// A menu closes when something else is pressed.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A picture opens over its page. A window of its own could not be closed at a desk without a keyboard, and would go on
// showing the traveller after the decision.
for (const link of document.querySelectorAll("a[data-picture]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const dialog = document.createElement("dialog");
    dialog.className = "whole";
    dialog.ariaLabel = link.querySelector("img").alt;
    const close = document.createElement("button");
    close.textContent = link.dataset.picture;
    const picture = document.createElement("img");
    picture.src = link.href;
    picture.alt = dialog.ariaLabel;
    dialog.append(close, picture);
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });
}

const fill = (name, text) => {
  const place = document.querySelector(`[data-fill="${CSS.escape(name)}"]`);
  if (place) place.textContent = text ?? "";
};

const running = document.querySelector("[data-events]");
if (running) {
  const events = new EventSource(running.dataset.events);
  events.addEventListener("traveller", (event) => {
    const traveller = JSON.parse(event.data);
    for (const [name, text] of Object.entries(traveller)) fill(name, text);
  });
  events.addEventListener("group", (event) => {
    const group = JSON.parse(event.data);
    const line = document.querySelector(`[data-group="${CSS.escape(group.name)}"]`);
    if (!line) return;
    line.className = group.tone;
    line.querySelector(".mark").textContent = group.symbol;
    line.querySelector(".hidden").textContent = group.words;
  });
  events.addEventListener("chip", (event) => {
    const { words } = JSON.parse(event.data);
    const place = document.querySelector("[data-chip]");
    if (!place) return;
    place.hidden = !words;
    fill("chip", words);
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

const watched = document.querySelector("[data-preview]");
if (watched) {
  const events = new EventSource(watched.dataset.preview);
  events.addEventListener("sight", (event) => {
    const sight = JSON.parse(event.data);
    const words = watched.querySelector("[data-sight]");
    if (words.textContent !== sight.words) words.textContent = sight.words;
    watched.classList.toggle("ready", sight.ready);
    const picture = watched.querySelector("[data-sight-picture]");
    picture.hidden = !sight.picture;
    if (sight.picture) picture.src = sight.picture;
  });
  // A connection left open would hold back the next page's.
  window.addEventListener("pagehide", () => events.close());
}

const typed = document.querySelector("form[data-digits]");
if (typed) {
  const zone = typed.querySelector("textarea");
  let last = 0;
  zone.addEventListener("input", async () => {
    const mine = ++last;
    const answer = await fetch(typed.dataset.digits, { method: "POST", body: new URLSearchParams(new FormData(typed)) });
    // Only the newest answer counts: an older one may come late.
    if (!answer.ok || mine !== last) return;
    const said = await answer.json();
    const problem = typed.querySelector("[data-problem]");
    problem.textContent = said.problem ? `▲ ${said.problem}` : "";
    const line = (digit) => {
      const item = document.createElement("li");
      item.className = digit.tone;
      const part = (tag, text) => {
        const element = document.createElement(tag);
        element.textContent = text;
        return element;
      };
      const mark = part("span", digit.symbol);
      mark.className = "mark";
      mark.ariaHidden = "true";
      item.append(mark, " ", part("span", digit.name), " ", part("bdi", digit.words));
      return item;
    };
    typed.querySelector("[data-list]").replaceChildren(...said.digits.map(line));
  });
}

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
