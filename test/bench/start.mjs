/**
 * What a start costs: the knowledge opened and a module looked up in it, in processes that did nothing before; the server from
 * its start to its answer to `initialize` and to the first diagnostics of an opened file; a check of one file. Prints JSON: CPU ms
 * of all threads (wall ms where the system does not tell), and the medians as multiples of starting node for nothing.
 *
 *   node test/bench/start.mjs [--program FILE] [--runs 20] [--folder PROJECT --file FILE]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { BUILT_SERVER, ROOT, round, startServer, TypedDocument } from "./client.mjs";

const { values: options } = parseArgs({
  options: {
    program: { type: "string", default: BUILT_SERVER },
    runs: { type: "string", default: "20" },
    folder: { type: "string" },
    file: { type: "string", default: "main.py" },
  },
});
const runs = Number(options.runs);

/** Shelf and module of each look-up. */
const MODULES = [
  ["stubs", "requests"],
  ["typeshed", "asyncio"],
  ["stubs", "sqlalchemy"],
];

const place = mkdtempSync(join(tmpdir(), "loopguard-start-"));
const cache = join(place, "cache");
process.env.LOOPGUARD_CACHE_DIR = cache;
try {
  console.log(JSON.stringify(await measure(), undefined, 2));
} finally {
  rmSync(place, { recursive: true });
}

async function measure() {
  const folder = options.folder ?? program();
  const lookUp = await lookUps();
  const node = middle(repeat(() => cpuOfProcess(["-e", "0"])));
  const check = middle(
    repeat(() => {
      rmSync(cache, { recursive: true, force: true });
      return cpuOfProcess([options.program, "check", join(folder, options.file)]);
    }),
  );
  const initialized = [];
  const shown = [];
  for (let run = 0; run < runs; run++) {
    rmSync(cache, { recursive: true, force: true });
    const [first, second] = await firstDiagnostics(folder);
    initialized.push(first);
    shown.push(second);
  }
  const perNode = ({ p50 }) => Math.round((100 * p50) / node.p50) / 100;
  const [initialize, diagnostics] = [middle(initialized), middle(shown)];
  return {
    node,
    lookUp: { ...lookUp, perNode: perNode(lookUp) },
    check: { ...check, perNode: perNode(check) },
    initialize: { ...initialize, perNode: perNode(initialize) },
    diagnostics: { ...diagnostics, perNode: perNode(diagnostics) },
  };
}

/** A project of one file. */
function program() {
  const folder = join(place, "project");
  const lines = ["import asyncio", "import time", "", "import requests", "", "", "async def main():", "    time.sleep(1)"];
  mkdirSync(folder);
  writeFileSync(
    join(folder, options.file),
    [...lines, '    requests.get("http://localhost")', "", "asyncio.run(main())", ""].join("\n"),
  );
  return folder;
}

/** Each in processes of its own, which open the archive for it. */
async function lookUps() {
  const script = join(place, "look-up.cjs");
  const [archive, platform] = ["knowledge/archive.ts", "platform/node.ts"].map((path) => join(ROOT, "server", "src", path));
  await build({
    stdin: {
      contents: `import { KnowledgeArchive } from ${JSON.stringify(archive)};
import { readDistribution } from ${JSON.stringify(platform)};
const { knowledge } = readDistribution(${JSON.stringify(dirname(options.program))});
const before = process.cpuUsage();
const known = new KnowledgeArchive(knowledge).module(process.argv[2], process.argv[3]);
const { user, system } = process.cpuUsage(before);
if (!known) throw new Error(process.argv[3] + " is not known.");
console.log((user + system) / 1000);`,
      resolveDir: ROOT,
    },
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
  });
  const times = MODULES.map(([shelf, name]) => [name, repeat(() => Number(output([script, shelf, name])))]);
  const each = Object.fromEntries(times.map(([name, measured]) => [name, middle(measured)]));
  return { ...middle(times.flatMap(([, measured]) => measured)), each };
}

function output(commandLine) {
  const { status, stdout } = spawnSync(process.execPath, commandLine, {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${commandLine.join(" ")} ended with ${status}.`);
  return stdout;
}

/** CPU ms of a process of node from its start to its end, which it tells itself when it ends. */
function cpuOfProcess(commandLine) {
  const [usage, told] = [join(place, "usage.cjs"), join(place, "usage.json")];
  writeFileSync(
    usage,
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(told)}, JSON.stringify(process.cpuUsage())));`,
  );
  spawnSync(process.execPath, ["--require", usage, ...commandLine], { stdio: ["ignore", "ignore", "inherit"] });
  const { user, system } = JSON.parse(readFileSync(told, "utf8"));
  return (user + system) / 1000;
}

/** CPU ms of a new server at its answer to `initialize` and at the diagnostics of the file. */
async function firstDiagnostics(folder) {
  const server = startServer(options.program);
  const begin = performance.now();
  const spent = () => cpuOfThreads(server.pid) ?? performance.now() - begin;
  const path = join(folder, options.file);
  const uri = pathToFileURL(folder).href;
  try {
    await server.request("initialize", {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: "bench" }],
      capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } } },
    });
    const initialized = spent();
    server.notify("initialized", {});
    await new TypedDocument(server, pathToFileURL(path).href, readFileSync(path, "utf8")).open();
    return [initialized, spent()];
  } finally {
    server.stop();
  }
}

/** CPU ms of a running process, to the nanosecond; undefined where the system does not tell. */
function cpuOfThreads(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const times = threads.map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]));
    return times.reduce((sum, time) => sum + time, 0) / 1e6;
  } catch {
    return undefined;
  }
}

function repeat(measure) {
  return Array.from({ length: runs }, measure);
}

function middle(times) {
  const sorted = [...times].sort((one, other) => one - other);
  return { p50: round(sorted[sorted.length >> 1]), most: round(sorted.at(-1)) };
}
