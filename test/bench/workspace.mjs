/**
 * What an edit costs in a large workspace: generates 4,000 modules, 1,000 of which import one hub, starts the built server
 * on them, waits until they are indexed and edits. `open` is the edited document's own answer, `elsewhere` the time until
 * the open document in another file says what the edit means for it. Prints milliseconds as JSON.
 *
 *   node test/bench/workspace.mjs [--server FILE] [--files 4000] [--edits 40]
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { BUILT_SERVER, distribution, round, startServer, TypedDocument } from "./client.mjs";
import { workspace } from "./programs.mjs";

const { values: options } = parseArgs({
  options: {
    server: { type: "string", default: BUILT_SERVER },
    files: { type: "string", default: "4000" },
    edits: { type: "string", default: "40" },
  },
});

/** The text of a function that the open module calls. */
const STEP = "def step_4(value, limit=4):\n    time.sleep(0.5)";

/* Every edit adds or takes a line, so that the diagnostics behind it move and are published. */
const folder = mkdtempSync(join(tmpdir(), "loopguard-bench-"));
const texts = workspace(Number(options.files), 4);
for (const [path, text] of texts) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
const server = startServer(options.server);
try {
  console.log(JSON.stringify(await measure(), undefined, 2));
} finally {
  server.stop();
  rmSync(folder, { recursive: true });
}

async function measure() {
  const uri = pathToFileURL(folder).href;
  await server.request("initialize", {
    processId: process.pid,
    rootUri: uri,
    workspaceFolders: [{ uri, name: "bench" }],
    capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } }, window: { workDoneProgress: true } },
  });
  const begin = performance.now();
  const indexed = server.notified("$/progress", ({ value }) => value.kind === "end");
  server.notify("initialized", {});
  await indexed;
  const index = performance.now() - begin;
  const hub = documentAt("core/hub.py");
  const user = documentAt("package_0/module_4.py");
  const { diagnostics } = await user.open();
  await hub.open();
  if (diagnostics.length === 0) throw new Error("The open module has no findings; there is nothing to measure.");
  const result = {
    files: texts.size,
    index: round(index),
    // A line more in a body: nothing that anybody else sees.
    bodyEdit: await edit(hub, user, ["time.sleep(0.5)", "print(value)\n    time.sleep(0.5)"]),
    // What the open module calls blocks longer: its diagnostics change.
    effectEdit: await edit(hub, user, [STEP, STEP.replace("0.5", "\n        0.7")], true),
    // What 1,000 modules call gets another signature.
    signatureEdit: await edit(hub, user, ["def step_4(value, limit=4)", "def step_4(value, limit=4,\n    other=5)"]),
    // What they call becomes a coroutine function: it means something else to all of them.
    flavourEdit: await edit(hub, user, ["def step_4", "\nasync def step_4"], true),
    importEdit: await edit(hub, user, ["import json", "import json\nimport os"]),
    newFunction: await edit(hub, user, ["class Settings", "def added():\n    pass\n\n\nclass Settings"]),
    memory: residentBytes(server.pid),
  };
  await server.request("shutdown", undefined);
  server.notify("exit", undefined);
  return result;
}

function documentAt(path) {
  return new TypedDocument(server, pathToFileURL(join(folder, path)).href, texts.get(path));
}

/** Makes an edit and takes it back, again and again. `isSeen`: the other document's diagnostics change with it. */
async function edit(document, other, [from, to], isSeen = false) {
  const times = [];
  const elsewhere = [];
  for (let count = 0; count < Number(options.edits); count++) {
    const seen = isSeen && server.notified("textDocument/publishDiagnostics", (params) => params.uri === other.uri);
    const begin = performance.now();
    times.push(await (count % 2 === 0 ? document.replace(from, to) : document.replace(to, from)));
    if (seen) {
      await seen;
      elsewhere.push(performance.now() - begin);
    }
    // Somebody who stops to look: what was put off until the typing ends is done.
    await new Promise((done) => setTimeout(done, 400));
  }
  return { open: distribution(times), ...(isSeen ? { elsewhere: distribution(elsewhere) } : {}) };
}

/** Resident memory of a process, in MB; undefined where the system does not say. */
function residentBytes(pid) {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return Math.round((pages * 4096) / 1024 / 1024);
  } catch {
    return undefined;
  }
}
