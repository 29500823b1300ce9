// The words beside the page follow the page: the catalogue of its item, and how much was looked at. Without this file
// every page is a link that opens the whole view anew.
(() => {
  "use strict";
  const { htmx, anjuan } = window;
  const strip = document.querySelector(".strip");
  const facts = document.getElementById("item-facts");
  if (!htmx || !strip || !facts) return;
  const here = () => strip.querySelector("a[aria-current]");
  let timers = [];

  function ask(link) {
    htmx.ajax("GET", link.href, { target: facts, swap: "innerHTML" });
  }
  // Once for the catalogue, and again when the image has had time to come: only the server knows what was looked at.
  function follow() {
    for (const timer of timers) clearTimeout(timer);
    const link = here();
    if (!link) return;
    timers = [setTimeout(() => ask(link), 120)];
    if (!link.classList.contains("good")) timers.push(setTimeout(() => ask(link), 1200), setTimeout(() => mended(link), 3500));
  }
  function mended(link) {
    if (link === here() && !link.classList.contains("good")) ask(link);
  }
  new MutationObserver((changes) => {
    if (changes.some((change) => change.target.hasAttribute("aria-current"))) follow();
  }).observe(strip, { subtree: true, attributes: true, attributeFilter: ["aria-current"] });
  follow();

  document.addEventListener("htmx:afterSettle", () => {
    const unseen = new Set((document.getElementById("seen")?.dataset.unseen ?? "").split(" "));
    for (const link of strip.querySelectorAll("a.wait")) {
      if (unseen.has(link.dataset.number)) continue;
      link.classList.replace("wait", "good");
      const use = link.querySelector(".dot use");
      use?.setAttribute("href", use.getAttribute("href").replace("#help-circle", "#check"));
      link.querySelector(".sr")?.remove();
    }
  });

  // A fault put on the list leaves the form free for the next.
  const kept = document.getElementById("kept");
  const form = kept?.closest("form");
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!kept || event.detail.target !== kept) return;
    const fault = form.elements.fault;
    fault.required = !kept.querySelector("li");
    if (event.detail.requestConfig?.elt?.dataset.keep === undefined) return; // a fault was taken off, not put on
    fault.value = "";
    form.elements.note.value = "";
    form.querySelector('[data-do="unplace"]:not([hidden])')?.click();
    fault.focus();
    anjuan?.say(kept.querySelector("p")?.textContent ?? "");
  });
})();
