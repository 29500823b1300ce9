"use strict";
// Finds in the catalogue that lies beside it. Every word must stand somewhere in an entry; nothing leaves this page.
(function () {
  const SHOWN = 200;
  const book = window.CATALOGUE;
  const words = {
    zh: {
      title: "案卷目录", other: "English", ask: "按姓名、档号、盒号、架位或题名查找",
      heads: ["档号", "题名", "当事人", "年度", "期限", "纸质在哪里"],
      made: (b) => `${b.agency_name}（${b.agency_code}）· ${b.count} 条 · 制作于 ${b.made_at.slice(0, 16).replace("T", " ")}（世界时）· 制作人 ${b.made_by}`,
      count: (n) => n > SHOWN ? `找到 ${n} 条，显示前 ${SHOWN} 条，请再加一个词` : `找到 ${n} 条`,
      place: (p) => `${p[1]} ${p[2]} 列 ${p[3]} 面 ${p[4]} 节 ${p[5]} 层`, within: "在卷", digital: "单套制，无纸质", nowhere: "未上架",
      note: "这是制作那一刻的目录，之后的变动不在其中；证件号码已遮盖。文件有没有改动，按 READ-ME.txt 核对。",
    },
    en: {
      title: "Catalogue of records", other: "中文", ask: "Find by name, number, box, shelf or title",
      heads: ["Number", "Title", "Whom it concerns", "Year", "Term", "Where the paper lies"],
      made: (b) => `${b.agency_name} (${b.agency_code}) · ${b.count} entries · made ${b.made_at.slice(0, 16).replace("T", " ")} UTC by ${b.made_by}`,
      count: (n) => n > SHOWN ? `${n} found, the first ${SHOWN} are shown: add a word` : `${n} found`,
      place: (p) => `${p[1]}, rack ${p[2]}, side ${p[3]}, bay ${p[4]}, shelf ${p[5]}`, within: "in", digital: "electronic only, no paper", nowhere: "on no shelf",
      note: "This is the catalogue of the moment when it was made; later changes are not in it. Numbers are masked. READ-ME.txt says how to check that no file was changed.",
    },
  };
  let language = "zh";
  const at = (id) => document.getElementById(id);
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const haystacks = book.entries.map((e) => fold([e.reference, e.within, e.title, e.year, e.category, ...e.people, ...e.place].join(" ")));

  function cell(row, text, kind) {
    const made = row.insertCell();
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  function show() {
    const say = words[language];
    const asked = fold(at("q").value).split(/\s+/).filter(Boolean);
    const found = [];
    haystacks.forEach((hay, place) => { if (asked.every((word) => hay.includes(word))) found.push(book.entries[place]); });
    at("count").textContent = say.count(found.length);
    const rows = at("rows");
    rows.replaceChildren();
    found.slice(0, SHOWN).forEach((entry) => {
      const row = rows.insertRow();
      cell(row, entry.reference || `${say.within} ${entry.within}`, "code");
      cell(row, entry.title);
      cell(row, entry.people.join("、"));
      cell(row, String(entry.year));
      cell(row, entry.term);
      if (entry.place.length) {
        const where = cell(row, "", "place");
        const code = document.createElement("span");
        code.className = "code";
        code.textContent = entry.place[0];
        where.append(code, ` ${say.place(entry.place)}`);
      } else {
        cell(row, entry.paper ? say.nowhere : say.digital, entry.paper ? "none" : "");
      }
    });
  }

  function speak() {
    const say = words[language];
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
    document.title = say.title;
    at("title").textContent = say.title;
    at("language").textContent = say.other;
    at("language").lang = language === "zh" ? "en" : "zh-Hans";
    at("made").textContent = say.made(book);
    at("ask").textContent = say.ask;
    at("note").textContent = say.note;
    at("heads").replaceChildren(...say.heads.map((text) => {
      const head = document.createElement("th");
      head.scope = "col";
      head.textContent = text;
      return head;
    }));
    show();
  }

  at("search").addEventListener("submit", (event) => event.preventDefault());
  at("q").addEventListener("input", show);
  at("language").addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; speak(); });
  speak();
})();
