// An extension of JupyterLab, Notebook 7 and the browser-only edition, loaded as it is: there is nothing to build.
//
// It keeps saved lessons readable. A figure's output is a picture, a text and the view of a widget, which ends with its
// kernel and is then shown as an error in the picture's place. So the course's own views are left out of what is saved,
// wherever that is: the page does it, and no server needs to know. What is open in the page stays as it is. And it
// leaves out the version of Python, or merely opening a lesson would change it.
//
// And it finds the heading that a link into another lesson names.
(() => {
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const ours = (cells) => cells.some((cell) => [cell.source].flat().join("").includes("gd_helpers"));

  function readable(notebook) {
    const saved = structuredClone(notebook), cells = saved.cells.filter((cell) => cell.cell_type === "code");
    if (!ours(cells)) return notebook;
    const shown = cells.flatMap((cell) => cell.outputs.map((output) => output.data ?? {}));
    const viewed = shown.filter((data) => VIEW in data);
    const drawn = viewed.filter((data) => "image/png" in data || "text/html" in data);
    for (const data of drawn) delete data[VIEW];
    if (drawn.length === viewed.length) delete saved.metadata.widgets; // else another's view still needs its state
    return saved;
  }

  function keepsLanguage(model) {
    const set = model.setMetadata.bind(model);
    model.setMetadata = (key, value) => {
      const { version, ...lasting } = value;
      set(key, key === "language_info" && ours(model.toJSON().cells) ? lasting : value);
    };
  }

  // A link into a lesson that was not open: JupyterLab looks for the heading once, when no cell is drawn yet, and what is
  // drawn above it later moves it away. So until it has stood in the upper half for a second.
  async function find(shell, heading) {
    for (let times = 0, seen = 0; times < 100 && seen < 10; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { content, node } = shell.currentWidget ?? {};
      const place = node?.querySelector(`[data-jupyter-id="${CSS.escape(heading)}"]`)?.getBoundingClientRect();
      if (!place) continue;
      const { top, height } = node.querySelector(".jp-WindowedPanel-outer").getBoundingClientRect();
      if (place.top >= top && place.bottom <= top + height / 2) seen += 1;
      else content.setFragment(`#${heading}`);
    }
  }

  // Without a server nothing reaches a cell that runs: the stop button would do nothing, and say nothing.
  function answersStop(commands) {
    const message = "Here a running cell cannot be stopped. If it does not end: Kernel ▸ Restart. What you wrote stays.";
    const say = () => commands.execute("apputils:notify", { message, type: "warning", options: { autoClose: 20000 } });
    commands.commandExecuted.connect((_, { id }) => id === "notebook:interrupt-kernel" && say());
  }

  const plugin = {
    id: "gd-helpers:extension",
    autoStart: true,
    activate({ commands, docRegistry, shell, serviceManager: { contents } }) {
      commands.commandExecuted.connect((_, { id, args, result }) => {
        if (id !== "rendermime:handle-local-link" || !args.id) return;
        result.then(() => find(shell, decodeURIComponent(args.id.slice(1))), () => {});
      });
      docRegistry.addWidgetExtension("Notebook", { createNew: (panel, { model }) => keepsLanguage(model) });
      if (document.querySelector("[data-jupyter-lite-root]")) answersStop(commands);
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
  const module = { __esModule: true, default: plugin };
  (window._JUPYTERLAB ??= {})["gd-helpers"] = { init() {}, get: async () => () => module };
})();
