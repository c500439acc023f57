/**
 * Whether a client can bring the server down: messages as no client should send them, to one server process after the other. Each
 * request must be answered, the server must never be silent for a second of its own CPU, and behind the storm a good file must
 * get its diagnostics.
 *
 *   npm run storm -- [--messages 100000] [--session 2000] [--seed 1] [--server FILE]
 *
 * Prints counts as JSON, and names what went wrong; exit code 1 then.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { BUILT_SERVER, distribution, readMessages } from "./client.mjs";
import { loadEngine } from "./engine.mjs";

const { values: options } = parseArgs({
  options: {
    messages: { type: "string", default: "100000" },
    session: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    server: { type: "string", default: BUILT_SERVER },
  },
});
const MESSAGES = Number(options.messages);
const PER_SESSION = Number(options.session);
/** Messages that are sent at once, before the server is waited for. */
const BURST = 20;
/** Longest that a burst may take, in ms of the server's CPU or of the clock, whichever is less. */
const LONGEST = 1000;
const GIVEN_UP = 60_000;

const { Draws, ProtocolStorm } = await loadEngine({
  "test/support/draws.ts": "Draws",
  "test/support/protocolStorm.ts": "ProtocolStorm",
});
const root = mkdtempSync(join(tmpdir(), "loopguard-storm-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));
const folders = ["one", "two"].map((name) => join(root, name));
for (const folder of folders) {
  mkdirSync(folder);
  writeFileSync(join(folder, "app.py"), "from lib import work\n\n\nasync def main():\n    work()\n");
  writeFileSync(join(folder, "lib.py"), "import time\n\n\ndef work():\n    time.sleep(1)\n");
}
const uriOf = (path) => pathToFileURL(path).href;
const places = {
  folders: folders.map(uriOf),
  uris: [
    ...folders.flatMap((folder) => [join(folder, "app.py"), join(folder, "lib.py"), join(folder, "none.py")]).map(uriOf),
    "untitled:Untitled-1",
    "file:///",
    "git:/a.py?x",
    "",
  ],
};

const CAPABILITIES = {
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
  },
  textDocument: {
    publishDiagnostics: { versionSupport: true },
    codeAction: { dataSupport: true, resolveSupport: { properties: ["edit"] } },
  },
  window: { workDoneProgress: true },
};

const failures = [];
const times = [];
const total = { messages: 0, bytes: 0, requests: 0, answers: 0, errors: 0, sessions: 0, logged: 0 };
while (total.messages < MESSAGES && failures.length < 20) {
  const seed = Number(options.seed) * 10_007 + total.sessions++;
  try {
    await runSession(seed);
  } catch (error) {
    failures.push(`session ${seed}: ${error.message}`);
    process.stderr.write(`${failures.at(-1)}\n`);
  }
  if (total.sessions % 5 === 0) process.stderr.write(`${JSON.stringify(total)}\n`);
}
console.log(
  JSON.stringify(
    { seed: Number(options.seed), ...total, bursts: distribution(times), failing: failures.length, failures },
    undefined,
    2,
  ),
);
process.exit(failures.length > 0 ? 1 : 0);

async function runSession(seed) {
  const random = new Draws(seed);
  const server = start();
  const storm = new ProtocolStorm(random, places);
  let sent = 0;
  try {
    // Its start is not the storm's fault.
    await server.answered(server.request("$/start"));
    // What comes before anybody said hello is refused, and must be answered, too.
    if (random.below(2) === 0) sent += await burst(server, storm, `${seed}, before initialize`);
    const hello = server.request("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: random.below(2) === 0 ? {} : CAPABILITIES,
      workspaceFolders: [{ uri: places.folders[0], name: "one" }],
    });
    const said = await server.answered(hello);
    if (said?.error && !/initialized already/.test(said.error.message))
      throw new Error(`initialize was refused: ${said.error.message}`);
    server.notify("initialized", {});
    while (sent < PER_SESSION) sent += await burst(server, storm, `${seed}, ${sent} messages before`);
    await server.goodFile();
    await server.answered(server.request("shutdown"));
    sent += await burst(server, storm, `${seed}, after shutdown`);
    server.notify("exit");
    const code = await server.ended();
    if (code !== 0) throw new Error(`the server ended with ${code}: ${server.errors()}`);
  } finally {
    total.messages += sent;
    total.answers += server.counts.answers;
    total.errors += server.counts.errors;
    total.logged += server.counts.logged;
    server.kill();
  }
}

/** Sends some messages at once and waits until all of them are answered. Answers how many. */
async function burst(server, storm, where) {
  const cpu = server.cpu();
  const begin = performance.now();
  const pieces = Array.from({ length: BURST }, () => storm.next());
  for (const { bytes, ids } of pieces) {
    total.bytes += bytes.length;
    total.requests += ids.length;
    server.write(bytes, ids);
  }
  // Behind bytes that are no message a good one must get through.
  const last = server.request("textDocument/hover", {
    textDocument: { uri: places.uris[0] },
    position: { line: 4, character: 4 },
  });
  await server.answered(last).catch((error) => {
    throw new Error(`${where}: ${error.message}; the burst was ${JSON.stringify(pieces.map(({ what }) => what))}`);
  });
  await server.allAnswered(where);
  const time = Math.min(performance.now() - begin, server.cpu() - cpu);
  times.push(time);
  if (time > LONGEST) failures.push(`${where}: ${Math.round(time)} ms for ${JSON.stringify(pieces.map(({ what }) => what))}`);
  return BURST;
}

function start() {
  const child = spawn(process.execPath, [options.server, "lsp", "--stdio"], { stdio: ["pipe", "pipe", "pipe"] });
  const waiting = new Map();
  const owed = new Map();
  const counts = { answers: 0, errors: 0, logged: 0 };
  let errors = "";
  let wake = () => {};
  let published = () => {};
  let nextId = 1_000_000_000;
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-4000);
  });
  child.stdin.on("error", () => {});
  const died = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
  readMessages(child.stdout, (message) => {
    if (message.method === "textDocument/publishDiagnostics") published(message.params);
    if (message.method === "window/logMessage" && message.params.type === 1) counts.logged++;
    if (message.method !== undefined) return;
    counts.answers++;
    if (message.error) counts.errors++;
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
    owed.delete(message.id);
    wake();
  });
  const within = (what, promise) => {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no ${what} within ${GIVEN_UP / 1000} s`)), GIVEN_UP);
    });
    const end = died.then((code) => Promise.reject(new Error(`the server ended with ${code}: ${errors}`)));
    end.catch(() => {});
    return Promise.race([promise, late, end]).finally(() => clearTimeout(timer));
  };
  const write = (message) => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  return {
    counts,
    errors: () => errors,
    write: (bytes, ids) => {
      for (const id of ids) owed.set(id, true);
      child.stdin.write(bytes);
    },
    notify: (method, params) => write({ method, params }),
    request: (method, params) => {
      const id = nextId++;
      owed.set(id, true);
      write({ id, method, params });
      return id;
    },
    answered: (id) =>
      within(`answer to request ${id}`, owed.has(id) ? new Promise((resolve) => waiting.set(id, resolve)) : undefined),
    allAnswered: (where) =>
      within(
        `answer to ${[...owed.keys()].slice(0, 5)} (${where})`,
        new Promise((resolve) => {
          wake = () => {
            if (owed.size === 0) resolve();
          };
          wake();
        }),
      ),
    goodFile: async () => {
      const uri = "untitled:good.py";
      const found = within(
        "diagnostics of the good file",
        new Promise((resolve) => {
          published = (params) => {
            if (params.uri === uri && params.diagnostics.length > 0) resolve(params.diagnostics);
          };
        }),
      );
      write({ method: "workspace/didChangeConfiguration", params: { settings: { loopguard: {} } } });
      write({
        method: "textDocument/didOpen",
        params: {
          textDocument: { uri, languageId: "python", version: 1, text: "import time\n\n\nasync def f():\n    time.sleep(5)\n" },
        },
      });
      const diagnostics = await found;
      const seen = JSON.stringify(diagnostics.map(({ code, range }) => [code, range.start]));
      if (seen !== '[["blocking-sleep",{"line":4,"character":4}]]') throw new Error(`the good file got ${seen}`);
    },
    /** CPU time that the process used so far, in ms. */
    cpu: () => {
      try {
        const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
        return (Number(fields[11]) + Number(fields[12])) * 10;
      } catch {
        return Number.POSITIVE_INFINITY;
      }
    },
    ended: () => died,
    kill: () => child.kill("SIGKILL"),
  };
}
