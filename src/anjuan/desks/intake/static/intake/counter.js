// The counter by keyboard, pages in order, and pages that come from a paired phone.
(() => {
  "use strict";
  const { anjuan } = window;
  const capture = document.getElementById("capture");
  if (!capture || !anjuan?.capture) return;
  const words = document.getElementById("capture-words").dataset;
  const token = () => document.querySelector('meta[name="csrf-token"]').content;
  const free = (event) => !anjuan.typing(event) && !event.repeat && !event.target.closest?.("button, a, summary, video");

  document.addEventListener("keydown", (event) => {
    if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const move = document.getElementById(event.key === "ArrowLeft" ? "move-earlier" : "move-later");
      if (!move || document.querySelector("dialog[open]")) return;
      event.preventDefault(); // Alt with an arrow would leave the page
      move.click();
      return;
    }
    if (anjuan.typing(event) || event.repeat) return;
    const open = anjuan.camera?.isOpen();
    // While the camera is open Space takes the page wherever the focus is: the hands are on the paper.
    if (event.key === " " && (open || free(event))) {
      event.preventDefault();
      if (open) anjuan.camera.take();
      else document.getElementById("upload-files")?.click();
    } else if (event.key.toLowerCase() === "r" && !event.shiftKey) {
      event.preventDefault();
      if (open) anjuan.camera.again();
      else document.getElementById("replace-file")?.click();
    } else if (event.key === "Enter" && free(event)) {
      event.preventDefault();
      anjuan.capture.next();
    }
  });

  // Insert: the next pages go before the page that was open when the button was pressed.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#insert-here");
    if (!button) return;
    const before = button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.before;
    anjuan.capture.before = before;
    button.setAttribute("aria-pressed", String(!!before));
    if (before) anjuan.say(words.inserting);
  });

  // Drag a file of the strip to another place.
  let dragged = "";
  document.addEventListener("dragstart", (event) => {
    const page = event.target.closest?.(".strip a[data-component]");
    if (!page) return;
    dragged = page.dataset.component;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged);
  });
  document.addEventListener("dragover", (event) => {
    const page = dragged && event.target.closest?.(".strip a[data-component]");
    if (!page) return;
    event.preventDefault();
    page.classList.add("drop-here");
  });
  document.addEventListener("dragleave", (event) => event.target.closest?.(".strip a")?.classList.remove("drop-here"));
  document.addEventListener("dragend", () => { dragged = ""; });
  document.addEventListener("drop", async (event) => {
    const page = dragged && event.target.closest?.(".strip a[data-component]");
    if (!page) return;
    event.preventDefault();
    page.classList.remove("drop-here");
    const [from, to] = [dragged, page.dataset.component];
    dragged = "";
    if (from === to) return;
    const keys = [...new Set([...document.querySelectorAll(".strip a[data-component]")].map((one) => one.dataset.component))];
    const later = keys.indexOf(from) < keys.indexOf(to);
    const rest = keys.filter((key) => key !== from);
    rest.splice(rest.indexOf(to) + (later ? 1 : 0), 0, from);
    const body = new FormData();
    for (const key of rest) body.append("component", key);
    const answer = await fetch(document.getElementById("move").action, {
      method: "POST", body, headers: { "X-CSRFToken": token(), Accept: "application/json" },
    });
    if (!answer.ok) anjuan.say((await answer.json().catch(() => null))?.detail ?? words.lost);
    await anjuan.capture.refresh();
  });

  // While a phone is paired: look every two seconds whether a page came.
  let pages = Number(capture.dataset.imagePages);
  async function watch() {
    try {
      const answer = await fetch(capture.dataset.watch, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const now = await answer.json();
        if (!now.open) return;
        if (now.pages > pages && !anjuan.capture.isBusy()) {
          window.anjuanEyes?.(true, words.good);
          anjuan.say(words.arrived);
          await anjuan.capture.refresh();
        }
        pages = now.pages;
      }
    } catch { /* the line broke: asked again */ }
    setTimeout(watch, 2000);
  }
  if (capture.dataset.phone || document.getElementById("phone")) watch();
  document.getElementById("phone")?.focus();
})();
