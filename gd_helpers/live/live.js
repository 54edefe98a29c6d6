// The picture of a live figure: a background drawn once by matplotlib, and over it an SVG whose elements follow the
// controls. The kernel sends attributes (see svg.py); this file sets them. Clicks, drags and arrow keys go back as
// `aim`, a place in SVG units.
const SVG = "http://www.w3.org/2000/svg";
const STEP = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function render({ model, el }) {
  el.classList.add("gd-live");
  try {
    return draw({ model, el });
  } catch (error) {
    el.innerHTML = `<p class="gd-words gd-failed" role="alert">⚠ This figure could not start. Run its cell again.</p>`;
    throw error;
  }
}

function draw({ model, el }) {
  const { size: [width, height], units_per_pixel: unitsPerPixel, hint: how, most, fine } = model.get("still");
  el.innerHTML = `
    <div class="gd-controls"></div><p class="gd-warning" role="alert" hidden></p>
    <div class="gd-scroll"><div class="gd-frame"><img class="gd-background" alt="">
      <svg class="gd-moving" role="img" viewBox="0 0 ${width} ${height}"></svg></div></div>
    <p class="gd-hint gd-more" hidden>The picture goes on to the right: scroll it sideways.
      <span class="gd-room">In JupyterLab, Ctrl+B closes the list of files and makes room.</span></p>
    <p class="gd-hint"></p><p class="gd-words" role="status"></p><pre class="gd-printed"></pre>
    <p class="gd-lost" role="alert">⚠ The kernel was restarted, so this figure no longer moves. Choose Run All in the menu
      Run, and it wakes up.</p>`;
  const [controls, warning, scroll, frame, image, svg, more, hint, words, printed] =
    ["controls", "warning", "scroll", "frame", "background", "moving", "more", "hint:not(.gd-more)", "words",
      "printed"].map((name) => el.querySelector(`.gd-${name}`));
  frame.style.aspectRatio = `${width} / ${height}`;
  frame.style.maxWidth = `${width / unitsPerPixel}px`;
  let elements = [];
  let shapes = [];
  const urls = new Map(); // object URLs in use, so that each is released when its picture is replaced

  const url = (key, bytes) => {
    URL.revokeObjectURL(urls.get(key));
    urls.set(key, bytes.byteLength ? URL.createObjectURL(new Blob([bytes], { type: "image/png" })) : "");
    return urls.get(key);
  };
  const drawStyles = () => {
    shapes = model.get("styles").map(({ shape }) => shape);
    elements = model.get("styles").map(({ tag = "path", shape, ...style }) => {
      const element = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(style)) element.setAttribute(name, value);
      return element;
    });
    svg.replaceChildren(...elements);
  };
  const drawMoves = (moves) => {
    elements.forEach((element, i) => {
      for (const [name, value] of Object.entries(moves[i] ?? moves[i + 1] ?? {})) {
        if (name === "text") element.textContent = value;
        else if (name === "png") element.setAttribute("href", url(i, value));
        else if (name === "at") element.setAttribute("d", value.replace(/\S+/g, (place) => `M${place}${shapes[i]}`));
        else element.setAttribute(name, value);
      }
    });
  };
  const warn = (told) => { // above the picture, where the hand is
    warning.textContent = told && `⚠ ${told}`;
    warning.hidden = !told;
  };
  const say = (told, failed = false, alsoPrinted = "") => {
    warn(failed ? told : "");
    words.textContent = failed ? "" : told;
    frame.classList.toggle("gd-old", failed);
    svg.setAttribute("aria-label", told);
    printed.textContent = alsoPrinted;
    printed.hidden = !alsoPrinted;
  };

  // Pictures that were sent ahead of the hand, by where the controls stand: ahead.py has the rules.
  const ahead = new Map();
  let epoch, drawn = {}; // since when they hold; what stands still there, and the styles
  let drawnFor = 0, early = false; // for which move the picture is that stands there; whether it was sent ahead
  const here = () => JSON.stringify([model.get("places"), model.get("aim").map((x) => Math.round(fine * x))]);
  const drawAhead = () => {
    if (model.get("asked") <= drawnFor || !ahead.has(here())) return;
    [drawnFor, early] = [model.get("asked"), true];
    const [moves, told] = ahead.get(here());
    drawMoves(moves);
    say(told);
  };
  const hear = ({ ahead: pictures, epoch: since, refused }) => {
    if (refused) warn(refused); // a number that was typed
    if (!pictures || since !== epoch) return; // something has changed since it was sent
    for (const [place, picture] of pictures) ahead.set(place, picture);
    bound();
    drawAhead(); // the hand may be there by now
  };
  const bound = () => {
    for (const place of ahead.keys()) if (ahead.size > most) ahead.delete(place);
    svg.dataset.ahead = ahead.size; // for whoever drives the page
  };
  let waiting; // where the kernel does not answer, it is busy: the picture is of an earlier move
  const wait = () => {
    clearTimeout(waiting);
    if (model.get("asked") <= drawnFor) return;
    waiting = setTimeout(() => {
      words.textContent = "Waiting for the other cells, or what else the kernel is busy with: then the picture follows.";
      frame.classList.add("gd-old");
    }, 1000);
  };
  const drawAnswer = () => {
    const [, since, asked, kept] = model.get("answer");
    const asExpected = early && asked === drawnFor && since === epoch;
    if (since !== epoch) ahead.clear();
    epoch = since;
    if (kept && asked === model.get("asked")) ahead.set(here(), [model.get("moves"), model.get("words")]);
    bound();
    if (asked < drawnFor) return; // a newer picture stands there, and its own answer is under way
    [drawnFor, early] = [asked, false];
    wait();
    if (asExpected) return;
    if (drawn.still !== model.get("still")) image.src = url(image, model.get("still").background);
    if (drawn.styles !== model.get("styles")) drawStyles();
    drawn = { still: model.get("still"), styles: model.get("styles") };
    drawMoves(model.get("moves"));
    say(model.get("words"), model.get("failed"), model.get("printed"));
  };
  model.on("msg:custom", hear);
  if (model.get("answer")[0] > 0) model.send({ opened: true }); // what was sent ahead to an earlier page is gone

  const [drawControls, stopControls] = makeControls(model, controls);
  aimIn(frame, model);
  hint.textContent = how;
  hint.hidden = !how;
  // A wide picture on a narrow screen scrolls; then it must be within reach of the keyboard, too.
  const narrow = new ResizeObserver(() => {
    const scrolls = scroll.scrollWidth > scroll.clientWidth + 1;
    // once, to where the aim is, if there is one: from then on it is the reader's own
    if (scrolls && !scroll.role) scroll.scrollLeft = (model.get("aim")[0] / width) * scroll.scrollWidth - scroll.clientWidth / 2;
    more.hidden = !scrolls;
    scroll.toggleAttribute("tabindex", scrolls);
    if (scrolls) Object.assign(scroll, { tabIndex: 0, role: "group", ariaLabel: "the picture, which scrolls sideways" });
  });
  narrow.observe(scroll);

  // Jupyter marks what has lost its kernel, but anywidget keeps the news from its views.
  const lose = () => {
    el.classList.add("jupyter-widgets-disconnected");
    clearTimeout(waiting);
    ahead.clear();
    stopControls();
  };
  model.on("comm_live_update", lose);

  const redraws = { controls: drawControls, places: () => { drawControls(); drawAhead(); wait(); }, aim: () => { drawAhead(); wait(); }, answer: drawAnswer };
  for (const [name, redraw] of Object.entries(redraws)) {
    redraw();
    model.on(`change:${name}`, redraw);
  }
  return () => {
    for (const [name, redraw] of Object.entries(redraws)) model.off(`change:${name}`, redraw);
    model.off("comm_live_update", lose);
    model.off("msg:custom", hear);
    for (const used of urls.values()) URL.revokeObjectURL(used);
    narrow.disconnect();
    stopControls();
  };
}

// Choosing a point: by pointer in any of the targets, in the first also by dragging, or with the arrow keys (with Shift
// in finer steps). Only the targets take the finger: a swipe on the rest of the picture scrolls the page.
function aimIn(frame, model) {
  const { size: [width, height], hint, targets } = model.get("still");
  const aimAt = ([x, y], [left, top, right, bottom]) => {
    move(model, "aim", [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)]);
  };
  const place = (event) => {
    const box = frame.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  };
  targets.forEach((target, i) => {
    const [left, top, right, bottom] = target;
    const part = make("div", { className: "gd-target" });
    const percent = { left: left / width, top: top / height, width: (right - left) / width, height: (bottom - top) / height };
    for (const [name, value] of Object.entries(percent)) part.style[name] = `${100 * value}%`;
    part.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      if (i === 0) part.setPointerCapture(event.pointerId);
      aimAt(place(event), target);
    });
    if (i === 0) {
      part.tabIndex = 0;
      part.role = "application"; // its arrow keys are for us, not for a screen reader's own walking about
      part.ariaLabel = hint;
      part.addEventListener("pointermove", (event) => {
        if (part.hasPointerCapture(event.pointerId)) aimAt(place(event), target);
      });
      part.addEventListener("keydown", (event) => {
        if (!(event.key in STEP) || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        const far = model.get("key_step") / (event.shiftKey ? 8 : 1);
        const [x, y] = model.get("aim");
        aimAt([x + STEP[event.key][0] * far, y + STEP[event.key][1] * far], target);
      });
    }
    frame.append(part);
  });
}

export default { render };
