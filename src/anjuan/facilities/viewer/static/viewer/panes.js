// One page on the screen, deep: OpenSeadragon over IIIF. What is decoded stays bounded: a pane holds one page, and one page
// ahead is held for all panes together.
(() => {
  "use strict";
  const TILE = 1024;
  const MOST_TILES = 24; // of one pane, decoded
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const held = new Set();

  const identity = (row) => `${row[0]}-${row[1]}-${row[2]}`;
  function factors(row) {
    const found = [1];
    while (Math.max(row[3], row[4]) > TILE * found[found.length - 1]) found.push(found[found.length - 1] * 2);
    return found.slice(0, 6);
  }
  function source(iiif, row) {
    const id = `${location.origin}${iiif}${identity(row)}`;
    return {
      "@context": "http://iiif.io/api/image/3/context.json", id, type: "ImageService3", protocol: "http://iiif.io/api/image",
      profile: "level2", width: row[3], height: row[4], tiles: [{ width: TILE, height: TILE, scaleFactors: factors(row) }],
    };
  }
  // What is seen first of a page: the whole of it, about as large as a screen (rules/images.py: first_look).
  function first(iiif, row) {
    const step = factors(row).find((each) => Math.max(row[3], row[4]) <= 1200 * each) ?? factors(row).at(-1);
    return `${iiif}${identity(row)}/full/${Math.ceil(row[3] / step)},${Math.ceil(row[4] / step)}/0/default.jpg`;
  }

  function makePane(element, iiif, words) {
    const place = element.querySelector("[data-osd]");
    const note = element.querySelector("[data-lost-note]");
    place.hidden = false;
    const viewer = window.OpenSeadragon({
      element: place, drawer: "canvas", showNavigationControl: false, showNavigator: false, prefixUrl: "",
      visibilityRatio: 0.4, minZoomImageRatio: 0.6, maxZoomPixelRatio: 3, animationTime: calm ? 0 : 0.25,
      immediateRender: true, preserveViewport: false, maxImageCacheCount: MOST_TILES, imageLoaderLimit: 4,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    });
    viewer.canvas.setAttribute("role", "application");
    let row = null;
    let marks = [];
    let fit = "page";
    let touched = false; // somebody zoomed: what he sees stays when the pane changes its size
    const refit = (how) => {
      touched = false;
      if (fit === "width") viewer.viewport.fitHorizontally(how); else viewer.viewport.goHome(how);
    };
    for (const name of ["canvas-scroll", "canvas-pinch", "canvas-drag", "canvas-double-click"]) {
      viewer.addHandler(name, () => { touched = true; });
    }
    viewer.addHandler("resize", () => setTimeout(() => { if (!touched && viewer.viewport) refit(true); }, 0));
    viewer.addHandler("canvas-key", (event) => {
      const { key } = event.originalEvent;
      if (!key.startsWith("Arrow")) event.preventDefaultAction = true; // letters are ours
    });
    viewer.addHandler("open", () => {
      note.hidden = true;
      refit(true);
      drawMarks();
      element.dispatchEvent(new CustomEvent("opened", { bubbles: true }));
    });
    const lost = () => { note.textContent = words.lost; note.hidden = false; };
    viewer.addHandler("open-failed", lost);
    viewer.addHandler("tile-load-failed", lost);
    viewer.addHandler("tile-drawn", () => {
      if (row && element.dataset.drawn !== identity(row)) {
        element.dataset.drawn = identity(row);
        element.classList.add("deep");
        element.querySelector("[data-plain]")?.remove(); // one decoded page less
      }
    });

    function drawMarks() {
      viewer.clearOverlays();
      const item = viewer.world.getItemAt(0);
      if (!item) return;
      const size = item.getContentSize();
      for (const [x, y, w, h] of marks) {
        const mark = Object.assign(document.createElement("div"), { className: "word-mark" });
        const box = item.imageToViewportRectangle(x * size.x, y * size.y, w * size.x, h * size.y);
        viewer.addOverlay({ element: mark, location: box });
      }
    }
    return {
      viewer,
      show(wanted, label) {
        if (row && identity(row) === identity(wanted)) return;
        if (row) held.delete(identity(row));
        row = wanted;
        held.add(identity(row));
        marks = [];
        note.hidden = true;
        viewer.clearOverlays();
        viewer.canvas.setAttribute("aria-label", label);
        viewer.viewport?.setRotation(0, true);
        viewer.open(source(iiif, row));
      },
      mark(boxes) { marks = boxes; drawMarks(); },
      zoom(by) { touched = true; viewer.viewport.zoomBy(by).applyConstraints(); },
      fit(how) { fit = how; refit(calm); },
      rotate() { viewer.viewport.setRotation(viewer.viewport.getRotation() + 90, calm); },
      atHome() { return viewer.viewport.getZoom(true) <= viewer.viewport.getHomeZoom() * 1.02; },
      close() {
        if (row) held.delete(identity(row));
        row = null;
        viewer.clearOverlays();
        viewer.close();
      },
    };
  }

  let ahead = null; // the one image that is held ahead
  function fetchAhead(iiif, row) {
    if (ahead?.dataset.page === identity(row)) return;
    ahead ??= new Image();
    ahead.dataset.page = identity(row);
    ahead.src = first(iiif, row);
  }
  window.anjuanPanes = { makePane, fetchAhead, identity, held: () => held.size + (ahead ? 1 : 0) };
})();
