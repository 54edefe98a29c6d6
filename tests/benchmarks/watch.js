// In the page: how long after the key press does the picture change? Each way of drawing has its own moment at which
// the new picture is there, and each watcher calls `changed` at that moment.
const latency = { pressed: null, next: null };
document.addEventListener("keydown", (event) => { latency.pressed = event.timeStamp; }, true);

const watchers = {
  // Text and SVG are changed in place: the first change to any of them counts.
  elements(nodes, changed) {
    const observer = new MutationObserver(changed);
    for (const node of nodes) {
      observer.observe(node, { subtree: true, childList: true, characterData: true, attributes: true });
    }
    return () => observer.disconnect();
  },
  // An image is replaced by another one, which is there when it is decoded.
  image([area], changed) {
    const before = area.querySelector("img")?.src;
    const observer = new MutationObserver(() => {
      const image = area.querySelector("img");
      if (image?.src && image.src !== before) image.decode().then(changed, () => {});
    });
    observer.observe(area, { subtree: true, childList: true, attributes: true });
    return () => observer.disconnect();
  },
  // A canvas is there when an image has been drawn into it.
  canvas([canvas], changed) {
    const context = canvas.getContext("2d");
    context.drawImage = (...args) => {
      CanvasRenderingContext2D.prototype.drawImage.apply(context, args);
      changed();
    };
    return () => delete context.drawImage;
  },
};

latency.arm = (how, nodes) => {
  if (!nodes.length) throw new Error("nothing to watch");
  latency.pressed = null;
  latency.next = new Promise((resolve) => {
    const finish = (milliseconds) => {
      stop();
      clearTimeout(late);
      resolve(milliseconds);
    };
    const stop = watchers[how](nodes, () => {
      if (latency.pressed !== null) finish(performance.now() - latency.pressed); // else something older is still drawn
    });
    const late = setTimeout(() => finish(NaN), 10_000);
  });
};
window.latency = latency;
