// The order of a volume: Alt with an arrow moves the row in hand, and a row can be dragged. Without this file the
// buttons of each row do it.
(() => {
  "use strict";
  let moved = null; // the button last pressed, by name: up-7, down-7
  let held = null; // the row being dragged
  const rows = () => [...document.querySelectorAll("#items tbody tr[data-place]")];
  const makeDraggable = () => rows().forEach((row) => row.setAttribute("draggable", "true"));
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const row = event.target.closest?.("#items tr[data-place]");
    const button = row?.querySelector(`button[data-move="${event.key === "ArrowUp" ? "up" : "down"}"]`);
    if (!button) return;
    event.preventDefault();
    if (!button.disabled) button.click();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#items button[data-move]");
    if (button) moved = button.id;
  });
  // A row that is dropped stands where it was dropped; the form keeps the items in order and is sent as it then is.
  document.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("#items tr[data-place]") ?? null;
    if (!held) return;
    held.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  document.addEventListener("dragover", (event) => {
    const row = event.target.closest?.("#items tr[data-place]");
    if (!held || !row) return;
    event.preventDefault();
    rows().forEach((one) => one.classList.toggle("over", one === row && one !== held));
  });
  document.addEventListener("drop", (event) => {
    const row = event.target.closest?.("#items tr[data-place]");
    const form = document.getElementById("order");
    if (!held || !row || !form || row === held) return;
    event.preventDefault();
    const all = rows();
    const inputs = [...form.querySelectorAll('input[name="item"]')];
    const [from, to] = [all.indexOf(held), all.indexOf(row)];
    const input = inputs[from];
    inputs[to].insertAdjacentElement(from < to ? "afterend" : "beforebegin", input);
    moved = held.querySelector("button[data-move]")?.id ?? null;
    form.requestSubmit();
  });
  document.addEventListener("dragend", () => {
    rows().forEach((row) => row.classList.remove("dragged", "over"));
    held = null;
  });
  // The row keeps the focus wherever it has gone; at an end its other button takes it.
  document.addEventListener("htmx:afterSettle", () => {
    makeDraggable();
    document.querySelectorAll(".previews img").forEach((image) => {
      image.src = `${image.src.split("?")[0]}?after=${Date.now()}`; // the papers as they are now
    });
    if (!moved) return;
    const button = document.getElementById(moved);
    const other = document.getElementById(moved.startsWith("up") ? moved.replace("up", "down") : moved.replace("down", "up"));
    moved = null;
    (button?.disabled ? other : button)?.focus();
    window.anjuan?.say(button?.closest("tr")?.dataset.place ?? "");
  });
  makeDraggable();
})();
