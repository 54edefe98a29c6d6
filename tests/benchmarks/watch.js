// In the page: how long after the key press does the picture change, and how long until it is shown? Each way of
// drawing has its own moment at which the new picture is there, and each watcher calls `changed` at that moment. It is
// shown when the browser has drawn its next frame: the message is answered after that.
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
};

latency.arm = (how, nodes) => {
  if (!nodes.length) throw new Error("nothing to watch");
  latency.pressed = null;
  latency.next = new Promise((resolve) => {
    const finish = (...milliseconds) => {
      clearTimeout(late);
      resolve(milliseconds);
    };
    const since = () => performance.now() - latency.pressed;
    const stop = watchers[how](nodes, () => {
      if (latency.pressed === null) return; // something older is still drawn
      stop();
      const changed = since();
      requestAnimationFrame(() => {
        const drawn = new MessageChannel();
        drawn.port1.onmessage = () => finish(changed, since());
        drawn.port2.postMessage(null);
      });
    });
    const late = setTimeout(() => {
      stop();
      finish(NaN, NaN);
    }, 10_000);
  });
};
window.latency = latency;

// How many pictures are shown while a key is held: frames at which something has changed since the one before.
latency.count = (nodes) => {
  let changed = false, shown = 0, counting = true;
  const stop = watchers.elements(nodes, () => { changed = true; });
  const look = () => {
    shown += changed;
    changed = false;
    if (counting) requestAnimationFrame(look);
  };
  look();
  latency.counted = () => {
    stop();
    counting = false;
    return shown;
  };
};

// With `keepDrawing(true)` the browser draws frame after frame, as it does while a slider is dragged.
let drawing = false;
const draw = () => { if (drawing) requestAnimationFrame(draw); };
latency.keepDrawing = (on) => {
  drawing = on;
  draw();
};
