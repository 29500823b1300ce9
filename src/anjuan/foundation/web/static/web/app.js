// Everything the shell does beyond plain pages. Each part may fail without taking a page with it: forms and links work alone.
//   data-copy="text"            copies the text                 data-open="id"           opens a <dialog>
//   data-confirm="question"     asks before a form is sent      data-guard               warns before leaving a changed form
//   data-draft-url="/…"         saves a changed form by itself  data-key="A"             a key that presses this button or link
//   data-refusals               where a refused HTMX act speaks (nearest one above the field, else the page's)
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const words = document.getElementById("words")?.dataset ?? {};
  const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

  const anjuan = (window.anjuan = {});

  let saying = 0;
  anjuan.say = (text) => {
    const place = document.getElementById("say");
    if (!place) return;
    place.textContent = text;
    clearTimeout(saying);
    saying = setTimeout(() => { place.textContent = ""; }, 4000);
  };

  // Keys belong to the page only while nobody types and no dialog is open.
  anjuan.typing = (event) =>
    event.isComposing || event.ctrlKey || event.altKey || event.metaKey ||
    !!document.querySelector("dialog[open]") ||
    !!event.target.closest?.('input, textarea, select, [contenteditable="true"]');

  anjuan.open = (id) => {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  };

  anjuan.ask = (question, grave = false) => new Promise((resolve) => {
    const dialog = document.getElementById("ask");
    if (!dialog?.showModal) return resolve(window.confirm(question));
    dialog.querySelector("h2").textContent = question;
    const yes = dialog.querySelector('[value="yes"]');
    yes.classList.toggle("btn-grave", grave);
    yes.classList.toggle("btn-primary", !grave);
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });

  document.addEventListener("click", async (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) anjuan.open(opener.dataset.open);
    if (event.target.matches?.("dialog.box")) event.target.close(); // the backdrop
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      event.preventDefault();
      anjuan.say((await copied(copy.dataset.copy)) ? words.copied : words.notCopied);
    }
  });

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // On plain HTTP there is no clipboard API: the old way still works.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "sr";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  document.addEventListener("keydown", (event) => {
    const find = document.getElementById("find");
    if (find && event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      find.focus();
      find.select();
      return;
    }
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
    if (anjuan.typing(event) || event.repeat) return;
    if (event.key === "/" && find) {
      event.preventDefault();
      find.focus();
      find.select();
    } else if (event.key === "?") {
      event.preventDefault();
      anjuan.open("keys");
    } else if (/^[a-z]$/i.test(event.key) && !event.shiftKey) {
      const target = document.querySelector(`[data-key="${event.key.toUpperCase()}"]`);
      if (!target) return;
      event.preventDefault();
      if (target.disabled) explain(target);
      else target.click();
    }
  });

  // A disabled button pressed by its key leads to the list of what is missing.
  function explain(button) {
    const list = document.getElementById(button.getAttribute("aria-describedby") ?? "");
    if (!list) return;
    list.scrollIntoView({ block: "center" });
    list.querySelector("a")?.focus();
    anjuan.say(list.querySelector("p")?.textContent ?? "");
  }

  // Forms: ask first, send once, keep what was typed.
  const changed = new WeakSet();
  const asked = new WeakSet();
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    if (form.dataset.sending) return event.preventDefault();
    if (form.dataset.confirm && !asked.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = event.submitter;
      if (await anjuan.ask(form.dataset.confirm, button?.classList.contains("btn-grave"))) {
        asked.add(form);
        form.requestSubmit(button ?? undefined);
        asked.delete(form);
      }
      return;
    }
    changed.delete(form);
    if (form.method === "post" && !form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) {
      form.dataset.sending = "1";
      form.classList.add("sending");
    }
  }, true);
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sending]")) {
      delete form.dataset.sending;
      form.classList.remove("sending");
    }
  });

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form) return;
    if (form.matches("[data-guard], [data-draft-url]")) changed.add(form);
    if (form.dataset.draftUrl) soon(form);
  });
  window.addEventListener("beforeunload", (event) => {
    for (const form of document.querySelectorAll("[data-guard], [data-draft-url]")) {
      if (changed.has(form)) event.preventDefault();
    }
  });

  // Drafts go to the server: nothing personal stays in the browser of a shared PC.
  const timers = new WeakMap();
  function soon(form) {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => draft(form), 1200));
  }
  async function draft(form) {
    const place = form.querySelector("[data-draft-state]");
    const show = (text) => { if (place) place.textContent = text; };
    show(words.saving);
    changed.delete(form);
    try {
      const answer = await fetch(form.dataset.draftUrl, {
        method: "POST", body: new FormData(form), redirect: "manual",
        headers: { "X-CSRFToken": token(), Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      show(`${words.saved} ${new Date().toTimeString().slice(0, 5)}`);
    } catch {
      changed.add(form);
      show(words.notSaved);
      timers.set(form, setTimeout(() => draft(form), 10000));
    }
  }

  // HTMX: the token, refusals beside the field, a lost line, an expired session.
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("htmx:confirm", (event) => {
    const question = event.detail.elt.getAttribute?.("hx-confirm");
    if (!question) return;
    event.preventDefault();
    anjuan.ask(question).then((yes) => { if (yes) event.detail.issueRequest(true); });
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, elt } = event.detail;
    if (xhr.status < 400) {
      // A whole page where a piece was asked for is the log-in page: the session has ended.
      if (!event.detail.boosted && /^\s*<!doctype html/i.test(xhr.responseText)) {
        event.detail.shouldSwap = false;
        anjuan.say(words.expired);
      }
      return;
    }
    // Something not done must speak, not replace what it was about.
    let place = null;
    for (let at = elt; at && !place; at = at.parentElement) place = at.querySelector(":scope > [data-refusals]");
    event.detail.target = place ?? document.getElementById("refusals") ?? event.detail.target;
    event.detail.swapOverride = "innerHTML";
    event.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const refusal = event.detail.target?.querySelector?.(":scope > .refusal");
    if (refusal) {
      refusal.focus({ preventScroll: true });
      refusal.scrollIntoView({ block: "nearest" });
    }
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "get") return;
    const place = document.getElementById("refusals");
    if (place) place.replaceChildren(); // what was refused before is no longer news
  });
  document.addEventListener("htmx:sendError", () => anjuan.say(words.offline));
  document.addEventListener("htmx:timeout", () => anjuan.say(words.offline));

  document.querySelector(".rail a.on")?.scrollIntoView({ block: "nearest", inline: "center" });
})();
