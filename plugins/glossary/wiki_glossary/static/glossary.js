// Definitions where the words stand: on focus, after a moment of hovering, on first tap.
// WCAG 1.4.13: Escape closes it, the pointer may move onto it, it stays until dismissed.
const WAIT = 300;
const box = document.createElement("div");
const text = document.createElement("p");
const open = document.createElement("a");
let shown = null;
let timer = 0;
let touch = false;

function definition(link) {
  const id = link.getAttribute("aria-describedby");
  return (id && document.getElementById(id)) || null;
}

function place(link) {
  const word = link.getClientRects()[0];
  if (!word) return;
  const root = document.documentElement;
  const width = box.offsetWidth;
  const left = Math.min(Math.max(word.left, 8), root.clientWidth - width - 8);
  const below = word.bottom + 4;
  const fits = below + box.offsetHeight < root.clientHeight;
  const top = fits ? below : word.top - box.offsetHeight - 4;
  box.style.left = `${Math.max(left, 8) + scrollX}px`;
  box.style.top = `${Math.max(top, fits ? top : 4) + scrollY}px`;
}

function show(link) {
  const found = definition(link);
  clearTimeout(timer);
  if (!found || shown === link) return;
  hide();
  shown = link;
  text.textContent = found.textContent.replace(/\s+/g, " ").trim();
  text.lang = found.querySelector("[lang]")?.lang ?? "";
  open.href = link.href;
  open.hidden = !touch;
  box.showPopover();
  place(link);
}

function hide() {
  clearTimeout(timer);
  if (!shown) return;
  shown = null;
  box.hidePopover();
}

function later(act) {
  clearTimeout(timer);
  timer = setTimeout(act, WAIT);
}

function term(event) {
  return event.target.closest?.("a.term[aria-describedby]") ?? null;
}

function start(words) {
  box.className = "term-box";
  box.popover = "manual";
  // What it says is announced already: the link is described by the list of words.
  box.setAttribute("aria-hidden", "true");
  open.textContent = words;
  open.tabIndex = -1;
  text.dir = "auto";
  box.append(text, open);
  document.body.append(box);

  document.addEventListener("pointerdown", (event) => {
    touch = event.pointerType === "touch";
    if (!term(event) && !box.contains(event.target)) hide();
  });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = term(event);
    if (link) later(() => show(link));
    else if (box.contains(event.target)) clearTimeout(timer);
    else if (shown && document.activeElement !== shown) later(hide);
    else clearTimeout(timer);
  });
  document.addEventListener("focusin", (event) => {
    const link = term(event);
    if (link && !touch) show(link);
    else if (!link && !box.contains(event.target)) hide();
  });
  document.addEventListener("click", (event) => {
    const link = term(event);
    if (!link || !touch || shown === link || !definition(link)) return;
    event.preventDefault();
    show(link);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  addEventListener("resize", hide);
}

const list = document.getElementById("words");
if (list && "popover" in HTMLElement.prototype) start(list.dataset.open);
