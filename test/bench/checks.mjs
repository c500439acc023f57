/**
 * What a check costs on a whole project, in ratios: of the first run to parsing the same files once in one thread, and of later
 * runs to the first: nothing changed, ten files changed, another engine's results but the same facts. Copies the project, or
 * generates one, and works on the copy with a cache of its own. Prints JSON: CPU ms, wall ms, peak memory in MB, ratios of CPU.
 *
 *   node test/bench/checks.mjs [--program FILE] [--files 2000] [--runs 1] [--folder PROJECT]
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { BUILT_SERVER, ROOT } from "./client.mjs";
import { workspace } from "./programs.mjs";

const { values: options } = parseArgs({
  options: {
    program: { type: "string", default: BUILT_SERVER },
    files: { type: "string", default: "2000" },
    runs: { type: "string", default: "1" },
    folder: { type: "string" },
  },
});

const place = mkdtempSync(join(tmpdir(), "loopguard-checks-"));
const project = join(place, "project");
const cache = join(place, "cache");
// Told by the process itself when it ends, since a parent sees no child's peak.
const usage = join(place, "usage.cjs");
writeFileSync(
  usage,
  'process.on("exit", () => require("node:fs").writeFileSync(process.env.USAGE_FILE, JSON.stringify(process.resourceUsage())));',
);
const parser = join(place, "parse.cjs");
writeFileSync(
  parser,
  `const { Language, Parser } = require(${JSON.stringify(join(ROOT, "node_modules", "web-tree-sitter", "web-tree-sitter.cjs"))});
const { readFileSync } = require("node:fs");
Parser.init().then(() => Language.load(${JSON.stringify(join(ROOT, "dist", "tree-sitter-python.wasm"))})).then((language) => {
  const parser = new Parser();
  parser.setLanguage(language);
  for (const path of readFileSync(0, "utf8").split("\\n")) parser.parse(readFileSync(path, "utf8")).delete();
});`,
);
try {
  console.log(JSON.stringify(measure(), undefined, 2));
} finally {
  rmSync(place, { recursive: true });
}

function measure() {
  fill();
  const paths = pythonFiles();
  const parse = best(() => run([parser], { input: paths.join("\n") }));
  const cold = best(() => {
    rmSync(cache, { recursive: true, force: true });
    return check();
  });
  const unchanged = best(check);
  let round = 0;
  const tenChanged = best(() => {
    round++;
    for (let index = 0; index < 10; index++) {
      const path = paths[Math.floor((paths.length / 10) * index)];
      writeFileSync(path, `${readFileSync(path, "utf8")}\n# round ${round}\n`);
    }
    return check();
  });
  const ratio = (one, other) => Math.round((100 * one.cpu) / other.cpu) / 100;
  return {
    files: paths.length,
    parse,
    cold: { ...cold, perParse: ratio(cold, parse) },
    unchanged: { ...unchanged, perCold: ratio(unchanged, cold) },
    tenChanged: { ...tenChanged, perCold: ratio(tenChanged, cold) },
  };
}

function fill() {
  if (options.folder !== undefined) {
    cpSync(options.folder, project, { recursive: true });
    return;
  }
  for (const [path, text] of workspace(Number(options.files), 4)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
}

function pythonFiles() {
  return readdirSync(project, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function check() {
  return run([options.program, "check", "--format", "json", "--cache-dir", cache, project]);
}

/** The run that took the least CPU. */
function best(measured) {
  const runs = Array.from({ length: Number(options.runs) }, measured);
  return runs.reduce((least, one) => (one.cpu < least.cpu ? one : least));
}

function run(commandLine, { input } = {}) {
  const file = join(place, "usage.json");
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ["--require", usage, ...commandLine], {
    ...(input === undefined ? {} : { input }),
    env: { ...process.env, USAGE_FILE: file },
    maxBuffer: 2 ** 30,
  });
  const wall = Math.round(performance.now() - begin);
  if (status !== 0 && status !== 1) throw new Error(String(stderr));
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(readFileSync(file, "utf8"));
  return { cpu: Math.round((userCPUTime + systemCPUTime) / 1000), wall, peak: Math.round(maxRSS / 1024) };
}
