// The phone as camera: each picture is sent at once, and says whether it arrived.
(() => {
  "use strict";
  const form = document.getElementById("phone-form");
  const list = document.getElementById("phone-list");
  const words = document.getElementById("phone-words")?.dataset;
  if (!form || !words) return;
  const queue = [];
  let busy = false;

  function add(file) {
    const row = document.createElement("li");
    row.append(Object.assign(document.createElement("span"), { className: "f", textContent: file.name }));
    row.append(Object.assign(document.createElement("span"), { className: "small muted s", textContent: words.sending }));
    list.prepend(row);
    queue.push({ file, row, material: form.elements.material.value });
    run();
  }
  async function run() {
    if (busy) return;
    busy = true;
    while (queue.length) await send(queue.shift());
    busy = false;
  }
  async function send(job) {
    const body = new FormData();
    body.append("material", job.material);
    body.append("files", job.file);
    let result = null;
    try {
      const answer = await fetch(form.action, {
        method: "POST", body, headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
      });
      const said = await answer.json();
      result = said.results?.[0] ?? { ok: false, message: said.detail ?? words.lost, remedy: said.remedy ?? "" };
    } catch { /* the line broke */ }
    job.row.className = result?.ok ? "good" : "bad";
    job.row.querySelector(".s").textContent = result?.ok ? `${result.pages} ${words.pages}` : `${result?.message ?? words.lost} ${result?.remedy ?? ""}`;
    window.anjuanEyes?.(!!result?.ok, result?.ok ? words.good : words.bad);
    if (result?.ok) {
      const count = document.getElementById("phone-count");
      count.textContent = Number(count.textContent) + result.pages;
      return;
    }
    if (!result) {
      const again = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet btn-sm", textContent: words.retry });
      again.addEventListener("click", () => { job.row.remove(); add(job.file); });
      job.row.append(again);
    }
  }
  form.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    for (const file of event.target.files) add(file);
    event.target.value = "";
  });
  window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
})();
