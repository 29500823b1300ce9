// Sending scans one by one with progress: choose, drop or paste. Without this file the forms do the same, all at once.
(() => {
  "use strict";
  const capture = document.getElementById("capture");
  const form = document.getElementById("upload-form");
  const { anjuan } = window;
  if (!capture || !anjuan) return;
  const words = document.getElementById("capture-words").dataset;
  const list = document.getElementById("uploads");
  const input = document.getElementById("upload-files");
  const select = document.getElementById("upload-material");
  const icons = document.querySelector(".brand ~ .group use, svg.i use")?.getAttribute("href")?.split("#")[0] ?? "";
  const token = () => document.querySelector('meta[name="csrf-token"]').content;
  const waiting = [];
  const open = { before: "" };
  let busy = false;

  const element = (tag, name, text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });
  function icon(name) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    made.setAttribute("class", "i");
    made.setAttribute("width", 16);
    made.setAttribute("height", 16);
    made.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${icons}#${name}`);
    made.append(use);
    return made;
  }

  function line(file) {
    const row = element("li", "");
    row.append(element("span", "f", file.name));
    row.append(Object.assign(document.createElement("progress"), { max: 1, value: 0 }));
    row.append(element("span", "small muted s", words.waiting));
    row.querySelector("progress").setAttribute("aria-label", file.name);
    list.append(row);
    return row;
  }

  // Scans are numbered by the scanner: 2 comes before 10.
  // Files come a material at a time; a camera or a scanner gives page after page until Enter says that the next one comes.
  let stays = false;
  function take(files, { url, material = "", page = "", device = "FILE", repeats = false, before = url ? "" : open.before } = {}) {
    stays = device === "CAMERA" || device === "SCANNER_FOLDER";
    const sorted = [...files].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    for (const file of sorted) waiting.push({ file, url: url ?? form.action, material: material || select?.value || "", page, device, repeats, before, row: line(file) });
    run();
  }

  async function run() {
    if (busy) return;
    busy = true;
    while (waiting.length) await send(waiting.shift());
    busy = false;
    await refresh();
    anjuan.say(words.done);
  }

  const send = (job) => new Promise((resolve) => {
    const bar = job.row.querySelector("progress");
    const state = job.row.querySelector(".s");
    const body = new FormData();
    body.append("material", job.material);
    body.append("page", job.page);
    body.append("device", job.device);
    if (job.repeats) body.append("repeats", "yes");
    if (job.before) body.append("before", job.before);
    body.append("name", job.file.name);
    body.append("files", job.file);
    const call = new XMLHttpRequest();
    call.open("POST", job.url);
    call.setRequestHeader("X-CSRFToken", token());
    call.setRequestHeader("Accept", "application/json");
    call.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      state.textContent = event.loaded < event.total ? `${words.sending} ${Math.round(100 * bar.value)} %` : words.checking;
    });
    call.addEventListener("loadend", () => {
      let answer = null;
      try { answer = JSON.parse(call.responseText); } catch { /* not ours: the line broke or the session ended */ }
      finish(job, call.status, answer);
      resolve();
    });
    state.textContent = words.sending;
    call.send(body);
  });

  function offer(job, text, besides) {
    const again = element("button", "btn btn-quiet btn-sm", text);
    again.type = "button";
    again.addEventListener("click", () => { job.row.remove(); take([job.file], { ...job, ...besides }); });
    job.row.append(again);
  }

  function finish(job, status, answer) {
    const { row } = job;
    const result = answer?.results?.[0] ?? (answer?.detail ? { ok: false, message: answer.detail, remedy: answer.remedy ?? "", code: answer.code ?? "" } : null);
    row.replaceChildren(element("span", "f", job.file.name));
    window.anjuanEyes?.(!!result?.ok, result?.ok ? words.good : words.bad);
    if (result?.ok) {
      row.className = "good";
      row.prepend(icon("check"));
      row.append(element("span", "num", `${result.pages} ${words.pages}`));
      return;
    }
    row.className = "bad";
    row.prepend(icon("alert-triangle"));
    const what = element("span", "what", result?.message ?? words.lost);
    if (result) what.append(" ", element("span", "muted", result.remedy), " ", element("span", "code small muted", result.code));
    row.append(what);
    if (!result || status >= 500) offer(job, words.retry, {});
    // Two blank backs may be equal to the byte: the clerk holds the paper and says so.
    if (result?.code === "I-012" && words.another && job.url === form?.action) offer(job, words.another, { repeats: true });
  }

  // What the page says is read again from the server; the list of uploads stays.
  async function refresh(address = location.href.includes("/phone/") ? capture.dataset.home : location.href) {
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const typed = new Map([...document.querySelectorAll(".answer textarea")].map((field) => [field.id, field.value]));
      for (const part of document.querySelectorAll("[data-live]")) {
        const made = fresh.getElementById(part.id);
        if (!made) continue;
        part.replaceWith(made);
        window.htmx?.process(made);
      }
      for (const [id, text] of typed) {
        const field = document.getElementById(id);
        if (field && text) field.value = text;
      }
      const next = fresh.getElementById("upload-material");
      if (next && select && !stays && !location.search.includes("material=")) select.value = next.value;
    } catch { /* the page stays as it was; the next act reloads it */ }
  }

  window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });

  // What the camera, the scanner's folder and the keys do with this page.
  Object.assign(open, { take, refresh, next, isBusy: () => busy });
  anjuan.capture = open;
  if (!form) return;
  input.addEventListener("change", () => {
    if (input.files.length) take(input.files);
    input.value = "";
  });
  document.addEventListener("change", (event) => {
    const replace = event.target.closest(".replace");
    if (!replace || event.target.type !== "file" || !event.target.files.length) return;
    take(event.target.files, { url: replace.action, page: replace.elements.page.value, device: "FILE" });
    event.target.value = "";
  });
  function choose(code) {
    select.value = code;
    for (const row of document.querySelectorAll("#materials li")) row.classList.toggle("chosen", row.dataset.drop === code);
    const address = new URL(location.href);
    address.searchParams.set("material", code);
    address.searchParams.delete("done");
    history.replaceState(null, "", address);
  }
  // The next material that lacks a page, else the next of the list.
  function next() {
    const codes = [...select.options].map((option) => option.value);
    const missing = [...document.querySelectorAll("#materials li.missing")].map((row) => row.dataset.drop);
    const at = codes.indexOf(select.value);
    const order = [...codes.slice(at + 1), ...codes.slice(0, at)];
    const code = order.find((one) => missing.includes(one)) ?? order[0];
    if (!code) return;
    choose(code);
    anjuan.say(select.selectedOptions[0].textContent);
  }
  select.addEventListener("change", () => choose(select.value));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-material]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(link.dataset.material);
    document.getElementById("upload").scrollIntoView({ block: "nearest" });
    input.focus({ preventScroll: true });
  });

  const holds = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && !event.dataTransfer.types.includes("text/plain");
  const over = (target) => {
    for (const one of document.querySelectorAll(".over")) one.classList.remove("over");
    if (target) (target.closest?.("[data-drop]") ?? form).classList.add("over");
  };
  document.addEventListener("dragover", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    over(event.target);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(null); });
  document.addEventListener("drop", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    over(null);
    const material = event.target.closest?.("[data-drop]")?.dataset.drop ?? "";
    if (event.dataTransfer.files.length) take(event.dataTransfer.files, { material });
  });
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length || event.target.closest?.("input, textarea")) return;
    event.preventDefault();
    const stamp = new Date().toTimeString().slice(0, 8).replaceAll(":", "");
    const files = [...event.clipboardData.files].map((file, at) =>
      new File([file], file.name === "image.png" ? `${words.pasted}-${stamp}-${at + 1}.png` : file.name, { type: file.type }));
    take(files, { device: "PASTE" });
  });
})();
