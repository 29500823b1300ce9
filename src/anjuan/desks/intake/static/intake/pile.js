// Keys of a pile: arrows walk the thumbnails, E opens the marks of the one in hand. U (take back) is a data-key.
"use strict";
(() => {
  const pictures = () => [...document.querySelectorAll("#pile .leaf .pic[href]")];
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const all = pictures();
    const at = all.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step && all.length && (at >= 0 || step > 0)) {
      event.preventDefault();
      all[Math.min(all.length - 1, Math.max(0, at + step))].focus();
    } else if (event.key.toLowerCase() === "e" && at >= 0) {
      const marks = all[at].closest(".leaf").querySelector("details");
      if (!marks) return;
      event.preventDefault();
      marks.open = true;
      marks.querySelector("input[name=number]").focus();
    }
  });
})();
