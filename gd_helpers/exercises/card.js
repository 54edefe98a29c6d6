// What a prediction shows in a cell: its question with answers to choose from, or a number to type; or what was measured.
// The kernel says what (`shown`, see predictions.py); a press of the button tells it what is chosen or typed.

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
let ids = 0;

// What was recorded is kept in the metadata of the notebook that is open in the page: so it outlives the kernel, no Run
// All clears it, and it is saved with the rest. A new kernel is told of it as soon as it asks the same question.
function initialize({ model }) {
  const notebook = model.widget_manager?.context?.model?.sharedModel; // in JupyterLab, Notebook and JupyterLite
  const question = model.get("question");
  if (!question || !notebook?.setMetadata) return;
  const kept = () => notebook.getMetadata("gd_helpers") ?? {};
  const keep = () => {
    const record = model.get("record");
    if (!("said" in record) || JSON.stringify(record) === JSON.stringify(kept()[question])) return;
    notebook.setMetadata("gd_helpers", { ...kept(), [question]: record });
  };
  model.on("change:record", keep);
  keep(); // where the page was opened again, and the kernel still knows
  model.send({ kept: kept()[question] ?? null });
}

function render({ model, el }) {
  const asks = model.get("question") !== "";
  const head = make("div"), answers = make("div", { className: "gd-answers" });
  const note = make("div", { className: "gd-note jp-RenderedHTMLCommon", role: "status", tabIndex: -1 });
  const button = make("button", { type: "button", className: "jupyter-widgets jupyter-button widget-button" });
  let chosen = "", waiting;
  const choose = (answer) => {
    chosen = answer;
    button.disabled = asks && !chosen.trim();
    if (note.textContent.startsWith("Not recorded")) note.textContent = "";
  };
  const press = () => {
    if (button.disabled || button.hidden) return;
    model.send({ said: chosen });
    waiting = setTimeout(() => { note.textContent = "Waiting for the other cells ..."; }, 1000);
  };
  button.onclick = press;
  const inputs = asks ? makeInputs(model, choose, press) : [];
  for (const input of inputs) {
    answers.append(model.get("options").length ? make("label", {}, input, input.value) : input);
  }
  if (model.get("options").length) Object.assign(answers, { role: "radiogroup", ariaLabel: model.get("question") });
  const draw = () => {
    clearTimeout(waiting);
    const shown = model.get("shown"), focused = document.activeElement === button;
    if (head.innerHTML !== shown.head) head.innerHTML = shown.head;
    note.innerHTML = shown.note;
    button.textContent = shown.button;
    button.hidden = !shown.button;
    if (button.hidden && focused) note.focus(); // or the keyboard would be back at the top of the page
    for (const input of inputs) {
      input.disabled = shown.fixed;
      if (input.type === "radio") input.checked = input.value === (chosen || shown.said);
      else if (!chosen) input.value = shown.said;
    }
    choose(chosen || shown.said || "");
    note.innerHTML = shown.note;
  };
  draw();
  el.classList.add("gd-card");
  el.append(head, ...(asks ? [answers, button, note] : [note, button]));
  const lose = () => { // Jupyter marks what has lost its kernel, but anywidget keeps the news from its views
    for (const control of [button, ...inputs]) control.disabled = true;
    note.innerHTML = `<span class="gd-failed">⚠ The kernel was restarted: choose Run All.</span>`;
  };
  const heard = { "change:shown": draw, "msg:custom": draw, comm_live_update: lose };
  for (const [event, hear] of Object.entries(heard)) model.on(event, hear);
  return () => {
    for (const [event, hear] of Object.entries(heard)) model.off(event, hear);
  };
}

function makeInputs(model, choose, press) {
  const name = `gd-card-${ids++}-${Math.random().toString(36).slice(2)}`;
  const options = model.get("options");
  if (options.length) {
    return options.map((value) => make("input", { type: "radio", name, value, onchange: () => choose(value) }));
  }
  const field = make("input", { type: "text", inputMode: "decimal", maxLength: 20, autocomplete: "off" });
  Object.assign(field, { placeholder: model.get("range"), ariaLabel: model.get("question") });
  field.oninput = () => choose(field.value);
  field.onkeydown = (event) => { if (event.key === "Enter" && !event.shiftKey) press(); };
  return [field];
}

export default { initialize, render };
