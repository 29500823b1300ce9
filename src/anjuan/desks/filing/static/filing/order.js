// The order of a volume: Alt with an arrow moves the row in hand. Without this file the buttons of each row do it.
(() => {
  "use strict";
  let moved = null; // the button last pressed, by name: up-7, down-7
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
  // The row keeps the focus wherever it has gone; at an end its other button takes it.
  document.addEventListener("htmx:afterSettle", () => {
    if (!moved) return;
    const button = document.getElementById(moved);
    const other = document.getElementById(moved.startsWith("up") ? moved.replace("up", "down") : moved.replace("down", "up"));
    moved = null;
    (button?.disabled ? other : button)?.focus();
    window.anjuan?.say(button?.closest("tr")?.dataset.place ?? "");
  });
})();
