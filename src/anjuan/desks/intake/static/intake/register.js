// Beside the field while typing: is the number possible? The server judges again; nothing typed leaves the page for this.
(() => {
  "use strict";
  const form = document.getElementById("register");
  const words = document.getElementById("check-words")?.dataset;
  if (!form || !words) return;
  const fold = (text) => text.normalize("NFKC").toUpperCase().replace(/[\s\-–—]/g, "");
  const weightsOf = { id: [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], credit: [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] };
  const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

  function idFault(number) {
    if (number.length === 15 && /^\d+$/.test(number)) return "";
    if (!/^\d{0,17}[\dX]?$/.test(number)) return words.idSigns;
    if (number.length !== 18) return `${words.idLength} ${number.length}`;
    const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number);
    const birth = new Date(Date.UTC(2000, month - 1, day));
    birth.setUTCFullYear(year, month - 1, day);
    if (birth.getUTCFullYear() !== year || birth.getUTCMonth() !== month - 1 || birth.getUTCDate() !== day) return words.idBirth;
    const sum = weightsOf.id.reduce((total, weight, at) => total + weight * Number(number[at]), 0);
    return "10X98765432"[sum % 11] === number[17] ? "" : words.idCheck;
  }
  function creditFault(code) {
    if ([...code].some((sign) => !alphabet.includes(sign))) return words.creditSigns;
    if (code.length !== 18) return `${words.idLength} ${code.length}`;
    const sum = weightsOf.credit.reduce((total, weight, at) => total + weight * alphabet.indexOf(code[at]), 0);
    return alphabet[(31 - (sum % 31)) % 31] === code[17] ? "" : words.creditCheck;
  }

  function check(field, strict) {
    const says = field.closest(".field").querySelector("[data-check-says]");
    const typed = fold(field.value);
    const full = typed.length >= 18;
    const fault = typed && (strict || full) ? (field.dataset.check === "id" ? idFault : creditFault)(typed) : "";
    const good = typed && full && !fault;
    says.textContent = fault || (good ? words.good : "");
    says.classList.toggle("right", !!good);
    if (fault) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  form.addEventListener("input", (event) => { if (event.target.dataset.check) check(event.target, false); });
  form.addEventListener("focusout", (event) => { if (event.target.dataset.check) check(event.target, true); });
  for (const field of form.querySelectorAll("[data-check]")) if (field.value) check(field, true);

  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-add-row]")) return;
    event.preventDefault();
    const rows = document.getElementById("person-rows");
    const row = rows.lastElementChild.cloneNode(true);
    const number = rows.children.length + 1;
    for (const part of row.querySelectorAll("[id], [for]")) {
      for (const name of ["id", "for"]) {
        if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace(/\d+$/, number));
      }
    }
    for (const field of row.querySelectorAll("input")) { field.value = ""; field.removeAttribute("aria-invalid"); }
    for (const says of row.querySelectorAll("[data-check-says]")) says.textContent = "";
    rows.append(row);
    row.querySelector("input").focus();
    window.anjuan?.say(words.added);
  });

  // Once the number is there: what the business system holds of the case, in fields that are still empty.
  const fetcher = form.querySelector("[data-fetch-url]");
  const number = form.querySelector("[name=acceptance_no]");
  async function fill(event) {
    event?.preventDefault();
    if (!number.value.trim()) return;
    const says = form.querySelector("[data-fetch-says]");
    const asked = new URLSearchParams({ acceptance_no: number.value, agency: form.elements.agency.value });
    try {
      const answer = await fetch(`${fetcher.dataset.fetchUrl}?${asked}`, { headers: { Accept: "application/json" } });
      const { fields } = answer.ok ? await answer.json() : { fields: null };
      let count = 0;
      for (const [name, text] of Object.entries(fields ?? {})) {
        const field = form.querySelector(`[name="${name}"]`);
        if (!field || field.value.trim()) continue;
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        count += 1;
      }
      if (count) says.textContent = says.dataset.filled;
      else if (event) says.textContent = says.dataset.none;
    } catch { /* the line broke: typed as usual */ }
  }
  fetcher?.addEventListener("click", fill);
  if (fetcher) number?.addEventListener("change", () => fill());
})();
