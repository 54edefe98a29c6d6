// What moves in a page without a kernel: live figures over stored pictures, and predictions that this browser keeps.
import live from "./live.js";

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// Stands in for the model of a live figure: where a control moves, it answers with a picture that is stored.
class Stored {
  state = { asked: 0, printed: "", failed: false, answer: [-1, 0, 0] };
  listeners = {};
  pictures = []; // each with all its traits

  get(name) { return this.state[name]; }
  on(name, listener) { (this.listeners[name] ??= new Set()).add(listener); }
  off(name, listener) { this.listeners[name]?.delete(listener); }
  set(name, value) {
    this.state[name] = value;
    for (const listener of this.listeners[`change:${name}`] ?? []) listener();
  }

  take(line) { // only what differs from the one before
    const traits = JSON.parse(line, (name, value) => (name === "png" || name === "background" ? bytes(value) : value));
    this.pictures.push({ ...this.pictures.at(-1), ...traits });
  }

  show(picture) {
    this.here = picture;
    const answer = [this.state.answer[0] + 1, 0, this.state.asked];
    for (const [name, value] of Object.entries({ ...picture, answer })) this.set(name, value);
  }

  // What has moved goes where it is asked to, or on in that direction; all else stays as near as there is a picture.
  save_changes() {
    const { here, state: { places, aim, controls, still: { size } } } = this;
    const aimed = aim.some((x, i) => x !== here.aim[i]) ? 1e3 : 1;
    let [nearest, least] = [here, Infinity];
    for (const picture of this.pictures) {
      let far = 0;
      places.forEach((place, i) => {
        const way = place - here.places[i], back = way && way * (picture.places[i] - here.places[i]) <= 0;
        far += (Math.abs(place - picture.places[i]) / controls[i].words.length) * (way ? 1e3 : 1) + (back ? 1e6 : 0);
      });
      aim.forEach((x, i) => { far += (Math.abs(x - picture.aim[i]) / size[i]) * aimed; });
      if (far < least) [nearest, least] = [picture, far];
    }
    this.show(nearest);
  }

  send({ typed, number }) { // a number was typed beside a slider
    const far = this.state.controls[typed].words.map((words) => Math.abs(Number(words) - number));
    this.set("places", this.state.places.with(typed, far.indexOf(Math.min(...far))));
    this.save_changes();
  }
}

// Wakes a figure: it moves as soon as its first picture is here, while the others are on their way.
async function wake(figure) {
  near.unobserve(figure);
  const { body } = await fetch(figure.dataset.pictures);
  const lines = body.pipeThrough(new DecompressionStream("gzip")).pipeThrough(new TextDecoderStream()).getReader();
  const model = new Stored();
  let rest = "";
  for (let { done, value } = await lines.read(); !done; { done, value } = await lines.read()) {
    const whole = (rest + value).split("\n");
    rest = whole.pop();
    whole.forEach((line) => model.take(line));
    if (model.here || !model.pictures.length) continue;
    model.show(model.pictures[0]);
    live.render({ model, el: figure });
    fold(figure, model);
  }
  figure.dataset.kept = model.pictures.length; // for whoever drives the page
}

// On a narrow screen the parts of a picture stand one above the other (pages.css). The one to aim in, or else the first,
// is the figure itself; the others show what it shows.
function fold(figure, model) {
  const { size: [width, height], parts, targets: [target], units_per_pixel: units } = model.get("still");
  const [scroll, frame, image, svg] = ["scroll", "frame", "background", "moving"].map((name) => figure.querySelector(`.gd-${name}`));
  const around = (part) => target?.every((end, side) => (side < 2 ? part[side] <= end : end <= part[side]));
  const own = parts.find(around) ?? parts[0];
  svg.id = figure.dataset.pictures;
  for (const part of parts) {
    const [left, top, right, bottom] = part, [w, h] = [right - left, bottom - top];
    const box = document.createElement("div");
    box.className = "gd-part";
    box.style = `--natural: ${w / units}px; --ratio: ${w / h}; --zoom: ${width / w}; --left: ${-left / w}; --top: ${-top / h}`;
    scroll.append(box);
    if (part === own) box.append(frame);
    else box.innerHTML = `<svg viewBox="${left} ${top} ${w} ${h}" aria-hidden="true"><image width="${width}" height="${height}"
      href="${image.src}"/><use href="#${svg.id}" width="${width}" height="${height}"/></svg>`;
  }
  const follow = () => scroll.querySelectorAll(".gd-part > svg > image").forEach((one) => one.setAttribute("href", image.src));
  new MutationObserver(follow).observe(image, { attributeFilter: ["src"] });
}

const near = new IntersectionObserver((seen) => seen.forEach((one) => one.isIntersecting && wake(one.target)), { rootMargin: "600px" });
document.querySelectorAll("[data-pictures]").forEach((figure) => near.observe(figure));

// live.css knows a dark page as JupyterLab says it.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
(dark.onchange = () => { document.documentElement.dataset.jpThemeLight = !dark.matches; })();

// Predictions: what was chosen is kept in this browser, and stands beside what was measured.
const answers = JSON.parse(localStorage.getItem("predictions") ?? "{}");
function compare(question) {
  if (!(question in answers)) return;
  for (const revealed of document.querySelectorAll(`[data-revealed="${CSS.escape(question)}"] summary`))
    revealed.textContent = `You said: ${answers[question]}. Open this to compare.`;
  for (const { cells } of document.querySelectorAll(".output tr"))
    if (cells.length > 2 && cells[0].textContent === question) cells[1].textContent = answers[question];
}
for (const field of document.querySelectorAll("[data-asked]")) {
  const { asked } = field.dataset;
  for (const input of field.elements)
    if (input.type === "radio") input.checked = input.value === answers[asked];
    else input.value = answers[asked] ?? "";
  field.addEventListener("change", ({ target }) => {
    answers[asked] = target.value;
    localStorage.setItem("predictions", JSON.stringify(answers));
    compare(asked);
  });
  compare(asked);
}
window.addEventListener("beforeprint", () => document.querySelectorAll("details:has(figure)").forEach((one) => { one.open = true; }));
