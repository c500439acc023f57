/**
 * How long a keystroke takes to become diagnostics: starts the built server, opens a generated file of 5,000 lines, types
 * letters one by one, each on the line of a flagged call, so that every letter moves a diagnostic, and waits for each
 * answer. Prints milliseconds as JSON.
 *
 *   node test/bench/keystroke.mjs [--server FILE] [--lines 5000] [--letters 300] [--every 1]
 */
import { parseArgs } from "node:util";
import { BUILT_SERVER, distribution, round, startServer, TypedDocument } from "./client.mjs";
import { serviceFile } from "./programs.mjs";

const { values: options } = parseArgs({
  options: {
    server: { type: "string", default: BUILT_SERVER },
    lines: { type: "string", default: "5000" },
    letters: { type: "string", default: "300" },
    // One class in so many blocks; the others do the same the asynchronous way.
    every: { type: "string", default: "1" },
  },
});

const text = serviceFile(Number(options.lines), Number(options.every));
const server = startServer(options.server);
const document = new TypedDocument(server, "untitled:keystroke.py", text);
try {
  await server.request("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } } },
  });
  server.notify("initialized", {});
  const { diagnostics, time } = await document.open();
  if (diagnostics.length === 0) throw new Error("The generated file has no findings; there is nothing to measure.");
  const times = await type(diagnostics, Number(options.letters));
  await server.request("shutdown", undefined);
  server.notify("exit", undefined);
  const result = { lines: text.split("\n").length, findings: diagnostics.length, letters: times.length, open: round(time) };
  console.log(JSON.stringify({ ...result, ...distribution(times) }));
} finally {
  server.stop();
}

/**
 * Types in the middle of the file: a flagged call `time.sleep(n)` gets a name in front, `x = time.sleep(n)`, which grows
 * letter by letter and pushes the diagnostic to the right.
 */
async function type(diagnostics, letters) {
  const { line, character } = diagnostics[Math.floor(diagnostics.length / 2)].range.start;
  const times = [];
  const insert = (at, inserted) => document.change({ line, character: at }, { line, character: at }, inserted);
  await insert(character, "x = ");
  for (let letter = 0; letter < letters; letter++) {
    times.push(await insert(character + 1 + letter, "abcdefghij"[letter % 10]));
    // A fast typist: phase B must not come in between, nor the next letter before the answer.
    await new Promise((done) => setTimeout(done, 20));
  }
  return times;
}
