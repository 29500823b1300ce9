// Sending the files of a pile in pieces: what a broken line or a closed browser stops goes on where it stood.
// Without this file the form sends them all at once.
"use strict";
(() => {
  const form = document.querySelector("form[data-pieces]");
  if (!form || !window.fetch) return;
  const PIECE = 4 * 1024 * 1024;
  const input = form.querySelector("input[type=file]");
  const list = document.getElementById("sending-list");
  const words = list.dataset;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const done = new Map(); // file to its sending, once it is whole
  const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const key = (file) => `${file.name} ${file.size} ${file.lastModified}`;

  async function post(url, body) {
    for (let tried = 0; ; tried += 1) {
      let answer;
      try {
        answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
      } catch (broken) {
        if (tried >= 5) throw new Error(words.broken); // the line is away: what came stays on the server
        await pause(2 ** tried);
        continue;
      }
      if (answer.ok) return answer.json();
      const said = await answer.json().catch(() => ({}));
      throw new Error(said.detail || `${answer.status}`);
    }
  }

  function line(file) {
    const row = document.createElement("li");
    const name = document.createElement("span");
    name.className = "f";
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const state = document.createElement("span");
    state.className = "small muted s";
    row.append(name, bar, state);
    list.append(row);
    return { row, bar, state };
  }

  async function send(file, shown) {
    const begin = new FormData();
    begin.append("name", file.name);
    begin.append("size", file.size);
    const { uid, received } = await post(words.begin, begin);
    const began = performance.now();
    let here = received;
    while (here < file.size) {
      const url = words.piece.replace("UID", uid).replace("/0/", `/${here}/`);
      here = (await post(url, file.slice(here, here + PIECE))).received;
      const seconds = (performance.now() - began) / 1000;
      const rate = (here - received) / Math.max(seconds, 0.001);
      shown.bar.value = here;
      shown.state.textContent = `${(rate / 1048576).toFixed(1)} MB/s · ${Math.ceil((file.size - here) / Math.max(rate, 1))} s`;
    }
    await post(words.finish.replace("UID", uid), new FormData());
    return uid;
  }

  form.addEventListener("submit", async (event) => {
    if (!input.files.length || !form.reportValidity()) return;
    event.preventDefault();
    const button = document.querySelector(`button[form="${form.id}"]`);
    button.disabled = true;
    list.replaceChildren();
    let failed = 0;
    const files = [...input.files].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    for (const file of files) {
      const shown = line(file);
      try {
        if (!done.has(key(file))) done.set(key(file), await send(file, shown));
        shown.bar.value = file.size;
        shown.state.textContent = words.whole;
        shown.row.className = "good";
      } catch (refused) {
        failed += 1;
        shown.row.className = "bad";
        shown.state.textContent = refused.message;
      }
    }
    button.disabled = false;
    if (failed) {
      delete form.dataset.sending;
      form.classList.remove("sending");
      list.querySelector(".bad").scrollIntoView({ block: "center" });
      return; // pressing the button again goes on with what failed, and with nothing else
    }
    for (const file of files) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "sending";
      field.value = done.get(key(file));
      form.append(field);
    }
    input.disabled = true; // its bytes are there already
    form.submit(); // past the handlers: it has been asked and counted as sent already
  });
})();
