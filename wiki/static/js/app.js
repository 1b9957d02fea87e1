// Common Ground: everything here is a convenience. Each part stands alone, fails
// quietly, and leaves a page that works without it.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// Storage may be switched off or full; then nothing is kept.
const store = {
  get(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, value); return true; } catch { return false; }
  },
  drop(key) {
    try { localStorage.removeItem(key); } catch { /* nothing was kept */ }
  },
  holds(start) {
    try { return Object.keys(localStorage).some((key) => key.startsWith(start)); } catch { return false; }
  },
};

// HTML is taken only from answers of our own origin (security R2).
const policy = globalThis.trustedTypes?.createPolicy("wiki", { createHTML: (html) => html });
const trusted = (html) => (policy ? policy.createHTML(html) : html);

async function answer(url, options) {
  const response = await fetch(url, { credentials: "same-origin", redirect: "error", ...options });
  if (!response.ok || new URL(response.url).origin !== location.origin) throw new Error(response.status);
  return response.json();
}

function later(work, wait) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), wait);
  };
}

// -- colors: before the page is drawn, where the script is already at hand

const THEMES = ["light", "dark", "contrast"];

function applyTheme(theme) {
  if (THEMES.includes(theme)) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

function themeSwitch() {
  const label = $("[data-theme-switch]");
  if (!label) return;
  const select = $("select", label);
  select.value = store.get("theme") ?? "";
  label.hidden = false;
  select.addEventListener("change", () => {
    if (select.value) store.set("theme", select.value);
    else store.drop("theme");
    applyTheme(select.value);
  });
}

// -- titles as you type: an ARIA combobox over an ordinary search field

let boxes = 0;

function combobox(input) {
  const list = document.createElement("ul");
  list.id = `titles-${(boxes += 1)}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.words ?? "");
  list.hidden = true;
  input.parentElement.classList.add("combo");
  input.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  let current = -1;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    current = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (to) => {
    const options = $$("[role=option]", list);
    current = (to + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === current)));
    input.setAttribute("aria-activedescendant", options[current].id);
    options[current].scrollIntoView({ block: "nearest" });
  };
  const show = (found) => {
    list.replaceChildren(...found.slice(0, 8).map((one, i) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${i}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dir = "auto";
      option.dataset.url = one.url;
      option.textContent = one.title || one.name;
      if (one.title && one.title !== one.name) {
        const where = document.createElement("small");
        where.textContent = one.name;
        option.append(where);
      }
      return option;
    }));
    current = -1;
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  const ask = later(async () => {
    const text = input.value.trim();
    const turn = (asked += 1);
    if (text.length < 2) return close();
    try {
      const found = await answer(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`);
      if (turn === asked && document.activeElement === input) show(found);
    } catch { close(); }
  }, 120);

  input.addEventListener("input", ask);
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") mark(current + 1);
    else if (event.key === "ArrowUp") mark(current < 0 ? -1 : current - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && current >= 0) location.assign($$("[role=option]", list)[current].dataset.url);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    location.assign(option.dataset.url);
  });
}

// -- single keys and their help

function keys() {
  const help = $("#keys");
  const button = $("[data-keys-help]");
  const off = $("[data-keys-off]");
  if (!help || !button || !off || !help.showModal) return;
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
  off.checked = store.get("keys") === "off";
  off.addEventListener("change", () => {
    if (off.checked) store.set("keys", "off");
    else store.drop("keys");
  });
  const search = () => {
    const field = $("#find") ?? $("#q");
    if (field?.checkVisibility?.() ?? field) field.focus();
    else $(".top-find")?.click();
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (store.get("keys") === "off" || help.open) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.key === "/") search();
    else if (event.key === "?") help.showModal();
    else if (["e", "n", "h"].includes(event.key)) {
      const link = $(`a[data-key="${event.key}"]`);
      if (!link) return;
      location.assign(link.href);
    } else return;
    event.preventDefault();
  });
}

// -- the editor

function editor(form) {
  const text = $("textarea[name=text]", form);
  if (!text) return;
  const start = text.value;
  let leaving = false;
  const changed = () => form.hasAttribute("data-dirty") || text.value !== start;

  keepDraft(form, text, start, changed);
  livePreview(form, text);
  text.addEventListener("keydown", (event) => continueList(event, text));
  linkCompletion(form, text);
  toolbar(form, text);

  form.addEventListener("submit", () => {
    leaving = true;
    // Told to the next page: once it says "Saved", this draft has done its work.
    try { sessionStorage.setItem("saving", `draft:${form.dataset.draft}`); } catch { /* kept */ }
  });
  $("[data-cancel]", form)?.addEventListener("click", () => { leaving = !changed(); });
  addEventListener("beforeunload", (event) => {
    if (!leaving && changed()) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit($("button[name=save], button[name=resolve]", form));
    }
  });
  // A problem's line number leads to that line of the text.
  document.addEventListener("click", (event) => {
    const line = Number(event.target.closest?.("[data-line]")?.dataset.line);
    if (!line) return;
    event.preventDefault();
    const before = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const end = text.value.indexOf("\n", before);
    text.focus();
    text.setSelectionRange(before, end < 0 ? text.value.length : end);
  });
}

function clock(element, moment) {
  const at = new Date(moment);
  const time = $("time", element);
  if (!time) return;
  time.dateTime = at.toISOString();
  time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}

function keepDraft(form, text, start, changed) {
  const key = `draft:${form.dataset.draft}`;
  const state = $("[data-draft-state]", form);
  const offer = $("[data-draft-offer]", form);
  const name = $("input[name=name]", form);
  const comment = $("input[name=comment]", form);
  const newer = $("input[name=base]", form)?.value;
  let kept = null;
  try { kept = JSON.parse(store.get(key) ?? "null"); } catch { store.drop(key); }

  const keep = () => {
    if (!changed() || (kept && !offer.hidden)) return;
    const now = Date.now();
    const draft = { text: text.value, name: name?.value, comment: comment?.value, base: newer, at: now };
    if (!store.set(key, JSON.stringify(draft))) return;
    clock(state, now);
    state.hidden = false;
  };
  if (kept?.text && kept.text !== start && !form.hasAttribute("data-dirty")) {
    clock(offer, kept.at);
    offer.hidden = false;
    $("[data-draft-use]", offer).addEventListener("click", () => {
      text.value = kept.text;
      if (name && name.type !== "hidden" && kept.name) name.value = kept.name;
      if (comment && kept.comment) comment.value = kept.comment;
      // The draft was begun on that version: a save merges from there.
      const base = $("input[name=base]", form);
      if (base && kept.base) base.value = kept.base;
      offer.hidden = true;
      text.focus();
      text.dispatchEvent(new Event("input"));
    });
    $("[data-draft-drop]", offer).addEventListener("click", () => {
      store.drop(key);
      offer.hidden = true;
      kept = null;
      text.focus();
    });
  } else if (kept && kept.text === start) {
    store.drop(key);
  }
  text.addEventListener("input", later(keep, 1500));
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => document.hidden && keep());
  $("[data-cancel]", form)?.addEventListener("click", keep);
}

function livePreview(form, text) {
  const pane = $(".editor-preview", form);
  const html = $("[data-preview-html]", form);
  const list = $("[data-preview-problems]", form);
  const wide = matchMedia("(min-width: 1100px)");
  const button = $("button[name=preview]", form);
  if (!pane || !html || !form.dataset.preview) return;
  let asked = 0;
  let plain = false;
  const draw = async () => {
    const turn = (asked += 1);
    const body = new URLSearchParams({
      csrf_token: form.elements.csrf_token.value,
      name: form.elements.name?.value ?? "",
      text: text.value,
    });
    const made = await answer(form.dataset.preview, { method: "POST", body });
    if (turn !== asked) return;
    const place = html.scrollTop;
    html.innerHTML = trusted(made.html);
    html.scrollTop = place;
    list.replaceChildren(...(made.problems ?? []).map((problem) => {
      const row = document.createElement("li");
      if (problem.line) {
        const link = document.createElement("a");
        link.href = "#text";
        link.dataset.line = problem.line;
        link.textContent = problem.line;
        row.append(link, ": ");
      }
      row.append(problem.text);
      return row;
    }));
    pane.hidden = false;
    pane.parentElement.classList.add("two");
  };
  const soon = later(() => { if (!pane.hidden) draw().catch(() => {}); }, 250);
  text.addEventListener("input", soon);
  button?.addEventListener("click", (event) => {
    if (plain) return;
    event.preventDefault();
    draw().then(() => {
      if (!wide.matches) pane.scrollIntoView({ block: "start" });
    }, () => {
      // The server could not be asked this way: let the form itself ask.
      plain = true;
      button.click();
    });
  });
  if (wide.matches) {
    // Both panes stand from the start, so that nothing moves when the first answer comes.
    pane.hidden = false;
    pane.parentElement.classList.add("two");
    draw().catch(() => {});
  }
  text.addEventListener("scroll", () => {
    const room = text.scrollHeight - text.clientHeight;
    if (room > 0) html.scrollTop = (text.scrollTop / room) * (html.scrollHeight - html.clientHeight);
  }, { passive: true });
}

// Enter in a list starts the next item; on an empty item it ends the list.
function continueList(event, text) {
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const at = text.selectionStart;
  if (at !== text.selectionEnd) return;
  const begin = text.value.lastIndexOf("\n", at - 1) + 1;
  const line = text.value.slice(begin, at);
  const found = /^(\s*)(?:([-*+])|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?/.exec(line);
  if (!found) return;
  event.preventDefault();
  if (found[0] === line) {
    type(text, begin, at, "");
    return;
  }
  const sign = found[2] ?? `${Number(found[3]) + 1}${found[4]}`;
  type(text, at, at, `\n${found[1]}${sign}${found[5]}${found[6] ? "[ ] " : ""}`);
}

// Types in a way that the browser's own undo knows.
function type(text, from, to, words) {
  text.setSelectionRange(from, to);
  const done = words ? document.execCommand("insertText", false, words) : document.execCommand("delete");
  if (!done) {
    text.setRangeText(words, from, to, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// Buttons that write Markdown round what is selected, or before its lines.
const WRAPS = { bold: ["**", "**"], italic: ["*", "*"], link: ["[", "](https://)"] };
const LINES = { heading: "## ", list: "- ", "list-ordered": "1. ", "list-todo": "- [ ] ", quote: "> " };

function toolbar(form, text) {
  const bar = $("[data-toolbar]", form);
  if (!bar) return;
  bar.hidden = false;
  const use = (name) => {
    text.focus();
    const [from, to] = [text.selectionStart, text.selectionEnd];
    const chosen = text.value.slice(from, to);
    if (WRAPS[name]) {
      const [before, after] = WRAPS[name];
      type(text, from, to, before + chosen + after);
      // Words come next, or the address of a link whose words were chosen.
      const at = name === "link" && chosen ? from + chosen.length + 3 : from + before.length;
      text.setSelectionRange(at, at + (name === "link" && chosen ? "https://".length : chosen.length));
    } else if (LINES[name]) {
      const begin = text.value.lastIndexOf("\n", from - 1) + 1;
      const lines = text.value.slice(begin, to).split("\n").map((line) => LINES[name] + line);
      type(text, begin, to, lines.join("\n"));
    } else {
      const start = from && text.value[from - 1] !== "\n" ? "\n\n" : "";
      type(text, from, to, `${start}|  |  |\n|---|---|\n|  |  |\n`);
      text.setSelectionRange(from + start.length + 2, from + start.length + 2);
    }
  };
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tool]");
    if (button) use(button.dataset.tool);
  });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.shiftKey) return;
    const key = event.key.toLowerCase();
    const button = (event.ctrlKey || event.metaKey) && !event.altKey && $(`[data-with="${CSS.escape(key)}"]`, bar);
    if (button) use(button.dataset.tool);
    else if (event.altKey && key === "p") $("button[name=preview]", form)?.click();
    else return;
    event.preventDefault();
  });
}

// [[ offers pages by title, below the text.
function linkCompletion(form, text) {
  if (!form.dataset.suggest) return;
  const list = document.createElement("ul");
  list.id = "link-titles";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", $("label[for=text]")?.textContent ?? "");
  list.hidden = true;
  text.parentElement.classList.add("combo");
  text.after(list);
  text.setAttribute("aria-controls", list.id);
  text.setAttribute("aria-autocomplete", "list");
  let current = 0;
  let asked = 0;
  const close = () => {
    list.hidden = true;
    text.removeAttribute("aria-activedescendant");
  };
  const open = () => /\[\[([^\][|\n]{0,80})$/.exec(text.value.slice(0, text.selectionStart));
  const mark = (to) => {
    const options = $$("[role=option]", list);
    current = (to + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === current)));
    text.setAttribute("aria-activedescendant", options[current].id);
  };
  const take = (option) => {
    const found = open();
    close();
    if (!found) return;
    const at = text.selectionStart;
    const closed = text.value.startsWith("]]", at) ? 2 : 0;
    type(text, at - found[1].length, at + closed, `${option.dataset.name}]]`);
  };
  const ask = later(async () => {
    const found = open();
    const turn = (asked += 1);
    if (!found || found[1].trim().length < 2) return close();
    try {
      const pages = await answer(`${form.dataset.suggest}?q=${encodeURIComponent(found[1].trim())}`);
      if (turn !== asked || !pages.length) return close();
      list.replaceChildren(...pages.slice(0, 6).map((page, i) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.dir = "auto";
        option.dataset.name = page.name;
        option.textContent = page.title || page.name;
        const where = document.createElement("small");
        where.textContent = page.name;
        option.append(where);
        return option;
      }));
      list.hidden = false;
      mark(0);
    } catch { close(); }
  }, 120);
  text.addEventListener("input", ask);
  text.addEventListener("blur", () => setTimeout(close, 150));
  text.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") mark(current + 1);
    else if (event.key === "ArrowUp") mark(current - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" || event.key === "Tab") take($$("[role=option]", list)[current]);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

// -- small things

function small() {
  for (const label of $$("[data-show-password]")) {
    const field = document.getElementById(label.dataset.showPassword);
    label.hidden = !field;
    $("input", label).addEventListener("change", (event) => {
      field.type = event.target.checked ? "text" : "password";
    });
  }
  for (const heading of $$("[data-anchors] :is(h2, h3, h4, h5, h6)[id]")) {
    const link = document.createElement("a");
    link.className = "anchor";
    link.href = `#${heading.id}`;
    link.setAttribute("aria-label", `${heading.closest("[data-anchors]").dataset.anchors} ${heading.textContent}`);
    heading.append(link);
  }
  for (const field of $$("[data-select]")) field.addEventListener("focus", () => field.select());
  // Folded action lists close on Escape and on a click elsewhere.
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && $("details.more[open]");
    if (!open) return;
    open.open = false;
    $("summary", open).focus();
  });
  document.addEventListener("click", (event) => {
    for (const open of $$("details.more[open]")) if (!open.contains(event.target)) open.open = false;
  });
  // A choice of one's own words is meant by whoever writes in its box.
  for (const box of $$("[data-conflict] textarea")) {
    box.addEventListener("input", () => {
      const own = $(`input[type=radio][value=own]`, box.closest("fieldset"));
      if (own) own.checked = true;
    });
  }
  // Signing out clears what this browser keeps, drafts included.
  for (const form of $$("form[data-unsent]")) {
    form.addEventListener("submit", (event) => {
      if (store.holds("draft:") && !confirm(form.dataset.unsent)) event.preventDefault();
    });
  }
  // A draft that was saved is not needed any more.
  if ($(".note.ok[role=status]") && !$("[data-editor], [data-conflict]")) {
    try {
      store.drop(sessionStorage.getItem("saving") ?? "");
      sessionStorage.removeItem("saving");
    } catch { /* nothing was kept */ }
  }
}

function start() {
  const parts = [
    themeSwitch,
    keys,
    small,
    () => $$("input[data-suggest]").forEach(combobox),
    () => $$("form[data-editor]").forEach(editor),
  ];
  for (const part of parts) {
    try { part(); } catch (error) { console.warn(error); }
  }
}

applyTheme(store.get("theme"));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
