// The viewer: which page, which mode, which keys. Without this file the page is an <img> and links.
(async () => {
  "use strict";
  const root = document.getElementById("viewer");
  const { OpenSeadragon, anjuan, anjuanPanes } = window;
  if (!root || !anjuan || !OpenSeadragon || !anjuanPanes) return;
  const said = root.dataset;
  const $ = (selector, from = root) => from.querySelector(selector);
  const $$ = (selector, from = root) => [...from.querySelectorAll(selector)];
  const words = $$("[data-word]").map((each) => each.dataset.word);
  const ROW = 104; // pixels a thumbnail takes
  const SPARE = 4; // thumbnails kept above and below what is seen

  const read = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const own = await read(said.pages);
  const other = said.beside ? await read(said.beside) : null;
  const pages = own.pages;
  let at = Math.min(Math.max(Number(said.current) - 1, 0), pages.length - 1);
  let mode = said.mode;
  let rightAt = other ? Math.min(Number(said.besidePage) - 1, other.pages.length - 1) : Math.min(at + 1, pages.length - 1);
  let together = false;
  const label = (number) => `${said.pageWords} ${number}`;
  const left = anjuanPanes.makePane($('[data-pane="left"]'), said.iiif, said);
  let right = null;

  // Thumbnails: only those near what is seen are there ---------------------------------------------------------------

  const box = $("[data-thumbs-box]");
  const list = $("[data-thumbs-list]");
  list.style.height = `${pages.length * ROW + 6}px`;
  const there = new Map();
  function thumb(index) {
    const [component, page] = pages[index];
    const line = document.createElement("li");
    line.style.top = `${index * ROW + 6}px`;
    const link = Object.assign(document.createElement("a"), { href: `?page=${index + 1}` });
    link.dataset.index = index;
    link.setAttribute("aria-label", label(String(index + 1).padStart(3, "0")));
    const image = Object.assign(document.createElement("img"), { alt: "", src: said.thumbs.replace("/0/0/", `/${component}/${page}/`) });
    link.append(image, Object.assign(document.createElement("span"), { className: "no", textContent: String(index + 1).padStart(3, "0") }));
    line.append(link);
    return line;
  }
  function drawThumbs() {
    if (!box.clientHeight) return;
    const from = Math.max(0, Math.floor(box.scrollTop / ROW) - SPARE);
    const to = Math.min(pages.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + SPARE);
    for (const [index, line] of there) {
      if ((index < from || index >= to) && !line.contains(document.activeElement)) { line.remove(); there.delete(index); }
    }
    for (let index = from; index < to; index += 1) {
      if (there.has(index)) continue;
      const line = thumb(index);
      const next = [...there.keys()].filter((each) => each > index).sort((a, b) => a - b)[0];
      list.insertBefore(line, next === undefined ? null : there.get(next)); // in order for the keyboard
      there.set(index, line);
    }
    for (const [index, line] of there) {
      const link = line.firstChild;
      if (index === at) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
  }
  box.addEventListener("scroll", () => requestAnimationFrame(drawThumbs), { passive: true });
  new ResizeObserver(drawThumbs).observe(box);
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(Number(link.dataset.index));
  });

  // The page ---------------------------------------------------------------------------------------------------------

  const shape = $(".below [data-at-page]", document);
  function show(index, { address = true } = {}) {
    if (index < 0 || index >= pages.length) return;
    at = index;
    const row = pages[at];
    left.show(row, `${label(at + 1)} / ${pages.length}`);
    $("#goto").value = at + 1;
    if (shape) shape.value = at + 1;
    const [, title, reference] = own.parts[row[5]];
    $("[data-where]").textContent = own.parts.length > 1 ? `${reference} ${title}` : `${at + 1} / ${pages.length}`;
    if (address) {
      const here = new URL(location.href);
      here.searchParams.set("page", at + 1);
      history.replaceState(null, "", here);
    }
    const form = document.querySelector("[data-print-form]");
    if (form) form.action = said.print.replace("/0/0/", `/${row[0]}/${row[1]}/`);
    const top = at * ROW;
    if (top < box.scrollTop || top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2 + ROW;
    drawThumbs();
    if (words.length) markWords(row);
    if (mode === "two" && !other) showRight(Math.min(at + 1, pages.length - 1));
    later();
  }
  // One page ahead, once this one is there: paging fast asks for nothing that is not looked at.
  let timer = 0;
  function later() {
    clearTimeout(timer);
    const step = mode === "two" && !other ? 2 : 1;
    timer = setTimeout(() => { if (pages[at + step]) anjuanPanes.fetchAhead(said.iiif, pages[at + step]); }, 150);
  }
  async function markWords(row) {
    const asked = new URLSearchParams(words.map((word) => ["word", word]));
    try {
      const { boxes } = await read(`${said.marks.replace("/0/0/", `/${row[0]}/${row[1]}/`)}?${asked}`);
      if (pages[at] !== row) return;
      left.mark(boxes);
      root.dataset.markCount = boxes.length;
      anjuan.say(boxes.length ? `${said.marked}: ${boxes.length}` : said.unmarked);
    } catch { /* the page is there without its marks */ }
  }

  function showRight(index) {
    const rows = (other ?? own).pages;
    if (!right || index < 0 || index >= rows.length) return;
    rightAt = index;
    right.show(rows[index], `${label(index + 1)} / ${rows.length}`);
    $("[data-right-at]").textContent = `${index + 1} / ${rows.length}`;
  }
  function setMode(wanted) {
    mode = mode === wanted ? "single" : wanted;
    for (const each of ["single", "catalogue", "two"]) root.classList.toggle(each, each === mode);
    for (const each of ["catalogue", "two"]) $(`[data-do="${each}"]`).setAttribute("aria-pressed", String(mode === each));
    const pane = $('[data-pane="right"]');
    pane.hidden = mode !== "two";
    $('[data-do="link"]').hidden = mode !== "two";
    if (mode === "two") {
      if (!right) {
        right = anjuanPanes.makePane(pane, said.iiif, said);
        follow(left, right);
        follow(right, left);
      }
      showRight(other ? rightAt : Math.min(at + 1, pages.length - 1));
    } else right?.close();
  }
  let following = false;
  function follow(from, to) {
    from.viewer.addHandler("viewport-change", () => {
      if (!together || following || mode !== "two" || !to.viewer.world.getItemCount()) return;
      following = true;
      to.viewer.viewport.zoomTo(from.viewer.viewport.getZoom(), null, true);
      to.viewer.viewport.panTo(from.viewer.viewport.getCenter(), true);
      following = false;
    });
  }

  // Deeds and keys ---------------------------------------------------------------------------------------------------

  const both = (deed) => { deed(left); if (mode === "two" && together) deed(right); };
  const step = () => (mode === "two" && !other ? 2 : 1);
  const go = (selector) => { const link = document.querySelector(selector); if (link) link.click(); };
  const deeds = {
    next: () => show(Math.min(at + step(), pages.length - 1)),
    previous: () => show(Math.max(at - step(), 0)),
    first: () => show(0),
    last: () => show(pages.length - 1),
    in: () => both((pane) => pane.zoom(1.4)),
    out: () => both((pane) => pane.zoom(1 / 1.4)),
    fit: () => both((pane) => pane.fit("page")),
    width: () => both((pane) => pane.fit("width")),
    rotate: () => both((pane) => pane.rotate()),
    goto: () => { $("#goto").focus(); $("#goto").select(); },
    catalogue: () => setMode("catalogue"),
    two: () => setMode("two"),
    link: () => {
      together = !together;
      $('[data-do="link"]').setAttribute("aria-pressed", String(together));
      anjuan.say(together ? said.together : said.apart);
    },
    print: () => anjuan.open("printing"),
    "right-next": () => showRight(rightAt + 1),
    "right-previous": () => showRight(rightAt - 1),
    before: () => go("[data-record-before]"),
    after: () => go("[data-record-after]"),
  };
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    deeds[button.dataset.do]?.();
  });
  $("[data-goto]").addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = Number.parseInt($("#goto").value, 10);
    if (wanted >= 1 && wanted <= pages.length) show(wanted - 1);
    $("#goto").value = at + 1;
    $("#goto").blur();
  });
  const keys = {
    j: "next", k: "previous", PageDown: "next", PageUp: "previous", Home: "first", End: "last", "]": "after", "[": "before",
    "+": "in", "=": "in", "-": "out", 0: "fit", w: "width", r: "rotate", g: "goto", c: "catalogue", d: "two", l: "link", p: "print",
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "p" && document.getElementById("printing")) {
      event.preventDefault(); // the browser's own print would bear no mark
      deeds.print();
      return;
    }
    if (anjuan.typing(event)) return;
    const deed = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!deed || (deed === "link" && mode !== "two") || (deed === "print" && !document.getElementById("printing"))) return;
    deeds[deed]();
    event.preventDefault();
  });
  document.querySelector("[data-print-form]")?.addEventListener("submit", () => {
    setTimeout(() => document.getElementById("printing").close(), 0);
  });
  // A swipe turns the page while the whole page is seen; when it is enlarged, a finger moves it.
  let from = null;
  left.viewer.addHandler("canvas-press", (event) => { from = left.atHome() && event.pointerType === "touch" ? event.position : null; });
  left.viewer.addHandler("canvas-release", (event) => {
    if (!from) return;
    const across = event.position.x - from.x;
    if (Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(event.position.y - from.y)) deeds[across < 0 ? "next" : "previous"]();
    from = null;
  });

  if (mode === "two" || mode === "catalogue") { const wanted = mode; mode = "single"; setMode(wanted); }
  show(at, { address: false });
  root.dataset.ready = "1";
})();
