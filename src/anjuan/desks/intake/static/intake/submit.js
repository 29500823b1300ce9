// Shows how far a sending is. Without this file the form is sent all the same, only without the bar.
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form[data-send]")) {
    form.addEventListener("submit", (event) => {
      if (event.submitter?.name === "add_row") return;
      const line = form.querySelector("[data-sending-line]");
      const bar = line.querySelector("progress");
      const says = line.querySelector("[data-sending-says]");
      const { saySending: sending, sayChecking: checking, sayBroken: broken } = form.dataset;
      event.preventDefault();
      line.hidden = false;
      const call = new XMLHttpRequest();
      call.open("POST", form.action);
      call.responseType = "document";
      call.upload.addEventListener("progress", (step) => {
        if (!step.lengthComputable) return;
        bar.value = step.loaded / step.total;
        says.textContent = step.loaded < step.total ? `${sending} ${Math.round(100 * bar.value)} %` : checking;
      });
      call.addEventListener("loadend", () => {
        delete form.dataset.sending; // the kit lets a form go once only
        form.classList.remove("sending");
        const main = call.response?.querySelector("main");
        if (!main) {
          line.hidden = false;
          says.textContent = broken;
          return;
        }
        const refused = main.querySelector("[role=alert] .refusal, .obstacles");
        const here = form.parentElement;
        if (call.status >= 400 && refused && here) {
          // The chosen files stay chosen: only what was said stands above the form.
          here.querySelector("[data-said]")?.remove();
          const box = document.createElement("div");
          box.setAttribute("role", "alert");
          box.dataset.said = "";
          box.append(document.importNode(refused, true));
          box.querySelector("[data-without-script]")?.remove();
          form.before(box);
          line.hidden = true;
          box.querySelector(".refusal")?.focus();
          box.scrollIntoView({ block: "center" });
          return;
        }
        document.querySelector("main").replaceWith(document.importNode(main, true));
        document.title = call.response.title;
        document.querySelector("main").focus();
        window.scrollTo(0, 0);
      });
      says.textContent = sending;
      call.send(new FormData(form, event.submitter ?? undefined));
    });
  }
})();
