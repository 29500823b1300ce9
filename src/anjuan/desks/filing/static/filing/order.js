// The order of a volume: Alt with an arrow moves the row in hand. Without this file the buttons of each row do it.
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const row = event.target.closest?.("#items tr[data-place]");
    const button = row?.querySelector(`button[data-move="${event.key === "ArrowUp" ? "up" : "down"}"]`);
    if (!button) return;
    event.preventDefault();
    if (button.disabled) return;
    button.focus(); // htmx gives the focus back to the button of this name, wherever the row has gone
    button.click();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const row = document.activeElement?.closest?.("#items tr[data-place]");
    if (event.detail.target?.id !== "items" && !row) return;
    if (row) window.anjuan?.say(row.dataset.place);
  });
})();
