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
  // What is asked for first when the page is opened: the whole page, no larger than a tile.
  function first(iiif, row) {
    const step = factors(row).at(-1);
    return `${iiif}${identity(row)}/full/${Math.ceil(row[3] / step)},${Math.ceil(row[4] / step)}/0/default.jpg`;
  }

  function makePane(element, iiif, words) {
    const place = element.querySelector("[data-osd]");
    const note = element.querySelector("[data-lost-note]");
    place.hidden = false;
    element.classList.add("deep");
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
    viewer.addHandler("canvas-key", (event) => {
      const { key } = event.originalEvent;
      if (!key.startsWith("Arrow")) event.preventDefaultAction = true; // letters are ours
    });
    viewer.addHandler("open", () => {
      note.hidden = true;
      if (fit === "width") viewer.viewport.fitHorizontally(true); else viewer.viewport.goHome(true);
      drawMarks();
      element.dispatchEvent(new CustomEvent("opened", { bubbles: true }));
    });
    const lost = () => { note.textContent = words.lost; note.hidden = false; };
    viewer.addHandler("open-failed", lost);
    viewer.addHandler("tile-load-failed", lost);
    viewer.addHandler("tile-drawn", () => { element.dataset.drawn = row ? identity(row) : ""; });

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
      zoom(by) { viewer.viewport.zoomBy(by).applyConstraints(); },
      fit(how) { fit = how; if (how === "width") viewer.viewport.fitHorizontally(calm); else viewer.viewport.goHome(calm); },
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
