/**
 * How long a keystroke takes to become diagnostics: starts the built server, opens a generated file of 5,000 lines, types
 * letters one by one, each on the line of a flagged call, so that every letter moves a diagnostic, and waits for each
 * answer. Prints milliseconds as JSON.
 *
 *   node test/bench/keystroke.mjs [--server FILE] [--lines 5000] [--letters 300] [--every 1]
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const { values: options } = parseArgs({
  options: {
    server: { type: "string", default: join(root, "dist", "loopguard.cjs") },
    lines: { type: "string", default: "5000" },
    letters: { type: "string", default: "300" },
    // One class in so many blocks; the others do the same the asynchronous way.
    every: { type: "string", default: "1" },
  },
});

if (!existsSync(options.server)) {
  console.error(`${options.server} does not exist; run \`npm run build\` first.`);
  process.exit(2);
}

const uri = "untitled:keystroke.py";
const text = program(Number(options.lines), Number(options.every));
const lines = text.split("\n");
const server = startServer(options.server);
try {
  await server.request("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } } },
  });
  server.notify("initialized", {});
  const opening = performance.now();
  server.notify("textDocument/didOpen", { textDocument: { uri, languageId: "python", version: 1, text } });
  const { diagnostics } = await server.published(1);
  const opened = performance.now() - opening;
  if (diagnostics.length === 0) throw new Error("The generated file has no findings; there is nothing to measure.");
  const times = await type(diagnostics, Number(options.letters));
  await server.request("shutdown", undefined);
  server.notify("exit", undefined);
  times.sort((one, other) => one - other);
  const share = (part) => round(times[Math.min(times.length - 1, Math.floor(times.length * part))]);
  const result = { lines: lines.length, findings: diagnostics.length, letters: times.length, open: round(opened) };
  console.log(JSON.stringify({ ...result, p50: share(0.5), p90: share(0.9), p99: share(0.99), worst: round(times.at(-1)) }));
} finally {
  server.stop();
}

/**
 * Types in the middle of the file: a flagged call `time.sleep(n)` gets a name in front, `x = time.sleep(n)`, which grows
 * letter by letter and pushes the diagnostic to the right.
 */
async function type(diagnostics, letters) {
  const { start } = diagnostics[Math.floor(diagnostics.length / 2)].range;
  const times = [];
  let version = 1;
  const insert = async (character, inserted) => {
    const position = { line: start.line, character };
    const range = { start: position, end: position };
    const begin = performance.now();
    server.notify("textDocument/didChange", {
      textDocument: { uri, version: ++version },
      contentChanges: [{ range, text: inserted }],
    });
    await server.published(version);
    return performance.now() - begin;
  };
  await insert(start.character, "x = ");
  for (let letter = 0; letter < letters; letter++) {
    times.push(await insert(start.character + 1 + letter, "abcdefghij"[letter % 10]));
    // A fast typist: phase B must not come in between, nor the next letter before the answer.
    await new Promise((done) => setTimeout(done, 20));
  }
  return times;
}

/** Handlers of a plausible service: classes with async methods, sync code that they call, and things that block. */
function program(lineCount, every) {
  const head = ["import asyncio", "import json", "import os", "import time", "", ""];
  const parts = [...head];
  for (let number = 0; parts.length < lineCount; number++) {
    const blocks = number % every === 0;
    parts.push(
      `def load_${number}(path, retries=3):`,
      "    for attempt in range(retries):",
      "        try:",
      "            with open(path) as source:",
      "                return json.load(source)",
      "        except OSError as error:",
      `            print("attempt", attempt, "failed:", error)`,
      "    return {}",
      "",
      "",
      `class Service${number}:`,
      "    def __init__(self, name, limit=10):",
      "        self.name = name",
      "        self.limit = limit",
      "        self.items = [item for item in range(limit) if item % 2]",
      "",
      "    async def fetch(self, key: str, *, timeout: float = 1.0):",
      "        await asyncio.sleep(timeout)",
      `        data = ${blocks ? `load_${number}(` : `await asyncio.to_thread(load_${number}, `}f"{self.name}/{key}.json")`,
      "        return {name: value for name, value in data.items() if value is not None}",
      "",
      "    async def refresh(self):",
      "        for item in self.items:",
      `            ${blocks ? "time.sleep" : "await asyncio.sleep"}(${1 + (number % 9)})`,
      "            if await self.fetch(str(item)):",
      "                return item",
      "        return None",
      "",
      "    async def clean(self, folder):",
      "        if self.limit > 3 and folder:",
      `            ${blocks ? "os.listdir(folder)" : "await asyncio.to_thread(os.listdir, folder)"}`,
      `        return await asyncio.gather(*(self.fetch(str(number)) for number in range(${number % 7})))`,
      "",
      "",
    );
  }
  return parts.join("\n");
}

/** The server as a process, and just enough of the protocol to talk to it. */
function startServer(file) {
  const child = spawn(process.execPath, [file, "lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = new Map();
  const awaited = new Map();
  const seen = new Map();
  let nextId = 1;
  let buffer = Buffer.alloc(0);
  const send = (message) => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  const receive = (message) => {
    if (message.method === "textDocument/publishDiagnostics") {
      seen.set(message.params.version, message.params);
      awaited.get(message.params.version)?.(message.params);
      awaited.delete(message.params.version);
    } else if (message.method === undefined) {
      const { resolve: answer, reject } = answers.get(message.id);
      if (message.error) reject(new Error(message.error.message));
      else answer(message.result);
    } else if (message.id !== undefined) send({ id: message.id, result: null });
  };
  child.stdout.on("data", (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const end = buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1]);
      if (buffer.length < end + 4 + length) return;
      const message = JSON.parse(buffer.subarray(end + 4, end + 4 + length).toString());
      buffer = buffer.subarray(end + 4 + length);
      receive(message);
    }
  });
  const died = new Promise((_, reject) => child.on("exit", (code) => reject(new Error(`The server ended with ${code}.`))));
  // An end nobody waits for is no failure.
  died.catch(() => {});
  const patience = (what) =>
    new Promise((_, reject) => setTimeout(() => reject(new Error(`No ${what} within 30 s.`)), 30_000).unref());
  return {
    notify: (method, params) => send({ method, params }),
    request: (method, params) => {
      const id = nextId++;
      send({ id, method, params });
      return Promise.race([
        new Promise((answer, reject) => answers.set(id, { resolve: answer, reject })),
        died,
        patience(method),
      ]);
    },
    published: (version) => {
      if (seen.has(version)) return Promise.resolve(seen.get(version));
      const published = new Promise((found) => awaited.set(version, found));
      return Promise.race([published, died, patience(`diagnostics of version ${version}`)]);
    },
    stop: () => child.kill(),
  };
}

function round(milliseconds) {
  return Math.round(milliseconds * 10) / 10;
}
