// Runs Python beside the page, so that a slow verdict does not stop the typing.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const here = new URL(".", import.meta.url).href;

async function start() {
  const [python, kit] = await Promise.all([
    loadPyodide({ indexURL: `${here}pyodide/` }),
    fetch(`${here}kit.zip`).then((reply) => {
      if (!reply.ok) throw new Error(`kit.zip: ${reply.status} ${reply.statusText}`);
      return reply.arrayBuffer();
    }),
  ]);
  python.unpackArchive(kit, "zip", { extractDir: "/kit" });
  python.runPython("import sys; sys.path.insert(0, '/kit'); from hppt_lib.course.in_browser.verdicts import answer");
  return python.globals.get("answer");
}

const started = start();

started.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error.message || error) }),
);

onmessage = async ({ data: { number, call, given } }) => {
  try {
    const answer = await started;
    postMessage({ number, result: JSON.parse(answer(call, JSON.stringify(given))) });
  } catch (error) {
    const lines = String(error.message || error).trim().split("\n");
    postMessage({ number, result: { error: lines[lines.length - 1] } });
  }
};
