// The picture of a live figure: a background drawn once by matplotlib, and over it an SVG whose elements follow the
// sliders. The kernel sends attributes (see svg.py); this file sets them. Clicks, drags and arrow keys go back as
// `aim`, a place in SVG units.
const SVG = "http://www.w3.org/2000/svg";
const STEP = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function render({ model, el }) {
  const [width, height] = model.get("size");
  el.classList.add("gd-live");
  el.innerHTML = `
    <div class="gd-frame"><img class="gd-background" alt="">
      <svg class="gd-moving" role="img" viewBox="0 0 ${width} ${height}"></svg></div>
    <p class="gd-hint"></p><p class="gd-words"></p>`;
  const [frame, image, svg, hint, words] = ["frame", "background", "moving", "hint", "words"]
    .map((name) => el.querySelector(`.gd-${name}`));
  frame.style.aspectRatio = `${width} / ${height}`;
  frame.style.maxWidth = `${width / model.get("units_per_pixel")}px`;
  let elements = [];
  let shapes = [];
  const urls = new Map(); // object URLs in use, so that each is released when its picture is replaced

  const url = (key, bytes) => {
    URL.revokeObjectURL(urls.get(key));
    urls.set(key, bytes.byteLength ? URL.createObjectURL(new Blob([bytes], { type: "image/png" })) : "");
    return urls.get(key);
  };
  const drawBackground = () => { image.src = url(image, model.get("background")); };
  const drawStyles = () => {
    shapes = model.get("styles").map(({ shape }) => shape);
    elements = model.get("styles").map(({ tag = "path", shape, ...style }) => {
      const element = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(style)) element.setAttribute(name, value);
      return element;
    });
    svg.replaceChildren(...elements);
    drawMoves();
  };
  const drawMoves = () => {
    const moves = model.get("moves");
    elements.forEach((element, i) => {
      for (const [name, value] of Object.entries(moves[i] ?? moves[i + 1] ?? {})) {
        if (name === "text") element.textContent = value;
        else if (name === "png") element.setAttribute("href", url(i, value));
        else if (name === "at") element.setAttribute("d", value.replace(/\S+/g, (place) => `M${place}${shapes[i]}`));
        else element.setAttribute(name, value);
      }
    });
  };
  const drawWords = () => {
    const failed = model.get("failed");
    words.textContent = (failed ? "⚠ " : "") + model.get("words");
    words.classList.toggle("gd-failed", failed);
    words.setAttribute("role", failed ? "alert" : "status");
    svg.setAttribute("aria-label", model.get("words"));
  };

  // Choosing a point: by pointer, or with the arrow keys (with Shift in finer steps) when the picture has focus.
  const place = (event) => {
    const box = svg.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  };
  const inTarget = ([x, y]) => {
    const [left, top, right, bottom] = model.get("target");
    return x >= left && x <= right && y >= top && y <= bottom;
  };
  const aimAt = ([x, y]) => {
    const [left, top, right, bottom] = model.get("target");
    model.set("aim", [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)]);
    model.save_changes();
  };
  if (model.get("target").length) {
    svg.tabIndex = 0;
    svg.classList.add("gd-aimable");
    svg.dataset.target = model.get("target").map(Math.round).join(" "); // for whoever drives the page
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !inTarget(place(event))) return;
      svg.setPointerCapture(event.pointerId);
      aimAt(place(event));
    });
    svg.addEventListener("pointermove", (event) => {
      svg.style.cursor = inTarget(place(event)) ? "crosshair" : "default";
      if (svg.hasPointerCapture(event.pointerId)) aimAt(place(event));
    });
    svg.addEventListener("keydown", (event) => {
      if (!(event.key in STEP)) return;
      event.preventDefault();
      event.stopPropagation(); // JupyterLab would move to another cell
      const far = (event.shiftKey ? 1 : 8) * model.get("units_per_pixel");
      const [x, y] = model.get("aim");
      aimAt([x + STEP[event.key][0] * far, y + STEP[event.key][1] * far]);
    });
  }
  hint.textContent = model.get("hint");
  hint.hidden = !model.get("hint");

  const draw = { background: drawBackground, styles: drawStyles, moves: drawMoves, words: drawWords, failed: drawWords };
  for (const [name, redraw] of Object.entries(draw)) {
    redraw();
    model.on(`change:${name}`, redraw);
  }
  return () => {
    for (const [name, redraw] of Object.entries(draw)) model.off(`change:${name}`, redraw);
    for (const used of urls.values()) URL.revokeObjectURL(used);
  };
}

export default { render };
