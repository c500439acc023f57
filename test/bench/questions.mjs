/**
 * How long the questions of an editor take: hovers, code lenses and the call hierarchy, asked over stdio, of a generated
 * file of 5,000 lines or of the largest files of a project. Prints milliseconds as JSON.
 *
 *   node test/bench/questions.mjs [--server FILE] [--folder PROJECT] [--lines 5000] [--every 1] [--files 20] [--questions 200]
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { BUILT_SERVER, distribution, startServer, TypedDocument } from "./client.mjs";
import { serviceFile } from "./programs.mjs";

const { values: options } = parseArgs({
  options: {
    server: { type: "string", default: BUILT_SERVER },
    folder: { type: "string" },
    lines: { type: "string", default: "5000" },
    // One class in so many blocks; the others do the same the asynchronous way.
    every: { type: "string", default: "1" },
    files: { type: "string", default: "20" },
    questions: { type: "string", default: "200" },
  },
});

const server = startServer(options.server);
try {
  const folder = options.folder === undefined ? undefined : pathToFileURL(options.folder).href;
  await server.request("initialize", {
    processId: process.pid,
    rootUri: folder ?? null,
    workspaceFolders: folder === undefined ? null : [{ uri: folder, name: "bench" }],
    capabilities: {
      textDocument: { publishDiagnostics: { versionSupport: true } },
      window: { workDoneProgress: true },
      workspace: { codeLens: { refreshSupport: true } },
    },
  });
  const indexed = folder && server.notified("$/progress", ({ value }) => value.kind === "end");
  server.notify("initialized", {});
  await indexed;
  const times = new Map();
  let asked = 0;
  for (const [uri, text] of documents()) {
    await new TypedDocument(server, uri, text).open();
    await ask(uri, text, times, Math.ceil(Number(options.questions) / Number(options.folder ? options.files : 1)));
    asked++;
  }
  const result = [...times].map(([method, measured]) => [method, { count: measured.length, ...distribution(measured) }]);
  console.log(JSON.stringify({ files: asked, ...Object.fromEntries(result) }, undefined, 2));
} finally {
  server.stop();
}

/** Documents to ask about: `[uri, text]`. */
function documents() {
  if (options.folder === undefined) return [["untitled:questions.py", serviceFile(Number(options.lines), Number(options.every))]];
  const paths = readdirSync(options.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
    .map((entry) => join(entry.parentPath, entry.name));
  return paths
    .map((path) => [pathToFileURL(path).href, readFileSync(path, "utf8")])
    .filter(([, text]) => /^\s*async def /m.test(text))
    .sort(([, one], [, other]) => other.length - one.length)
    .slice(0, Number(options.files));
}

/** Asks about calls and functions all over the text. */
async function ask(uri, text, times, questions) {
  const timed = async (method, params) => {
    const begin = performance.now();
    const answer = await server.request(method, params);
    times.set(method, [...(times.get(method) ?? []), performance.now() - begin]);
    return answer;
  };
  const textDocument = { uri };
  const lines = text.split("\n");
  for (const [line, character] of spread(lines, /(\w+)\(/g, questions))
    await timed("textDocument/hover", { textDocument, position: { line, character } });
  for (const [line, character] of spread(lines, /\bdef (?=\w)/g, questions)) {
    const position = { line, character: character + "def ".length };
    for (const item of (await timed("textDocument/prepareCallHierarchy", { textDocument, position })) ?? []) {
      await timed("callHierarchy/incomingCalls", { item });
      await timed("callHierarchy/outgoingCalls", { item });
    }
  }
  for (let round = 0; round < 5; round++) {
    const lenses = (await timed("textDocument/codeLens", { textDocument })) ?? [];
    for (const lens of lenses.slice(0, questions)) await timed("codeLens/resolve", lens);
  }
}

/** As many matches as asked for, evenly over the lines. */
function spread(lines, pattern, count) {
  const found = lines.flatMap((text, line) => [...text.matchAll(pattern)].map((match) => [line, match.index]));
  const step = Math.max(1, found.length / count);
  return Array.from({ length: Math.min(count, found.length) }, (_, index) => found[Math.floor(index * step)]);
}
