// The judge view: pages, zoom, evidence, verdicts. Without this file the page is links, an <img> and plain forms.
(() => {
  "use strict";
  const judge = document.getElementById("judge");
  const { OpenSeadragon, anjuan } = window;
  if (!judge || !anjuan) return;
  const words = document.getElementById("words")?.dataset ?? {};
  const $ = (selector, from = judge) => from.querySelector(selector);
  const $$ = (selector, from = judge) => [...from.querySelectorAll(selector)];
  const stage = $("[data-stage]");
  const plain = $("[data-plain]");
  const holder = $("[data-osd]");
  const layer = $("[data-draw-layer]");
  const lost = $("[data-lost]");
  const pages = $$(".strip a");
  const panel = document.getElementById("return");
  const form = panel?.querySelector("form");
  if (!plain || !pages.length) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let at = Math.max(0, pages.findIndex((page) => page.hasAttribute("aria-current")));
  let viewer = null;
  let place = null; // the box of the fault: {page, x, y, w, h}, shares of the image

  const page = () => pages[at];
  const boxesOf = (link) => { try { return JSON.parse(link.dataset.boxes || "[]"); } catch { return []; } };
  const deep = () => !!viewer && !holder.hidden && viewer.world.getItemCount() > 0;

  // The picture -----------------------------------------------------------------------------------------------------

  function makeViewer() {
    if (!OpenSeadragon) return;
    holder.hidden = false;
    stage.classList.add("deep");
    viewer = OpenSeadragon({
      element: holder, drawer: "canvas", showNavigationControl: false, showNavigator: false, prefixUrl: "",
      visibilityRatio: 0.4, minZoomImageRatio: 0.6, maxZoomPixelRatio: 3, animationTime: calm ? 0 : 0.25,
      immediateRender: true, gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true }, preserveViewport: false,
    });
    viewer.canvas.setAttribute("role", "application");
    viewer.canvas.setAttribute("aria-label", $(".view").getAttribute("aria-label"));
    // Letters are ours; arrows stay with the viewer while it has the focus.
    viewer.addHandler("canvas-key", (event) => {
      if (!event.originalEvent.key.startsWith("Arrow")) event.preventDefaultAction = true;
    });
    viewer.addHandler("open", () => {
      plain.hidden = true;
      viewer.viewport.setRotation(90 * Number(page().dataset.turns || 0), true);
      viewer.viewport.goHome(true);
      drawEvidence();
    });
    viewer.addHandler("open-failed", () => fall());
    // Tiles may vanish or not be made yet: one lost tile sends us to the whole image.
    viewer.addHandler("tile-load-failed", () => fall());
  }

  // From tiles to the whole image, from there to the plain <img>.
  let level = 0;
  function fall() {
    if (level === 0 && page().dataset.tiles) {
      level = 1;
      viewer.open({ type: "image", url: page().dataset.image, buildPyramid: false });
    } else if (level < 2) {
      level = 2;
      viewer.close();
      holder.hidden = true;
      stage.classList.remove("deep");
      plain.hidden = false;
      drawEvidence();
    }
  }

  function show(index, { address = true } = {}) {
    if (index < 0 || index >= pages.length) return;
    page().removeAttribute("aria-current");
    at = index;
    const link = page();
    link.setAttribute("aria-current", "page");
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (address) history.replaceState(null, "", link.href);
    $("[data-at]").textContent = `${link.dataset.number} · ${at + 1} / ${pages.length}`;
    const image = $("img", plain);
    image.alt = `${words.page} ${link.dataset.number}`;
    image.src = link.dataset.image;
    lost.hidden = true;
    if (form && !place) {
      form.elements.page.value = link.dataset.number;
      form.elements.component.value = link.dataset.component;
    }
    level = 0;
    if (viewer) {
      viewer.clearOverlays();
      holder.hidden = false;
      stage.classList.add("deep");
      if (link.dataset.tiles) viewer.open(link.dataset.tiles);
      else viewer.open({ type: "image", url: link.dataset.image, buildPyramid: false });
    } else drawEvidence();
    hold();
    const next = pages[at + 1];
    if (next) new Image().src = `${next.dataset.image}?ahead=1`; // drawn ahead of time, not looked at
  }

  $("img", plain).addEventListener("error", () => {
    lost.textContent = words.noImage;
    lost.hidden = false;
  });

  // Evidence --------------------------------------------------------------------------------------------------------

  function element(box) {
    const one = document.createElement("div");
    one.className = `evidence ${box.tone ?? ""}${box.missing ? " missing" : ""}`;
    one.title = box.words ?? "";
    if (box.number) {
      one.dataset.number = box.number;
      one.append(Object.assign(document.createElement("b"), { textContent: box.number }));
    }
    return one;
  }

  function put(one, box) {
    if (deep()) {
      const item = viewer.world.getItemAt(0);
      const size = item.getContentSize();
      const rect = item.imageToViewportRectangle(box.x * size.x, box.y * size.y, box.w * size.x, box.h * size.y);
      if (viewer.getOverlayById(one)) viewer.updateOverlay(one, rect);
      else viewer.addOverlay({ element: one, location: rect });
    } else {
      for (const [edge, share] of [["left", box.x], ["top", box.y], ["width", box.w], ["height", box.h]]) {
        one.style[edge] = `${share * 100}%`;
      }
      if (!one.isConnected) plain.append(one);
    }
  }

  function drawEvidence() {
    if (viewer) viewer.clearOverlays();
    for (const old of $$(".evidence", plain)) old.remove();
    for (const box of boxesOf(page())) put(element(box), box);
    if (place && place.page === page().dataset.number) putPlace(false);
    light();
  }

  function light() {
    const number = inHand()?.dataset.number;
    for (const one of $$(".evidence[data-number]")) one.classList.toggle("lit", one.dataset.number === number);
  }

  // Doubts ----------------------------------------------------------------------------------------------------------

  let chosen = null; // the number of the doubt a person took in hand
  const doubts = () => $$(".doubt");
  const open = () => doubts().filter((doubt) => !doubt.classList.contains("answered"));
  function inHand() {
    const here = (doubt) => doubt.dataset.page === page().dataset.number;
    return doubts().find((doubt) => doubt.dataset.number === chosen) ?? open().find(here) ?? open()[0] ?? null;
  }
  function hold() {
    const hand = inHand();
    for (const doubt of doubts()) doubt.classList.toggle("in-hand", doubt === hand);
    light();
  }
  function take(doubt) {
    if (!doubt) return;
    chosen = doubt.dataset.number;
    const index = pages.findIndex((link) => link.dataset.number === doubt.dataset.page);
    if (index >= 0 && index !== at) show(index);
    hold();
    doubt.scrollIntoView({ block: "nearest" });
  }
  judge.addEventListener("click", (event) => {
    const shown = event.target.closest("[data-show-doubt]");
    if (shown) take(shown.closest(".doubt"));
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (doubts().some((doubt) => doubt.dataset.number === chosen && doubt.classList.contains("answered"))) {
      chosen = null;
      anjuan.say(words.answered);
      const next = open()[0];
      if (next) {
        take(next);
        next.focus({ preventScroll: true });
      } else document.querySelector("#verdict button")?.focus();
    }
    hold();
  });
  judge.addEventListener("submit", (event) => {
    const doubt = event.target.closest(".doubt");
    if (doubt) chosen = doubt.dataset.number;
  });

  // The box of the fault --------------------------------------------------------------------------------------------

  const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));
  function shareAt(x, y) {
    if (deep()) {
      const corner = holder.getBoundingClientRect();
      const item = viewer.world.getItemAt(0);
      const size = item.getContentSize();
      const spot = item.viewportToImageCoordinates(
        viewer.viewport.viewerElementToViewportCoordinates(new OpenSeadragon.Point(x - corner.left, y - corner.top)));
      return { x: clamp(spot.x / size.x), y: clamp(spot.y / size.y) };
    }
    const rect = $("img", plain).getBoundingClientRect();
    return { x: clamp((x - rect.left) / rect.width), y: clamp((y - rect.top) / rect.height) };
  }

  const marker = element({ tone: "" });
  marker.classList.add("place");
  marker.tabIndex = 0;
  marker.setAttribute("role", "img");
  marker.setAttribute("aria-label", words.box ?? "");

  function putPlace(focus) {
    put(marker, place);
    if (focus) marker.focus();
    for (const edge of ["x", "y", "w", "h"]) form.elements[`box_${edge}`].value = place[edge].toFixed(4);
    form.elements.page.value = place.page;
    form.elements.component.value = place.component;
    $("[data-place-words]", form).textContent = `${words.page} ${place.page}`;
    $('[data-do="unplace"]', form).hidden = false;
  }
  function unplace() {
    place = null;
    if (viewer?.getOverlayById(marker)) viewer.removeOverlay(marker);
    marker.remove();
    for (const edge of ["x", "y", "w", "h"]) form.elements[`box_${edge}`].value = "";
    $("[data-place-words]", form).textContent = "";
    $('[data-do="unplace"]', form).hidden = true;
  }
  const box = (x, y, w, h) => ({ page: page().dataset.number, component: page().dataset.component, x, y, w, h });

  function placeByKeys() {
    place = place?.page === page().dataset.number ? place : box(0.35, 0.4, 0.3, 0.12);
    putPlace(true);
    anjuan.say(words.boxPlaced);
  }
  marker.addEventListener("keydown", (event) => {
    const step = 0.01;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key === "Delete" || event.key === "Backspace") unplace();
    else if (moves[event.key]) {
      const [dx, dy] = moves[event.key];
      if (event.shiftKey) {
        place.w = clamp(place.w + dx, step, 1 - place.x);
        place.h = clamp(place.h + dy, step, 1 - place.y);
      } else {
        place.x = clamp(place.x + dx, 0, 1 - place.w);
        place.y = clamp(place.y + dy, 0, 1 - place.h);
      }
      putPlace(true);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function drawing(on) {
    if (!form) return;
    layer.hidden = !on;
    for (const button of $$('[data-do="draw"]')) button.setAttribute("aria-pressed", String(on));
    if (on) {
      panel.open = true;
      anjuan.say(words.draw);
    }
  }
  let from = null;
  layer.addEventListener("pointerdown", (event) => {
    layer.setPointerCapture(event.pointerId);
    from = shareAt(event.clientX, event.clientY);
    event.preventDefault();
  });
  layer.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = shareAt(event.clientX, event.clientY);
    place = box(Math.min(from.x, to.x), Math.min(from.y, to.y), Math.abs(to.x - from.x), Math.abs(to.y - from.y));
    putPlace(false);
  });
  layer.addEventListener("pointerup", () => {
    from = null;
    if (place && (place.w < 0.005 || place.h < 0.005)) unplace(); // a click, not a box
    drawing(false);
    if (place) (form.elements.fault.value ? form.elements.note : form.elements.fault).focus();
  });
  layer.addEventListener("pointercancel", () => { from = null; drawing(false); });

  function openReturn() {
    if (!panel) return;
    panel.open = true;
    panel.scrollIntoView({ block: "nearest" });
    const doubt = inHand();
    const code = doubt && $(".mark-tag", doubt)?.textContent.trim().split(/\s/)[0];
    if (!form.elements.fault.value && code && form.querySelector(`option[value="${CSS.escape(code)}"]`)) form.elements.fault.value = code;
    form.elements.fault.focus();
  }
  function closeReturn() {
    drawing(false);
    panel.open = false;
    document.querySelector("[data-open-return]")?.focus();
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-return]")) { event.preventDefault(); openReturn(); }
    if (event.target.closest("[data-close-return]")) closeReturn();
  });
  form?.elements.page.addEventListener("change", () => {
    const index = pages.findIndex((link) => link.dataset.number === form.elements.page.value);
    if (place) unplace();
    if (index >= 0) show(index);
    else form.elements.component.value = "";
  });

  // Deeds and keys --------------------------------------------------------------------------------------------------

  function zoom(by) {
    if (deep()) viewer.viewport.zoomBy(by).applyConstraints();
    else plain.style.maxWidth = `${clamp(plain.getBoundingClientRect().width * by, 200, 4000)}px`;
  }
  let turned = 0;
  const deeds = {
    next: () => show(at + 1),
    previous: () => show(at - 1),
    in: () => zoom(1.4),
    out: () => zoom(1 / 1.4),
    fit: () => (deep() ? viewer.viewport.goHome(calm) : (plain.style.maxWidth = "")),
    rotate: () => {
      if (deep()) viewer.viewport.setRotation(viewer.viewport.getRotation() + 90, calm);
      else plain.style.transform = `rotate(${(turned += 90)}deg)`;
    },
    enlarge: () => {
      if (!deep()) return zoom(plain.style.maxWidth ? 0.4 : 2.5);
      const view = viewer.viewport;
      if (view.getZoom() > view.getHomeZoom() * 1.2) return view.goHome(calm);
      const hand = boxesOf(page()).find((one) => String(one.number) === inHand()?.dataset.number);
      const item = viewer.world.getItemAt(0);
      const size = item.getContentSize();
      view.zoomTo(view.getHomeZoom() * 2.5, null, calm);
      if (hand) view.panTo(item.imageToViewportCoordinates((hand.x + hand.w / 2) * size.x, (hand.y + hand.h / 2) * size.y), calm);
      view.applyConstraints();
    },
    draw: () => drawing(layer.hidden),
    place: placeByKeys,
    unplace: () => unplace(),
  };
  judge.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) deeds[button.dataset.do]?.();
    const link = event.target.closest(".strip a");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(pages.indexOf(link));
    }
  });
  const keys = { j: "next", k: "previous", r: "rotate", "+": "in", "=": "in", "-": "out", d: "draw" };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (!layer.hidden) return drawing(false);
      if (panel?.open && panel.contains(document.activeElement)) return closeReturn();
    }
    if (anjuan.typing(event)) return;
    const key = event.key.toLowerCase();
    if (keys[key]) deeds[keys[key]]();
    else if (key === " " && !event.target.closest("button, a, summary")) deeds.enlarge();
    else if (key === "x" && !event.repeat) openReturn();
    else if (key === "n") {
      const waiting = open();
      const next = waiting[(waiting.indexOf(inHand()) + 1) % Math.max(1, waiting.length)];
      take(next);
      next?.focus({ preventScroll: true });
    } else if (/^[1-9]$/.test(key) && !event.repeat) {
      const hand = inHand();
      const button = hand && $$('button[name="choice"]', hand)[Number(key) - 1];
      if (!button) return;
      chosen = hand.dataset.number;
      button.click();
    } else return;
    event.preventDefault();
  });

  makeViewer();
  show(at, { address: false });
  if (location.hash === "#return") openReturn();
})();
