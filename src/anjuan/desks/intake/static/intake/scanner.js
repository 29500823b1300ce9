// The scanner's folder on this computer: what the scanner writes into it is taken in by itself, once, when it has stopped growing.
(() => {
  "use strict";
  const { anjuan } = window;
  const button = document.getElementById("scanner-switch");
  if (!button || !anjuan?.capture) return;
  const words = document.getElementById("capture-words").dataset;
  const says = document.getElementById("device-says");
  const SCANS = /\.(jpe?g|png|tiff?|pdf|ofd)$/i;
  const PAUSE = 700;
  let folder = null;
  let timer = 0;
  let known = new Map(); // name -> "size/time" when it was last seen; "taken" once it is sent

  async function look() {
    const grown = [];
    try {
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind !== "file" || !SCANS.test(name)) continue;
        const file = await handle.getFile();
        const mark = `${file.size}/${file.lastModified}`;
        const before = known.get(name);
        if (before === `taken ${mark}`) continue;
        if (before === mark && file.size) {
          known.set(name, `taken ${mark}`);
          grown.push(file);
        } else {
          known.set(name, mark);
        }
      }
    } catch {
      stop();
      return;
    }
    if (grown.length) anjuan.capture.take(grown, { device: "SCANNER_FOLDER" });
    timer = setTimeout(look, PAUSE);
  }

  function stop() {
    clearTimeout(timer);
    folder = null;
    button.setAttribute("aria-pressed", "false");
    says.textContent = "";
  }

  button.addEventListener("click", async () => {
    if (folder) return stop();
    if (!window.showDirectoryPicker) {
      says.textContent = words.noFolder;
      return;
    }
    try {
      folder = await window.showDirectoryPicker({ id: "scanner", mode: "read" });
    } catch {
      return; // nobody chose one
    }
    known = new Map();
    // What lies there already belongs to earlier cases.
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind !== "file") continue;
      const file = await handle.getFile();
      known.set(name, `taken ${file.size}/${file.lastModified}`);
    }
    button.setAttribute("aria-pressed", "true");
    says.textContent = `${words.watching} ${folder.name}`;
    look();
  });
})();
