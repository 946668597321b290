// The playground's page. Python answers in a worker; here is what a reader sees and clicks.
const by = (id) => document.getElementById(`pg-${id}`);
const BENCHMARKS = { ifeval: "IFEval", iftrain: "IFTrain", ifbench: "IFBench", "": "Our own" };
const LONGEST = 100_000; // characters of a response: what a page can show in good time

let constraints = [];
let calls = 0;
const waiting = new Map();
let worker;

function status(text, kind = "") {
  by("status").textContent = text;
  by("status").className = `pg-status ${kind}`;
}

function begin() {
  if (location.protocol === "file:") {
    status(
      "A browser runs Python only on pages that a server gives it, and this one is a file. " +
        "Run: hppt site --serve, and open the address that it prints.",
      "pg-failed",
    );
    return;
  }
  const started = performance.now();
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.onerror = (event) => status(`Python did not start: ${event.message || "the worker failed"}`, "pg-failed");
  worker.onmessage = async ({ data }) => {
    if (data.failed) return status(`Python did not start: ${data.failed}`, "pg-failed");
    if (data.ready) {
      constraints = await ask("constraints", {});
      fillList("");
      choose("punctuation:no_comma");
      by("form").hidden = false;
      by("attack").hidden = false;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      status(`Ready after ${seconds} s: ${constraints.length} constraints.`, "pg-ready");
      return undefined;
    }
    waiting.get(data.number)?.(data.result);
    waiting.delete(data.number);
    return undefined;
  };
}

function ask(call, given) {
  const number = ++calls;
  worker.postMessage({ number, call, given });
  return new Promise((answer) => waiting.set(number, answer));
}

// --- the constraint and its parameters ---

function fillList(wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = by("constraint").value;
  const groups = new Map();
  for (const each of constraints) {
    const text = `${each.id} ${each.summary} ${BENCHMARKS[each.benchmark]}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    if (!groups.has(each.benchmark)) groups.set(each.benchmark, []);
    groups.get(each.benchmark).push(each);
  }
  const list = by("constraint");
  list.replaceChildren();
  for (const [benchmark, members] of groups) {
    const group = make("optgroup", { label: BENCHMARKS[benchmark] ?? benchmark });
    for (const each of members) group.append(make("option", { value: each.id }, each.id));
    list.append(group);
  }
  if (chosen && [...list.options].some((each) => each.value === chosen)) list.value = chosen;
  return list.options.length;
}

function current() {
  return constraints.find((each) => each.id === by("constraint").value);
}

function choose(id, kwargs) {
  by("constraint").value = id;
  const constraint = current();
  if (!constraint) return;
  by("summary").textContent = constraint.summary;
  const place = by("parameters");
  place.replaceChildren(place.firstElementChild);
  place.hidden = constraint.parameters.length === 0;
  for (const each of constraint.parameters) place.append(field(each, kwargs?.[each.name]));
  showDifferences(constraint);
  by("attacks").replaceChildren();
  verify();
}

function field(parameter, value = parameter.sample) {
  const id = `pg-parameter-${parameter.name}`;
  let input;
  if (parameter.kind === "choice") {
    input = make("select", { id });
    for (const each of parameter.choices) input.append(make("option", { value: each }, each));
    input.value = value;
  } else if (parameter.kind === "number") {
    input = make("input", { id, type: "number", value });
    if (parameter.least !== null) input.min = parameter.least;
    if (parameter.most !== null) input.max = parameter.most;
  } else {
    const lines = Array.isArray(value) ? value : [value];
    input = make("textarea", { id, rows: Math.min(4, String(lines.join("\n")).split("\n").length) });
    input.value = lines.join("\n");
  }
  input.dataset.name = parameter.name;
  input.addEventListener("input", soon);
  const hint = parameter.kind === "list" ? " (one a line)" : "";
  const label = make("label", { htmlFor: id }, parameter.name.replaceAll("_", " ") + hint);
  const box = make("div", { className: "pg-field" });
  box.append(label, input);
  return box;
}

function kwargs() {
  const given = {};
  for (const each of current().parameters) {
    const text = document.getElementById(`pg-parameter-${each.name}`).value;
    if (each.kind === "number") given[each.name] = text === "" ? text : Number(text);
    else if (each.kind === "list") {
      const lines = text.split("\n").filter((line) => line.trim());
      given[each.name] = each.whole ? lines.map(Number) : lines;
    } else given[each.name] = text;
  }
  return given;
}

// --- verdicts ---

let timer;
function soon() {
  clearTimeout(timer);
  timer = setTimeout(verify, 250); // ms: while somebody types
}

let latest = 0;
async function verify() {
  const constraint = current();
  if (!constraint) return;
  const mine = ++latest;
  const response = by("response").value.slice(0, LONGEST);
  const result = await ask("check", { id: constraint.id, kwargs: kwargs(), response });
  if (mine !== latest) return; // something was typed since
  const place = by("verdicts");
  place.replaceChildren();
  if (result.error) {
    place.append(make("p", { className: "pg-status pg-failed" }, result.error));
    return;
  }
  if (result.wording) place.append(make("p", { className: "pg-wording" }, `“${result.wording}”`));
  const panels = make("div", { className: "pg-panels" });
  for (const [reading, found] of Object.entries(result.readings)) panels.append(panel(reading, found));
  place.append(panels);
  if (constraint.stand_in) {
    place.append(
      make(
        "p",
        { className: "pg-note" },
        "The reading text cuts sentences here with plain rules, not with sentencex: the installed kit may differ.",
      ),
    );
  }
}

function panel(reading, found) {
  const box = make("div", { className: "pg-panel" });
  const what = reading === "text" ? "as a careful person reads it" : "as the benchmark's program decides";
  box.append(make("p", { className: "pg-heading" }, `Reading ${reading}`), make("p", { className: "pg-note" }, what));
  if (found.absent) {
    box.append(make("p", {}, found.absent));
    return box;
  }
  box.append(verdict("Strict", found.strict), verdict("Loose", found.loose));
  const more = make("details", {});
  more.append(make("summary", {}, "The seven loose variants"));
  const list = make("ul", { className: "pg-variants" });
  for (const each of found.variants) {
    const item = make("li", {});
    item.append(mark(each.passed), ` ${each.change}: ${each.reason}`);
    list.append(item);
  }
  more.append(list);
  box.append(more);
  return box;
}

function verdict(name, given) {
  const line = make("p", { className: "pg-verdict" });
  line.append(make("span", { className: "pg-kind" }, name), " ", mark(given.passed), ` ${given.reason}`);
  return line;
}

function mark(passed) {
  return make("span", { className: passed ? "pg-pass" : "pg-fail" }, passed ? "passed" : "failed");
}

// --- known differences, and answers that say nothing ---

function showDifferences(constraint) {
  const place = by("differences");
  place.replaceChildren();
  if (!constraint.differences.length) return;
  const box = make("details", {});
  box.append(make("summary", {}, `Where the two readings differ: ${constraint.differences.length} known`));
  for (const each of constraint.differences) {
    const row = make("div", { className: "pg-difference" });
    const button = make("button", { type: "button" }, "Try its example");
    button.addEventListener("click", () => {
      by("response").value = each.example;
      choose(constraint.id, each.kwargs);
      by("verdicts").scrollIntoView({ block: "nearest" });
    });
    row.append(
      make("p", {}, `reference: ${each.reference}`),
      make("p", {}, `text: ${each.text}`),
      button,
    );
    box.append(row);
  }
  place.append(box);
}

async function attack() {
  const constraint = current();
  const result = await ask("attack", { id: constraint.id, kwargs: kwargs(), prompt: by("prompt").value || "x" });
  const place = by("attacks");
  place.replaceChildren();
  if (result.error) {
    place.append(make("p", { className: "pg-status pg-failed" }, result.error));
    return;
  }
  const readings = Object.keys(result.rows[0].verdicts);
  const counts = readings.map((reading) => {
    const answered = result.rows.filter((row) => !row.verdicts[reading].absent);
    if (!answered.length) return `reading ${reading}: no verdict here`;
    const passed = answered.filter((row) => row.verdicts[reading].passed);
    const left = passed.filter((row) => row.guard.passed);
    return `reading ${reading}: ${passed.length} of ${answered.length} pass, and ${left.length} with the guard`;
  });
  place.append(
    make("p", { className: "pg-wording" }, `${counts.join("; ")}.`),
    make("p", { className: "pg-note" }, "The guard asks for three content words that the prompt lacks. It is a rule, too: some get past it."),
  );
  const table = make("table", {});
  const head = make("tr", {});
  for (const name of ["Answer", ...readings, "guard"]) head.append(make("th", { scope: "col" }, name));
  table.append(wrap("thead", head));
  const body = make("tbody", {});
  for (const row of result.rows) {
    const line = make("tr", {});
    const said = make("td", {});
    said.append(make("code", {}, row.response), make("span", { className: "pg-note" }, row.name === row.response ? "" : ` ${row.name}`));
    line.append(said);
    for (const each of [...readings.map((reading) => row.verdicts[reading]), row.guard]) {
      const cell = make("td", { title: each.reason ?? each.absent });
      cell.append(each.absent ? "none" : mark(each.passed));
      line.append(cell);
    }
    body.append(line);
  }
  table.append(body);
  const scroll = make("div", { className: "pg-scroll", tabIndex: 0 });
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Answers that say nothing");
  scroll.append(table);
  place.append(scroll);
}

// --- helpers ---

function make(tag, properties, text) {
  const node = Object.assign(document.createElement(tag), properties);
  if (text !== undefined) node.textContent = text;
  return node;
}

function wrap(tag, inside) {
  const node = make(tag, {});
  node.append(inside);
  return node;
}

by("search").addEventListener("input", (event) => {
  const before = by("constraint").value;
  if (fillList(event.target.value) && by("constraint").value !== before) choose(by("constraint").value);
});
by("form").addEventListener("submit", (event) => event.preventDefault());
by("constraint").addEventListener("change", () => choose(by("constraint").value));
by("response").addEventListener("input", soon);
by("attack-button").addEventListener("click", attack);
begin();
