// The server notes which pages were opened; this reads it again after a page was turned, so that the verdict wakes by itself.
(() => {
  "use strict";
  const strip = document.querySelector(".judge .strip");
  if (!strip || !document.querySelector("#verdict button")) return;
  const parts = ["seen", "verdict", "judge-why"];
  let timer = 0;
  let tries = 0;

  async function ask() {
    const link = strip.querySelector("a[aria-current]");
    if (!link) return;
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of parts) {
        const old = document.getElementById(id);
        const made = fresh.getElementById(id);
        if (old && made && old.innerHTML !== made.innerHTML && !old.contains(document.activeElement)) {
          old.className = made.className;
          old.innerHTML = made.innerHTML;
        }
      }
      let unseen = false;
      for (const made of fresh.querySelectorAll(".strip a")) {
        const old = strip.querySelector(`a[data-number="${made.dataset.number}"]`);
        if (!old || old.className === made.className) continue;
        old.className = made.className;
        for (const name of [".dot", ".sr"]) {
          const was = old.querySelector(name);
          const now = made.querySelector(name);
          if (was && now) was.replaceWith(now);
        }
      }
      const current = strip.querySelector("a[aria-current]");
      unseen = !current?.classList.contains("good");
      if (unseen && tries++ < 4) later(1500);
    } catch { /* best effort: the next page turned asks again */ }
  }
  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(ask, delay);
  }
  new MutationObserver(() => { tries = 0; later(600); }).observe(strip, { subtree: true, attributeFilter: ["aria-current"] });
  later(600);
})();
