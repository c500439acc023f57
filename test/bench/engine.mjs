/**
 * The project's own code, as it stands, for measurements that work inside of one process: bundled in memory, with what the
 * build made beside it.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { BUILT_SERVER, ROOT } from "./client.mjs";

/** Names by the file that exports them, as one object; files are relative to the project's root. */
export async function loadEngine(wanted) {
  const file = await writeEngine(wanted);
  return (await import(pathToFileURL(file))).default;
}

/** The same as a file, for a thread of its own; it is gone when this process ends. */
export async function writeEngine(wanted) {
  const folder = mkdtempSync(join(tmpdir(), "loopguard-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const lines = Object.entries(wanted).map(([path, names]) => `export { ${names} } from ${JSON.stringify(join(ROOT, path))};`);
  const { outputFiles } = await build({
    stdin: { contents: lines.join("\n"), resolveDir: ROOT },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
    logLevel: "error",
    // The grammar and the knowledge are looked for beside the program that runs.
    define: { __dirname: JSON.stringify(dirname(BUILT_SERVER)), "import.meta.url": "moduleUrl" },
    banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
  });
  const file = join(folder, "engine.cjs");
  writeFileSync(file, outputFiles[0].text);
  return file;
}
