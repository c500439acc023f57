/**
 * The built program as a process: what the tests inside one process cannot see. Needs `npm run build`, which `npm test`
 * runs first.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import * as module from "node:module";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { projectRoot } from "../support/project.js";

const PROGRAM = join(projectRoot, "dist", "loopguard.cjs");

describe("built program", () => {
  let folder: string;

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "loopguard-")));
    writeFileSync(join(folder, "main.py"), "import time\r\n\r\n\r\nasync def main():\r\n    time.sleep(5)\r\n");
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  function loopguard(...commandLine: readonly string[]): { status: number | null; stdout: string; stderr: string } {
    const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
    return spawnSync(process.execPath, [PROGRAM, ...commandLine], { cwd: folder, encoding: "utf8", env });
  }

  it("checks a folder, without colours in a pipe", () => {
    const { status, stdout, stderr } = loopguard("check");
    equal(stderr, "");
    match(stdout, /^main\.py:5:5: warning\[blocking-sleep\]/);
    equal(stdout.includes("\u001b"), false);
    equal(status, 1);
  });

  it("paints when it is told to", () => {
    const { stdout } = spawnSync(process.execPath, [PROGRAM, "check"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, FORCE_COLOR: "1", NO_COLOR: "" },
    });
    equal(stdout.includes("\u001b[33m"), true);
  });

  it("names files by absolute paths in JSON", () => {
    const { stdout } = loopguard("check", "--format", "json");
    equal(JSON.parse(stdout).findings[0].file, `${folder.replaceAll("\\", "/")}/main.py`);
  });

  it("knows its version and refuses what it does not know", () => {
    const { version } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
    equal(loopguard("--version").stdout, `${version}\n`);
    equal(loopguard("nonsense").status, 2);
    equal(loopguard("check", "nowhere").status, 2);
  });

  it("fixes a file and keeps its line endings and its byte order mark", () => {
    const path = join(folder, "fixed.py");
    writeFileSync(path, "\uFEFFimport asyncio\r\nimport time\r\n\r\n\r\nasync def main():\r\n    time.sleep(5)\r\n");
    equal(loopguard("check", "fixed.py", "--fix").status, 0);
    const text = readFileSync(path, "utf8");
    match(text, /^\uFEFFimport asyncio\r\n/);
    match(text, / {4}await asyncio\.sleep\(5\)\r\n$/);
    equal(/[^\r]\n/.test(text), false);
  });

  it("keeps its compiled code in the user's cache, where node can, and never in a folder that may be shared", () => {
    const version = (variables: NodeJS.ProcessEnv): void => {
      const { LOOPGUARD_CACHE_DIR: _, ...env } = process.env;
      spawnSync(process.execPath, [PROGRAM, "--version"], { cwd: folder, env: { ...env, ...variables, HOME: folder } });
    };
    const isKept = (): boolean =>
      readdirSync(folder, { recursive: true }).some((path) => /loopguard\W(.*\W)?code$/.test(`${path}`));
    version({ XDG_CACHE_HOME: join(folder, "cache"), LOOPGUARD_CACHE_DIR: join(folder, "cache", "loopguard") });
    equal(isKept(), false);
    version({ XDG_CACHE_HOME: join(folder, "cache"), LOCALAPPDATA: folder });
    equal(isKept(), "enableCompileCache" in module);
  });

  it("is packed into an extension of less than two megabytes, with what it needs and nothing that is built for others", function () {
    this.timeout(60_000);
    const vsce = createRequire(__filename).resolve("@vscode/vsce/vsce");
    const { stdout } = spawnSync(process.execPath, [vsce, "ls", "--no-dependencies"], { cwd: projectRoot, encoding: "utf8" });
    const paths = stdout.split("\n").filter((path) => path !== "");
    const built = paths.filter((path) => /^dist\/(?!.*licenses)/.test(path)).map((path) => path.slice("dist/".length));
    deepEqual(built.sort(), [
      "engine.cjs",
      "extension.cjs",
      "knowledge.bin",
      "loopguard.cjs",
      "tree-sitter-python.wasm",
      "web-tree-sitter.wasm",
    ]);
    deepEqual(
      paths.filter((path) => /^(server|client|scripts|test|node_modules)\//.test(path)),
      [],
    );
    const size = paths.reduce((sum, path) => sum + deflateRawSync(readFileSync(join(projectRoot, path))).length, 0);
    ok(size < 2_000_000, `${size} bytes`);
  });

  it("ends quietly when its reader has seen enough", function () {
    if (process.platform === "win32") this.skip();
    const command = `'${process.execPath}' '${PROGRAM}' explain blocking-sleep | head -n 1`;
    const { stdout, stderr } = spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
    equal(stderr, "");
    equal(stdout, "blocking-sleep\n");
  });
});
