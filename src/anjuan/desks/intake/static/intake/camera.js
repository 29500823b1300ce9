// The document camera in the browser (高拍仪): what it sees beside the strip, Space takes the page.
(() => {
  "use strict";
  const { anjuan } = window;
  const stage = document.getElementById("camera");
  const turnOn = document.getElementById("camera-switch");
  if (!stage || !anjuan?.capture) return;
  const view = document.getElementById("camera-view");
  const choice = document.getElementById("camera-choice");
  const words = document.getElementById("capture-words").dataset;
  const says = document.getElementById("device-says");
  const KEEP = "anjuan.camera";
  let stream = null;
  let taking = false;
  let count = 0;

  const remembered = () => { try { return localStorage.getItem(KEEP) ?? ""; } catch { return ""; } };

  async function open(device = remembered()) {
    if (!navigator.mediaDevices?.getUserMedia) {
      says.textContent = words.insecure;
      return;
    }
    close();
    const wanted = { width: { ideal: 4096 }, height: { ideal: 3072 }, facingMode: { ideal: "environment" } };
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: device ? { ...wanted, deviceId: { ideal: device } } : wanted });
    } catch {
      says.textContent = words.noCamera;
      return;
    }
    says.textContent = "";
    view.srcObject = stream;
    await view.play();
    stage.hidden = false;
    stage.dataset.ready = "yes";
    turnOn.setAttribute("aria-pressed", "true");
    await list();
  }

  async function list() {
    const present = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    const used = stream.getVideoTracks()[0].getSettings().deviceId;
    choice.replaceChildren(...present.map((one, at) => new Option(one.label || `${at + 1}`, one.deviceId, false, one.deviceId === used)));
  }

  function close() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    view.srcObject = null;
    stage.hidden = true;
    delete stage.dataset.ready;
    turnOn.setAttribute("aria-pressed", "false");
  }

  const blobOf = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));

  async function take(options = {}) {
    if (!stream || taking || !view.videoWidth) return;
    taking = true;
    try {
      const canvas = Object.assign(document.createElement("canvas"), { width: view.videoWidth, height: view.videoHeight });
      canvas.getContext("2d").drawImage(view, 0, 0);
      count += 1;
      const stamp = new Date().toTimeString().slice(0, 8).replaceAll(":", "");
      const name = `${words.picture}-${stamp}-${String(count).padStart(3, "0")}.jpg`;
      anjuan.capture.take([new File([await blobOf(canvas)], name, { type: "image/jpeg" })], { device: "CAMERA", ...options });
    } finally {
      taking = false;
    }
  }

  turnOn.addEventListener("click", () => (stream ? close() : open()));
  choice.addEventListener("change", () => {
    try { localStorage.setItem(KEEP, choice.value); } catch { /* asked again next time */ }
    open(choice.value);
  });
  document.getElementById("camera-take").addEventListener("click", () => take());
  document.getElementById("camera-again").addEventListener("click", () => again());
  window.addEventListener("pagehide", close);

  // The page that is open is replaced by what the camera sees now.
  function again() {
    const form = document.querySelector("form.replace");
    if (form) take({ url: form.action, page: form.elements.page.value });
  }

  anjuan.camera = { take, again, isOpen: () => !!stream };
})();
