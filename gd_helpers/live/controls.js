// The controls of a live figure, as the browser's own elements: they come with names for screen readers, with keys, and
// with colours for every theme. The kernel says which values a control can take, in words; what is moved is the number
// of a place among them. (live.js follows in the same module.)

// JupyterLab and Notebook take plain keys as commands: `x` would cut the cell that a slider stands in, an arrow leave it.
// They leave alone what carries this attribute, so it is set while a plain key is on its way to anything in an output.
function keepKeys(event) {
  const command = event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape" ||
    (event.key === "Enter" && event.shiftKey);
  const ours = event.target.closest?.(".jp-OutputArea, .jupyter-widgets") && !command;
  event.target.toggleAttribute?.("data-lm-suppress-shortcuts", Boolean(ours));
}
if (!window.gdKeepsKeys) {
  window.gdKeepsKeys = true;
  window.addEventListener("keydown", keepKeys, true); // before anybody else hears of it
}

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
// A move in the browser: the kernel is told which one it is, and says so in its answer.
const move = (model, trait, value) => {
  model.set("asked", model.get("asked") + 1);
  model.set(trait, value);
  model.save_changes();
};
let ids = 0; // for ids, by which labels know their fields

// Makes the controls in `box`; returns [redraw, stop].
function makeControls(model, box) {
  const put = (i, place) => {
    if (place !== model.get("places")[i]) move(model, "places", model.get("places").with(i, place));
  };
  const made = model.get("controls").map((control, i) => {
    const parts = { slider: makeSlider, choice: makeChoice, switch: makeSwitch }[control.kind](
      control, (place) => put(i, place), (number) => model.send({ typed: i, number }));
    box.append(parts.element);
    return parts;
  });
  const redraw = () => made.forEach(({ draw }, i) => draw(model.get("controls")[i], model.get("places")[i]));
  return [redraw, () => made.forEach(({ stop }) => stop?.())];
}

function labelled(control, field, ...others) {
  field.id = `gd-${ids++}-${Math.random().toString(36).slice(2)}`;
  const label = make("label", { htmlFor: field.id, textContent: control.name });
  return make("div", { className: `gd-control gd-${control.kind}` }, label, field, ...others);
}

function makeSwitch(control, put) {
  const box = make("input", { type: "checkbox", onchange: () => put(Number(box.checked)) });
  return { element: labelled(control, box), draw: (_, place) => { box.checked = place === 1; } };
}

function makeChoice(control, put) {
  const list = make("select", { onchange: () => put(list.selectedIndex) },
    ...control.words.map((words) => make("option", { textContent: words })));
  return { element: labelled(control, list), draw: (_, place) => { list.selectedIndex = place; } };
}

function makeSlider(control, put, type) {
  const track = make("input", { type: "range", min: 0, step: 1, oninput: () => put(Number(track.value)) });
  const number = make("input", { className: "gd-number", type: "text", inputMode: "decimal", size: 7, autocomplete: "off" });
  number.ariaLabel = `${control.name}, typed`;
  let words, at;
  const draw = ({ words: all, marks }, place) => {
    words = all;
    at = place;
    track.max = all.length - 1;
    track.value = place;
    track.ariaValueText = number.value = all[place];
    drawMarks(strip, marks, all.length - 1);
  };
  const take = () => {
    const typed = number.value.trim().replace(",", ".");
    number.value = words[at];
    if (words.includes(typed)) put(words.indexOf(typed));
    else if (typed && Number.isFinite(Number(typed))) type(Number(typed));
  };
  number.onchange = take;
  number.onkeydown = (event) => { if (event.key === "Enter") take(); };
  const strip = make("div", { className: "gd-marks", hidden: !control.marks.length, ariaHidden: "true" });
  const walk = control.interval ? makeWalk(control, () => at, () => words.length - 1, put) : { buttons: [] };
  track.addEventListener("pointerdown", () => walk.stop?.());
  return { element: labelled(control, track, number, ...walk.buttons, strip), draw, stop: walk.stop };
}

// Marks stand under their places; one that would overlap the one before it stands a line lower.
function drawMarks(strip, marks, last) {
  if (strip.dataset.last === String(last)) return;
  strip.dataset.last = last;
  const spans = marks.map(([place, words]) => make("span", { textContent: words, style: `left: ${(100 * place) / last}%` }));
  strip.replaceChildren(...spans);
  new ResizeObserver(() => {
    let end = -Infinity, low = false;
    for (const span of spans) {
      const { left, right } = span.getBoundingClientRect();
      low = left < end + 4 && !low;
      span.classList.toggle("gd-low", low);
      end = right;
    }
  }).observe(strip);
}

// The buttons that walk a slider. Who asked for less motion gets ten still pictures, one a second.
function makeWalk(control, at, last, put) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let timer = null;
  const show = () => {
    go.textContent = timer ? "❚❚" : "▶";
    go.ariaLabel = go.title = `${timer ? "pause" : "play"} ${control.name}`;
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    show();
  };
  const step = (stride) => {
    put(Math.min(at() + stride, last()));
    if (at() >= last()) stop();
  };
  const go = make("button", { type: "button", onclick: () => {
    if (timer) return stop();
    if (at() >= last()) put(0);
    timer = still.matches ? setInterval(step, 1000, Math.ceil(last() / 10)) : setInterval(step, control.interval, 1);
    show();
  } });
  const back = make("button", { type: "button", textContent: "|◀", onclick: () => { stop(); put(0); } });
  back.ariaLabel = back.title = `${control.name} back to the start`;
  show();
  return { buttons: [go, back], stop };
}
