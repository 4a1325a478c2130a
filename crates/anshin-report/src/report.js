// Search, sorting, filters and reasons for a report. The report reads well without.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const language = document.documentElement.lang;
  const collator = new Intl.Collator(language, { numeric: true });
  const fold = (words) => words.normalize("NFKC").toLowerCase();
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  // From what no longer counts to the worst.
  const tones = ["faint", "", "good", "serious", "priority", "grave"];
  // A column with at most this many different cells gets a list to choose from.
  const fewest = 12;

  /** What a cell says, without its reasons. */
  const said = (cell) => all(":scope > p", cell).map((line) => line.textContent).join("\n");
  const rank = (cell) => tones.indexOf(cell.className);

  const sheets = all(".sheet").map((section) => {
    const tools = section.querySelector(".sheet-tools");
    const body = section.querySelector("tbody");
    const sheet = {
      section,
      body,
      tools,
      heads: all("thead th", section),
      badge: document.querySelector(`.contents a[href="#${CSS.escape(section.getAttribute("aria-labelledby"))}"] + .count`),
      rows: [...body.rows].map((element) => ({ element })),
      filters: new Map(),
      sorted: null,
    };
    sheet.total = sheet.badge?.innerHTML;
    return sheet;
  });

  const searched = (row) => (row.all ??= fold(row.element.textContent));
  const cellOf = (row, n) => ((row.cells ??= [])[n] ??= fold(said(row.element.cells[n])));

  let terms = [];
  const tools = document.querySelector(".tools");
  const output = tools.querySelector("output");

  function show(sheet) {
    let shown = 0;
    for (const row of sheet.rows) {
      const fits =
        terms.every((term) => searched(row).includes(term)) &&
        [...sheet.filters].every(([n, filter]) => filter(cellOf(row, n)));
      row.element.hidden = !fits;
      if (fits) shown += 1;
    }
    const narrowed = terms.length > 0 || sheet.filters.size > 0;
    if (sheet.tools) {
      const words = fill(sheet.tools.dataset.of, { n: shown, all: sheet.rows.length });
      sheet.tools.querySelector(".shown").textContent = narrowed ? words : "";
      sheet.tools.querySelector(".reset").hidden = sheet.filters.size === 0 && sheet.sorted === null;
    }
    sheet.section.classList.toggle("nothing", terms.length > 0 && shown === 0);
    if (sheet.badge) {
      if (narrowed) sheet.badge.textContent = `${shown} / ${sheet.rows.length}`;
      else sheet.badge.innerHTML = sheet.total;
    }
    return shown;
  }

  function search(words) {
    terms = fold(words).split(/\s+/).filter(Boolean);
    const found = sheets.reduce((sum, sheet) => sum + show(sheet), 0);
    output.textContent = terms.length > 0 ? fill(output.dataset.found, { n: found }) : "";
    // A row may be there for a word in a closed reason: say where it is.
    for (const why of all(".sheet details")) {
      why.classList.toggle("hit", terms.length > 0 && terms.some((term) => fold(why.textContent).includes(term)));
    }
  }

  /** Whether a column holds levels, which sort by how bad they are and not by their names. */
  const isLevels = (sheet, n) => sheet.rows.some((row) => rank(row.element.cells[n]) >= tones.indexOf("good"));

  function sort(sheet, n, direction) {
    sheet.sorted = direction === "none" ? null : n;
    const order = [...sheet.rows];
    if (direction !== "none") {
      const sign = direction === "ascending" ? 1 : -1;
      const level = isLevels(sheet, n) ? (row) => rank(row.element.cells[n]) : () => 0;
      order.sort((a, b) => sign * (level(a) - level(b) || collator.compare(cellOf(a, n), cellOf(b, n))));
    }
    sheet.body.append(...order.map((row) => row.element));
    sheet.heads.forEach((head, at) => {
      if (at === n && direction !== "none") head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
    show(sheet);
  }

  /** Turns to the next order: levels from the worst and words from the first, then back, then as written. */
  function turn(sheet, n) {
    const steps = isLevels(sheet, n) ? ["descending", "ascending", "none"] : ["ascending", "descending", "none"];
    const now = sheet.heads[n].getAttribute("aria-sort") ?? "none";
    sort(sheet, n, steps[(steps.indexOf(now) + 1) % steps.length]);
  }

  function makeSortable(sheet) {
    sheet.heads.forEach((head, n) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.setAttribute("aria-label", fill(tools.dataset.sort, { column: head.textContent }));
      head.append(button);
      head.classList.add("sortable");
      // The whole head is a target for the mouse; the keyboard has the button in it.
      head.addEventListener("click", () => turn(sheet, n));
    });
  }

  /** The field that narrows a column: a list for few different cells, words for many. */
  function field(sheet, n) {
    const different = new Map();
    for (const row of sheet.rows) {
      const words = said(row.element.cells[n]);
      if (!different.has(fold(words))) different.set(fold(words), words);
      if (different.size > fewest) break;
    }
    const choose = different.size <= fewest;
    const made = document.createElement(choose ? "select" : "input");
    if (choose) {
      made.append(new Option(sheet.tools.dataset.any, ""));
      const listed = [...different].sort((a, b) => collator.compare(a[1], b[1]));
      for (const [key, words] of listed) made.append(new Option(words.trim() || "—", `=${key}`));
    } else {
      made.type = "search";
    }
    const narrow = () => {
      const wanted = choose ? made.value : fold(made.value.trim());
      if (wanted === "") sheet.filters.delete(n);
      else sheet.filters.set(n, choose ? (words) => words === wanted.slice(1) : (words) => words.includes(wanted));
      show(sheet);
    };
    made.setAttribute("aria-label", fill(sheet.tools.dataset.by, { column: sheet.heads[n].textContent }));
    made.addEventListener("input", narrow);
    return made;
  }

  function toggleFilters(sheet, button) {
    const opened = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(opened));
    sheet.fields ??= (() => {
      const row = sheet.section.querySelector("thead").insertRow();
      row.className = "filters";
      sheet.heads.forEach((_, n) => row.insertCell().append(field(sheet, n)));
      return row;
    })();
    sheet.fields.hidden = !opened;
    if (opened) sheet.fields.querySelector("input, select").focus({ preventScroll: true });
  }

  function reset(sheet) {
    sheet.filters.clear();
    for (const made of all("thead input, thead select", sheet.section)) made.value = "";
    sort(sheet, -1, "none");
  }

  for (const sheet of sheets) {
    if (sheet.rows.length < 2) continue;
    makeSortable(sheet);
    if (!sheet.tools) continue;
    const filter = sheet.tools.querySelector(".filter");
    filter.addEventListener("click", () => toggleFilters(sheet, filter));
    sheet.tools.querySelector(".reset").addEventListener("click", () => {
      reset(sheet);
      filter.focus();
    });
    sheet.tools.hidden = false;
  }

  const reasons = tools.querySelector(".reasons");
  let open = false;
  function openReasons(wanted) {
    open = wanted;
    for (const why of all(".sheet details")) why.open = open;
    reasons.textContent = open ? reasons.dataset.close : reasons.dataset.open;
  }
  reasons.addEventListener("click", () => openReasons(!open));
  reasons.hidden = document.querySelector(".sheet details") === null;

  const box = document.querySelector("#search");
  let waiting;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search(box.value), 120);
  });
  tools.hidden = false;
  if (box.value) search(box.value);

  // Paper cannot be clicked.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all(".sheet details:not([open])");
    for (const why of closed) why.open = true;
  });
  addEventListener("afterprint", () => {
    for (const why of closed) why.open = false;
  });

  addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelector(".picture:target .close")?.click();
  });
})();
