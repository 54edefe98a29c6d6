// An extension of JupyterLab, Notebook 7 and the browser-only edition, loaded as it is: there is nothing to build.
//
// It keeps saved lessons readable. A figure's output is a picture, a text and the view of a widget, which ends with its
// kernel and is then shown as an error in the picture's place. So the course's own views are left out of what is saved,
// wherever that is: the page does it, and no server needs to know. What is open in the page stays as it is.
(() => {
  const VIEW = "application/vnd.jupyter.widget-view+json";

  function readable(notebook) {
    const saved = structuredClone(notebook), cells = saved.cells.filter((cell) => cell.cell_type === "code");
    if (!cells.some((cell) => [cell.source].flat().join("").includes("gd_helpers"))) return notebook;
    const shown = cells.flatMap((cell) => cell.outputs.map((output) => output.data ?? {}));
    const viewed = shown.filter((data) => VIEW in data);
    const ours = viewed.filter((data) => "image/png" in data || "text/html" in data);
    for (const data of ours) delete data[VIEW];
    if (ours.length === viewed.length) delete saved.metadata.widgets; // else another's view still needs its state
    return saved;
  }

  const plugin = {
    id: "gd-helpers:extension",
    autoStart: true,
    activate({ serviceManager: { contents } }) {
      const save = contents.save.bind(contents);
      contents.save = (path, options) => {
        try {
          if (options?.type === "notebook") options = { ...options, content: readable(options.content) };
        } catch (error) {
          console.warn("gd_helpers: a notebook is saved as it is, with its widget views", error);
        }
        return save(path, options);
      };
    },
  };

  // What a page asks of an extension (https://webpack.js.org/concepts/module-federation).
  (window._JUPYTERLAB ??= {})["gd-helpers"] = {
    init() {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
