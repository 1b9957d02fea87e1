// Draws the diagrams of a page where their text stands. Mermaid is loaded by the first
// one. The wiki's policy allows neither HTML from text nor style attributes: our copy of
// Mermaid uses the names below in their place (see vendor.py), and what it drew is copied
// element by element into a shadow root. Nothing else of it reaches the page.

const SVG = "http://www.w3.org/2000/svg";
const MERMAID = "./vendor/mermaid/11.17.2/mermaid.js";
const SHAPES = new Set(("svg g path rect circle ellipse line polyline polygon text tspan textPath marker defs symbol " +
  "title desc linearGradient radialGradient stop clipPath filter feDropShadow feGaussianBlur feOffset feFlood").split(" "));
const GROUPS = new Set(["a", "switch"]); // drawn as plain groups
const ELSEWHERE = /url\(\s*(?!["']?#)|@import|image-set|expression/i;
const INKS = { light: "neutral", dark: "dark", contrast: "neutral" };

Object.defineProperty(Element.prototype, "drawnHTML", {
  set(text) {
    if (this.localName === "drawn-style") adopt(this, text);
    else this.textContent = String(text ?? "").replace(/<[^>]*>/g, " ");
  },
});
Element.prototype.drawnAttribute = function (name, value) {
  if (name === "style") this.style.cssText = ELSEWHERE.test(value) ? "" : value;
  else if (allowed(name, value)) this.setAttribute(name, value);
};
// A picture in a diagram would be fetched from wherever it says.
globalThis.DrawnImage = class {
  decode() { return Promise.reject(new Error("a diagram holds no pictures")); }
};

function allowed(name, value) {
  if (/^on/i.test(name) || ELSEWHERE.test(value)) return false;
  return !/(^|:)(href|src|srcdoc|action)$/i.test(name) || String(value).startsWith("#");
}

// The rules of a drawing hold for it alone; while it is measured, on the page too.
function adopt(element, text) {
  const scope = `#${element.ownerDocument.querySelector(".p-diagrams-scratch svg")?.id}`;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  for (let i = sheet.cssRules.length - 1; i >= 0; i -= 1) {
    const rule = sheet.cssRules[i];
    const own = rule instanceof CSSKeyframesRule || (rule instanceof CSSStyleRule &&
      rule.selectorText.split(",").every((one) => one.trim().startsWith(scope)));
    if (!own || ELSEWHERE.test(rule.cssText)) sheet.deleteRule(i);
  }
  document.adoptedStyleSheets.push(sheet);
}

function copy(from) {
  if (from.nodeType === Node.TEXT_NODE) return document.createTextNode(from.data);
  const name = GROUPS.has(from.localName) ? "g" : from.localName;
  if (from.namespaceURI !== SVG || !SHAPES.has(name)) return null;
  const to = document.createElementNS(SVG, name);
  for (const { name: key, value } of from.attributes) {
    if (key !== "style" && allowed(key, value)) to.setAttribute(key, value);
  }
  if (!ELSEWHERE.test(from.style.cssText)) to.style.cssText = from.style.cssText;
  to.append(...[...from.childNodes].map(copy).filter(Boolean));
  return to;
}

let count = 0;
const loaded = () => import(MERMAID).then((module) => module.default);

// Returns a shadow host with the drawing; throws where the text is no diagram.
async function draw(figure, text, ink) {
  const mermaid = await loaded();
  mermaid.initialize({
    startOnLoad: false, securityLevel: "strict", htmlLabels: false, flowchart: { htmlLabels: false },
    suppressErrorRendering: true, maxTextSize: 10_000, theme: ink, fontFamily: "system-ui, sans-serif",
    secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "suppressErrorRendering", "maxEdges",
      "htmlLabels", "theme", "fontFamily"],
  });
  const scratch = document.createElement("div");
  scratch.className = "p-diagrams-scratch";
  scratch.setAttribute("aria-hidden", "true");
  figure.append(scratch);
  // Mermaid takes away what it drew and hands out HTML; we keep the elements.
  const gone = [];
  const watch = new MutationObserver((records) => gone.push(...records));
  watch.observe(scratch, { childList: true });
  const before = [...document.adoptedStyleSheets];
  try {
    await mermaid.render(`diagram-${count += 1}`, text, scratch);
    gone.push(...watch.takeRecords());
    const drawn = gone.flatMap((record) => [...record.removedNodes]).pop()?.querySelector("svg");
    const host = document.createElement("div");
    host.className = "p-diagrams-drawing";
    host.dataset.ink = ink;
    const root = host.attachShadow({ mode: "open" });
    const frame = new CSSStyleSheet();
    frame.replaceSync("svg { display: block; block-size: auto; margin-inline: auto; min-inline-size: min(30rem, calc(var(--own) * 0.6)); }");
    root.adoptedStyleSheets = [...document.adoptedStyleSheets.slice(before.length), frame];
    root.append(copy(drawn));
    root.firstChild.style.setProperty("--own", drawn.style.maxWidth || "0px");
    return host;
  } finally {
    watch.disconnect();
    scratch.remove();
    document.adoptedStyleSheets = before;
  }
}

// The ink that is wanted now; paper is white, so a dark drawing has a light one beside it.
const dark = matchMedia("(prefers-color-scheme: dark)");
const ink = () => INKS[document.documentElement.dataset.theme] ?? (dark.matches ? "dark" : "neutral");

async function show(figure) {
  const source = figure.querySelector(".p-diagrams-source");
  if (!source) return;
  const words = figure.querySelector(".p-diagrams-alt, figcaption")?.textContent;
  try {
    for (const wanted of new Set([ink(), "neutral"])) {
      if (figure.querySelector(`[data-ink="${wanted}"]`)) continue;
      const host = await draw(figure, source.textContent, wanted);
      if (words) {
        host.setAttribute("role", "img");
        host.setAttribute("aria-label", words);
      }
      source.after(host);
    }
    for (const host of figure.querySelectorAll("[data-ink]")) {
      host.classList.toggle("p-diagrams-away", host.dataset.ink !== ink());
    }
    figure.classList.add("p-diagrams-drawn");
  } catch (error) {
    figure.classList.add("p-diagrams-undrawn");
    // Who writes is told why.
    if (preview?.contains(figure)) figure.querySelector(".p-diagrams-failed").append(" ", String(error?.message));
  }
}

const preview = document.querySelector("[data-preview-html]");
let turn = Promise.resolve();
const showAll = () => {
  for (const figure of document.querySelectorAll(".p-diagrams-figure:not(.p-diagrams-undrawn)")) turn = turn.then(() => show(figure));
};
showAll();
dark.addEventListener("change", showAll);
new MutationObserver(showAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
if (preview) new MutationObserver(showAll).observe(preview, { childList: true });
