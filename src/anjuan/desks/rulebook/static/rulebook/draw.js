// Drawing a form template on a sample page: boxes by mouse, by keys on the picture, or by numbers in the list beside it.
// What is drawn lies as JSON in #shape, in parts of the page; the page saves it as any form. Undo is kept until then.
"use strict";
(() => {
  const form = document.getElementById("drawing");
  const sheet = document.getElementById("sheet");
  if (!form || !sheet) return;
  const field = document.getElementById("shape");
  const words = form.dataset;
  const choices = JSON.parse(words.choices);
  const offered = JSON.parse(words.offered);
  const wide = Number(words.widthMm), tall = Number(words.heightMm);
  const LEAST = 0.004;
  const MOST_UNDO = 200;
  const say = (text) => window.anjuan?.say(text);

  let shape;
  try { shape = JSON.parse(field.value); } catch { shape = {}; }
  shape = { telling: [], anchors: [], boxes: [], ...shape, page: { width_mm: wide, height_mm: tall } };
  let chosen = shape.boxes.length ? 0 : -1;
  const past = [], coming = [];
  let before = JSON.stringify(shape);

  const paper = document.createElement("div");
  paper.className = "paper";
  paper.append(sheet.querySelector("img"));
  sheet.append(paper);
  const tool = document.getElementById("tool");
  const newKind = document.getElementById("new-kind");
  for (const [kind, one] of Object.entries(choices)) {
    const group = document.createElement("optgroup");
    group.label = one.words;
    for (const [name, said] of one.names) group.append(new Option(said, `${kind}.${name}`));
    newKind.append(group);
  }

  // What was done is one step to be undone; a drag is one, a number typed is one.
  function commit() {
    const now = JSON.stringify(shape);
    if (now === before) return;
    past.push(before);
    if (past.length > MOST_UNDO) past.shift();
    coming.length = 0;
    before = now;
    keep();
  }
  function keep() {
    field.value = JSON.stringify(shape);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.getElementById("undo").disabled = !past.length;
    document.getElementById("redo").disabled = !coming.length;
  }
  function back(from, to, said) {
    if (!from.length) return;
    to.push(before);
    before = from.pop();
    shape = JSON.parse(before);
    chosen = Math.min(chosen, shape.boxes.length - 1);
    keep();
    draw();
    say(said);
  }
  const undo = () => back(past, coming, words.wordsUndone);
  const redo = () => back(coming, past, words.wordsRedone);

  const within = (value, low, high) => Math.min(high, Math.max(low, value));
  const parts = (value) => Math.round(value * 10000) / 10000;
  function put(one, x, y, width, height) {
    width = within(width, LEAST, 1);
    height = within(height, LEAST, 1);
    one.box = [within(x, 0, 1 - width), within(y, 0, 1 - height), width, height].map(parts);
  }
  const named = (one) => one.label || choices[one.kind].names.find(([name]) => name === one.name)?.[1] || one.name;
  const isTaken = (word) => shape.anchors.findIndex((one) => one.words === word.words && one.box.every((part, at) => Math.abs(part - word.box[at]) < 0.002));

  function add(box) {
    const [kind, name] = newKind.value.split(".");
    const one = { kind, name, label: "", box: [0.4, 0.4, 0.2, 0.06], required: true };
    if (box) put(one, ...box);
    shape.boxes.push(one);
    chosen = shape.boxes.length - 1;
    return one;
  }
  function remove(number) {
    shape.boxes.splice(number, 1);
    chosen = Math.min(chosen, shape.boxes.length - 1);
    commit();
    draw();
    say(words.wordsRemoved);
  }
  function toggle(word) {
    const at = isTaken(word);
    if (at >= 0) shape.anchors.splice(at, 1);
    else shape.anchors.push({ words: word.words, box: word.box });
    commit();
    draw();
  }

  // The picture ------------------------------------------------------------------------------------------------
  const place = (element, box) => {
    element.style.left = `${box[0] * 100}%`;
    element.style.top = `${box[1] * 100}%`;
    element.style.width = `${box[2] * 100}%`;
    element.style.height = `${box[3] * 100}%`;
  };
  function drawPicture() {
    for (const old of paper.querySelectorAll(".draw-box, .draw-word")) old.remove();
    sheet.classList.toggle("choosing", tool.value === "anchors");
    for (const word of wordsShown()) {
      const element = document.createElement("div");
      element.className = "draw-word" + (isTaken(word) >= 0 ? " taken" : "");
      element.title = word.words;
      place(element, word.box);
      element.addEventListener("click", () => { if (tool.value === "anchors") toggle(word); });
      paper.append(element);
    }
    shape.boxes.forEach((one, number) => {
      const element = document.createElement("div");
      element.className = `draw-box ${one.kind.toLowerCase()}${number === chosen ? " chosen" : ""}${one.required ? "" : " optional"}`;
      element.dataset.number = number;
      place(element, one.box);
      const label = document.createElement("b");
      label.textContent = `${number + 1} ${named(one)}`;
      element.append(label);
      if (number === chosen) {
        for (const corner of ["nw", "ne", "sw", "se"]) {
          const handle = document.createElement("i");
          handle.className = corner;
          handle.dataset.corner = corner;
          element.append(handle);
        }
      }
      paper.append(element);
    });
  }
  const wordsShown = () => [...offered, ...shape.anchors.filter((one) => !offered.some((word) => word.words === one.words && word.box.every((part, at) => Math.abs(part - one.box[at]) < 0.002)))];

  const at = (event) => {
    const room = paper.getBoundingClientRect();
    return [within((event.clientX - room.left) / room.width, 0, 1), within((event.clientY - room.top) / room.height, 0, 1)];
  };
  let drag = null;
  paper.addEventListener("pointerdown", (event) => {
    if (event.button || tool.value === "anchors") return;
    const element = event.target.closest(".draw-box");
    if (!element && event.pointerType === "touch") return; // a finger on the paper scrolls; boxes are added by the button
    const [x, y] = at(event);
    if (element) {
      chosen = Number(element.dataset.number);
      drag = { what: event.target.dataset.corner || "move", x, y, box: [...shape.boxes[chosen].box] };
    } else {
      drag = { what: "draw", x, y, box: null };
    }
    paper.setPointerCapture(event.pointerId);
    event.preventDefault();
    sheet.focus({ preventScroll: true });
    drawPicture();
  });
  paper.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [x, y] = at(event);
    if (drag.what === "draw") {
      const box = [Math.min(x, drag.x), Math.min(y, drag.y), Math.abs(x - drag.x), Math.abs(y - drag.y)];
      if (!drag.box && (box[2] > 0.008 || box[3] > 0.008)) drag.box = add(box);
      else if (drag.box) put(drag.box, ...box);
    } else {
      const one = shape.boxes[chosen];
      const [left, top, width, height] = drag.box;
      const dx = x - drag.x, dy = y - drag.y;
      if (drag.what === "move") put(one, left + dx, top + dy, width, height);
      else {
        const west = drag.what.includes("w"), north = drag.what.includes("n");
        const x0 = west ? Math.min(left + dx, left + width - LEAST) : left;
        const y0 = north ? Math.min(top + dy, top + height - LEAST) : top;
        put(one, x0, y0, west ? left + width - x0 : width + dx, north ? top + height - y0 : height + dy);
      }
    }
    drawPicture();
  });
  const letGo = () => {
    if (!drag) return;
    const isNew = drag.what === "draw" && drag.box;
    drag = null;
    commit();
    draw();
    if (isNew) say(words.wordsAdded);
  };
  paper.addEventListener("pointerup", letGo);
  paper.addEventListener("pointercancel", letGo);

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  sheet.addEventListener("keydown", (event) => {
    const key = event.key;
    const one = shape.boxes[chosen];
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") event.shiftKey ? redo() : undo();
    else if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "y") redo();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (key in ARROWS && one) {
      const [dx, dy] = [ARROWS[key][0] / wide, ARROWS[key][1] / tall];
      const [x, y, width, height] = one.box;
      if (event.shiftKey) put(one, x, y, width + dx, height + dy);
      else put(one, x + dx, y + dy, width, height);
      commit();
      draw();
    } else if ((key === "Delete" || key === "Backspace") && one) remove(chosen);
    else if (key.toLowerCase() === "n") { add(); commit(); draw(); say(words.wordsAdded); }
    else if ((key === "]" || key === "[") && shape.boxes.length) {
      chosen = (chosen + (key === "]" ? 1 : shape.boxes.length - 1)) % shape.boxes.length;
      draw();
      say(`${chosen + 1} ${named(shape.boxes[chosen])}`);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // The list ---------------------------------------------------------------------------------------------------
  function labelled(text, control, className) {
    const label = document.createElement("label");
    label.className = className ?? "";
    label.append(text, control);
    return label;
  }
  function input(id, value, type, kept) {
    const control = document.createElement("input");
    control.id = id;
    control.type = type;
    control.className = "form-control form-control-sm";
    control.value = value;
    if (type === "number") { control.step = "any"; control.min = "0"; }
    control.addEventListener("change", () => { kept(control.value); commit(); draw(); });
    return control;
  }
  function select(id, value, options, kept) {
    const control = document.createElement("select");
    control.id = id;
    control.className = "form-select form-select-sm";
    for (const [code, said] of options) control.append(new Option(said, code, false, code === value));
    control.addEventListener("change", () => { kept(control.value); commit(); draw(); });
    return control;
  }
  const mm = (part, whole) => Math.round(part * whole * 10) / 10;
  const SIZES = [["x", 0, wide], ["y", 1, tall], ["width", 2, wide], ["height", 3, tall]];
  const idOf = (number, name) => `box-${number}-${name}`;
  // Rows are made once and then filled: a row that were made anew while somebody leaves a field would lose his place.
  function row(number) {
    const item = document.createElement("li");
    const set = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.textContent = `${words.wordsBox} ${number + 1}`;
    const box = () => shape.boxes[number];
    const id = (name) => idOf(number, name);
    const kinds = Object.entries(choices).map(([kind, said]) => [kind, said.words]);
    const label = input(id("label"), "", "text", (text) => { box().label = text.trim(); });
    label.maxLength = 30;
    const check = document.createElement("input");
    check.type = "checkbox";
    check.id = id("required");
    check.addEventListener("change", () => { box().required = check.checked; commit(); draw(); });
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-quiet btn-sm";
    drop.id = id("remove");
    drop.textContent = words.wordsRemove;
    drop.addEventListener("click", () => { remove(number); sheet.focus({ preventScroll: true }); });
    set.append(
      legend,
      labelled(words.wordsKind, select(id("kind"), "", kinds, (kind) => { box().kind = kind; box().name = choices[kind].names[0][0]; }), "two"),
      labelled(words.wordsName, select(id("name"), "", [], (name) => { box().name = name; }), "two"),
      labelled(words.wordsLabel, label, "two"),
      labelled(check, words.wordsRequired, "check two"),
    );
    const said = { x: words.wordsX, y: words.wordsY, width: words.wordsWidth, height: words.wordsHeight };
    for (const [name, place, whole] of SIZES) {
      set.append(labelled(said[name], input(id(name), "", "number", (value) => {
        const now = [...box().box];
        if (Number.isFinite(Number(value)) && value !== "") now[place] = Number(value) / whole;
        put(box(), ...now);
      })));
    }
    const last = document.createElement("div");
    last.className = "all";
    last.append(drop);
    set.append(last);
    item.append(set);
    item.addEventListener("focusin", () => {
      if (chosen === number) return;
      chosen = number;
      drawPicture();
      mark();
    });
    return item;
  }
  function fill(one, number) {
    const field = (name) => document.getElementById(idOf(number, name));
    field("kind").value = one.kind;
    const name = field("name");
    if (name.dataset.kind !== one.kind) {
      name.replaceChildren(...choices[one.kind].names.map(([code, said]) => new Option(said, code)));
      name.dataset.kind = one.kind;
    }
    name.value = one.name;
    field("label").value = one.label;
    field("required").checked = one.required;
    for (const [part, place, whole] of SIZES) field(part).value = mm(one.box[place], whole);
    field("remove").setAttribute("aria-label", `${words.wordsRemove} ${number + 1} ${named(one)}`);
  }
  function mark() {
    for (const [number, item] of [...document.querySelectorAll("#boxes > li:not(.none)")].entries()) item.className = number === chosen ? "chosen" : "";
  }
  function drawList() {
    const list = document.getElementById("boxes");
    if (list.querySelectorAll("fieldset").length !== shape.boxes.length || !list.children.length) {
      list.replaceChildren(...shape.boxes.map((_, number) => row(number)));
      if (!shape.boxes.length) {
        const none = document.createElement("li");
        none.className = "none muted small";
        none.textContent = words.wordsNone;
        list.append(none);
      }
    }
    shape.boxes.forEach(fill);
    mark();
    document.getElementById("box-count").textContent = shape.boxes.length || "";
    const shown = wordsShown();
    const anchors = document.getElementById("anchors");
    if (anchors.children.length !== shown.length) {
      anchors.replaceChildren(...shown.map((_, number) => {
        const item = document.createElement("li");
        const check = document.createElement("input");
        check.type = "checkbox";
        check.id = `word-${number}`;
        check.addEventListener("change", () => toggle(wordsShown()[number]));
        item.append(labelled(check, document.createElement("span")));
        return item;
      }));
    }
    shown.forEach((word, number) => {
      const item = anchors.children[number];
      item.querySelector("input").checked = isTaken(word) >= 0;
      item.querySelector("span").textContent = word.words;
    });
    document.getElementById("anchor-count").textContent = shape.anchors.length || "";
  }
  function draw() {
    drawPicture();
    drawList();
    telling.value = shape.telling.join("；");
  }

  form.addEventListener("submit", () => { field.value = JSON.stringify(shape); });
  const telling = document.getElementById("telling");
  telling.addEventListener("change", () => {
    shape.telling = telling.value.split(/[;；]/).map((one) => one.trim()).filter(Boolean).slice(0, 6);
    commit();
    draw();
  });
  tool.addEventListener("change", drawPicture);
  document.getElementById("add").addEventListener("click", () => { add(); commit(); draw(); say(words.wordsAdded); });
  document.getElementById("undo").addEventListener("click", undo);
  document.getElementById("redo").addEventListener("click", redo);
  draw();
})();
