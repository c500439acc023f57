/**
 * Whether the time of a check grows with the program and not faster: checks generated programs of n and of 2n functions
 * with the built command line, less what a program of one function takes, and prints the ratio of the two times as JSON.
 * 2 is linear, 4 is quadratic.
 *
 *   node test/bench/propagation.mjs [--program FILE] [--functions 2000] [--runs 3]
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const { values: options } = parseArgs({
  options: {
    program: { type: "string", default: join(root, "dist", "loopguard.cjs") },
    functions: { type: "string", default: "2000" },
    runs: { type: "string", default: "3" },
  },
});

if (!existsSync(options.program)) {
  console.error(`${options.program} does not exist; run \`npm run build\` first.`);
  process.exit(2);
}

const SLEEP = "    time.sleep(1)\n";
const ENTRY = "async def main():\n    f0()\n";
const each = (count, write) => Array.from({ length: count }, (_, index) => write(index)).join("");

/** Programs of so many functions, by shape: their files. */
const SHAPES = {
  line: (n) => ({
    "main.py": `import time\n${each(n, (i) => `def f${i}():\n${i + 1 < n ? `    f${i + 1}()\n` : SLEEP}`)}${ENTRY}`,
  }),
  ring: (n) => ({
    "main.py": `import time\n${each(n, (i) => `def f${i}():\n    f${(i + 1) % n}()\n${i === n >> 1 ? SLEEP : ""}`)}${ENTRY}`,
  }),
  files: (n) => ({
    ...Object.fromEntries(
      Array.from({ length: n }, (_, i) => [
        `step${i}.py`,
        i + 1 < n
          ? `from step${i + 1} import run as following\n\ndef run():\n    following()\n`
          : `import time\n\ndef run():\n${SLEEP}`,
      ]),
    ),
    "main.py": `from step0 import run as f0\n${ENTRY}`,
  }),
  callers: (n) => ({ "main.py": `import time\ndef nap():\n${SLEEP}${each(n, (i) => `def f${i}():\n    nap()\n`)}${ENTRY}` }),
  calls: (n) => ({ "main.py": `import time\ndef nap():\n${SLEEP}def f0():\n${each(n, () => "    nap()\n")}${ENTRY}` }),
};

const functions = Number(options.functions);
const least = time({ "main.py": "async def main():\n    pass\n" });
const result = { functions };
for (const [shape, write] of Object.entries(SHAPES)) {
  const [once, twice] = [functions, 2 * functions].map((n) => time(write(n)) - least);
  result[shape] = { milliseconds: Math.round(once), ratio: Math.round((twice / once) * 10) / 10 };
}
console.log(JSON.stringify(result));

/** The shortest of several checks of a program, in milliseconds. */
function time(files) {
  const folder = mkdtempSync(join(tmpdir(), "propagation-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const times = Array.from({ length: Number(options.runs) }, () => {
      // What was kept of an earlier run would be printed again.
      const cache = mkdtempSync(join(tmpdir(), "propagation-cache-"));
      const begin = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [
        options.program,
        "check",
        "--format",
        "json",
        "--cache-dir",
        cache,
        folder,
      ]);
      if (status !== 0 && status !== 1) throw new Error(String(stderr));
      const taken = performance.now() - begin;
      rmSync(cache, { recursive: true });
      return taken;
    });
    return Math.min(...times);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
