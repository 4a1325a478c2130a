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
  // A long sheet shows so many rows at first and so many more each time: thousands of rows at once
  // would make every sort and search wait for their layout.
  const portion = 200;

  /** What a cell says, without its reasons. */
  const said = (cell) => [...cell.children].filter((line) => line.tagName === "P").map((line) => line.textContent).join("\n");
  const rank = (cell) => tones.indexOf(cell.className);

  let terms = [];
  let open = false;
  const tools = document.querySelector(".tools");
  const output = tools.querySelector("output");

  const sheets = all(".sheet").map((section) => {
    const sheet = {
      section,
      body: section.querySelector("tbody"),
      tools: section.querySelector(".sheet-tools"),
      more: section.querySelector(".more"),
      heads: all("thead th", section),
      badge: document.querySelector(`.contents a[href="#${CSS.escape(section.getAttribute("aria-labelledby"))}"] + .count`),
      filters: new Map(),
      orders: [],
      sorted: null,
      limit: portion,
    };
    // All rows as written. Only those that are shown stand in the table.
    sheet.rows = [...sheet.body.rows].map((element) => ({ element, id: element.id }));
    sheet.order = sheet.rows;
    sheet.total = sheet.badge?.innerHTML;
    return sheet;
  });

  const searched = (row) => (row.all ??= fold(row.element.textContent));
  const cellOf = (row, n) => ((row.cells ??= [])[n] ??= fold(said(row.element.cells[n])));
  const isNarrowed = (sheet) => terms.length > 0 || sheet.filters.size > 0;
  const isFit = (sheet, row) =>
    terms.every((term) => searched(row).includes(term)) &&
    [...sheet.filters].every(([n, filter]) => filter(cellOf(row, n)));

  /** Puts the rows that fit into the table, in order and up to the limit; tells how many fit. */
  function show(sheet) {
    const fitting = isNarrowed(sheet) ? sheet.order.filter((row) => isFit(sheet, row)) : sheet.order;
    const shown = fitting.slice(0, sheet.limit);
    for (const row of shown) dress(row);
    sheet.body.replaceChildren(...shown.map((row) => row.element));
    if (sheet.tools) {
      const words = fill(sheet.tools.dataset.of, { n: fitting.length, all: sheet.rows.length });
      sheet.tools.querySelector(".shown").textContent = isNarrowed(sheet) ? words : "";
      sheet.tools.querySelector(".reset").hidden = sheet.filters.size === 0 && sheet.sorted === null;
    }
    if (sheet.more) {
      sheet.more.hidden = shown.length === fitting.length;
      sheet.more.querySelector("span").textContent = fill(sheet.more.dataset.of, { n: shown.length, all: fitting.length });
    }
    sheet.section.classList.toggle("nothing", terms.length > 0 && fitting.length === 0);
    if (sheet.badge) {
      if (isNarrowed(sheet)) sheet.badge.textContent = `${fitting.length} / ${sheet.rows.length}`;
      else sheet.badge.innerHTML = sheet.total;
    }
    return fitting.length;
  }

  /** Opens the reasons of a row if all are asked for, and marks those that hold a word of the search:
      a row may be there for a word in a closed reason. */
  function dress(row) {
    row.reasons ??= all("details", row.element);
    for (const why of row.reasons) {
      if (row.open !== open) why.open = open;
      const isHit = terms.length > 0 && terms.some((term) => fold(why.textContent).includes(term));
      why.classList.toggle("hit", isHit);
    }
    row.open = open;
  }

  function search(words) {
    terms = fold(words).split(/\s+/).filter(Boolean);
    for (const sheet of sheets) sheet.limit = portion;
    const found = sheets.reduce((sum, sheet) => sum + show(sheet), 0);
    output.textContent = terms.length > 0 ? fill(output.dataset.found, { n: found }) : "";
  }

  /** The place of every row by one column: levels by how bad they are, all else by its words. */
  function places(sheet, n) {
    return (sheet.orders[n] ??= (() => {
      const levels = sheet.rows.map((row) => rank(row.element.cells[n]));
      // A column that holds levels does not sort by their names.
      const isLevels = levels.some((level) => level >= tones.indexOf("good"));
      const words = [...new Set(sheet.rows.map((row) => cellOf(row, n)))].sort(collator.compare);
      const ranks = new Map(words.map((word, at) => [word, at]));
      const place = (row, at) => (isLevels ? levels[at] * words.length : 0) + ranks.get(cellOf(row, n));
      return { isLevels, of: new Map(sheet.rows.map((row, at) => [row, place(row, at)])) };
    })());
  }

  function sort(sheet, n, direction) {
    sheet.sorted = direction === "none" ? null : n;
    sheet.order = sheet.rows;
    sheet.limit = portion;
    if (direction !== "none") {
      const sign = direction === "ascending" ? 1 : -1;
      const { of } = places(sheet, n);
      sheet.order = [...sheet.rows].sort((a, b) => sign * (of.get(a) - of.get(b)));
    }
    sheet.heads.forEach((head, at) => {
      if (at === n && direction !== "none") head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
    show(sheet);
  }

  /** Turns to the next order: levels from the worst and words from the first, then back, then as written. */
  function turn(sheet, n) {
    const steps = places(sheet, n).isLevels ? ["descending", "ascending", "none"] : ["ascending", "descending", "none"];
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
      sheet.limit = portion;
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
    if (!sheet.more) continue;
    for (const button of all("button", sheet.more)) {
      button.addEventListener("click", () => {
        sheet.limit = button.className === "all" ? Infinity : sheet.limit + portion;
        show(sheet);
      });
    }
    show(sheet);
  }

  const reasons = tools.querySelector(".reasons");
  reasons.addEventListener("click", () => {
    open = !open;
    for (const sheet of sheets) show(sheet);
    reasons.textContent = open ? reasons.dataset.close : reasons.dataset.open;
  });
  reasons.hidden = !sheets.some((sheet) => sheet.rows.some((row) => row.element.querySelector("details")));

  /** Shows the row that the address names, wherever it is. */
  function findRow() {
    const id = decodeURIComponent(location.hash.slice(1));
    if (!id || document.getElementById(id)) return;
    const sheet = sheets.find((sheet) => sheet.rows.some((row) => row.id === id));
    if (!sheet) return;
    sheet.limit = Math.max(sheet.limit, sheet.order.findIndex((row) => row.id === id) + 1);
    show(sheet);
    document.getElementById(id)?.scrollIntoView();
  }
  addEventListener("hashchange", findRow);

  const box = document.querySelector("#search");
  let waiting;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search(box.value), 120);
  });
  tools.hidden = false;
  if (box.value) search(box.value);

  findRow();

  // Paper cannot be clicked: it has all rows and all reasons.
  let closed = [];
  addEventListener("beforeprint", () => {
    for (const sheet of sheets.filter((sheet) => sheet.more)) {
      sheet.kept = sheet.limit;
      sheet.limit = Infinity;
      show(sheet);
    }
    closed = all(".sheet details:not([open])");
    for (const why of closed) why.open = true;
  });
  addEventListener("afterprint", () => {
    for (const why of closed) why.open = false;
    for (const sheet of sheets.filter((sheet) => sheet.more)) {
      sheet.limit = sheet.kept;
      show(sheet);
    }
  });

  addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelector(".picture:target .close")?.click();
  });
})();
