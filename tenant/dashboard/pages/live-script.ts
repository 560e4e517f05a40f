/** @module The one script of the dashboard: asks each second what is new in the log. */

/** A file of this tenant, as the policy of the page allows no inline one. Without it the page is whole, but still. */
export const liveScript = `"use strict";
const events = document.getElementById("events");
const state = document.getElementById("live");
const most = 200;
let timer;

function say(text, on) {
  if (state.textContent === text) return;
  state.textContent = text;
  state.dataset.state = on ? "on" : "off";
}

async function ask() {
  if (document.hidden) return;
  const answer = await fetch(events.dataset.live + "&after=" + events.dataset.newest);
  if (answer.status === 401) {
    clearInterval(timer);
    say("Signed out", false);
    return;
  }
  if (!answer.ok) throw new Error("answered " + answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = [...page.querySelectorAll("ol > li")];
  if (fresh.length > 0) {
    events.prepend(...fresh);
    events.dataset.newest = events.firstElementChild.dataset.id;
    while (events.children.length > most) events.lastElementChild.remove();
    document.getElementById("no-events")?.remove();
  }
  const now = document.getElementById("dropped");
  const next = page.querySelector("body > div");
  if (now.innerHTML !== next.innerHTML) now.replaceChildren(...next.childNodes);
  say("Live", true);
}

let asking = false;
async function tick() {
  if (asking) return;
  asking = true;
  try {
    await ask();
  } catch {
    say("The tenant does not answer", false);
  } finally {
    asking = false;
  }
}
timer = setInterval(tick, 1000);
tick();
`;
