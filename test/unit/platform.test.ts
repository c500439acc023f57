/**
 * Files on a real disk: encodings, sizes, links, and everything that cannot be read.
 */
import { deepEqual, equal, match, throws } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Files } from "../../server/src/analysis/ports.js";
import { keepHeapSmall } from "../../server/src/platform/memory.js";
import { createNodeFiles, readDistribution, toCorePath } from "../../server/src/platform/node.js";
import { MemoryLog } from "../support/memory.js";

describe("the heap of node", () => {
  it("is kept small where the version is known to have the flag", () => {
    equal(keepHeapSmall("20.20.2"), true);
    equal(keepHeapSmall("24.1.0"), true);
    // Another one would complain on standard error.
    equal(keepHeapSmall("18.0.0"), false);
    equal(keepHeapSmall("26.0.0"), false);
  });
});

describe("files of node", () => {
  let folder: string;
  let log: MemoryLog;
  let files: Files;
  const at = (name: string): string => `${folder}/${name}`;

  beforeEach(() => {
    folder = toCorePath(realpathSync(mkdtempSync(join(tmpdir(), "loopguard-"))));
    log = new MemoryLog();
    files = createNodeFiles(log);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("reads UTF-8 and drops a byte order mark", () => {
    writeFileSync(at("a.py"), "x = 'ä 日本'\r\n");
    writeFileSync(at("b.py"), "\uFEFFx = 1\n");
    deepEqual(files.read(at("a.py"), 1000), { kind: "text", text: "x = 'ä 日本'\r\n" });
    deepEqual(files.read(at("b.py"), 1000), { kind: "text", text: "x = 1\n" });
  });

  it("reads an encoding that a comment names, as Python does", () => {
    writeFileSync(at("latin.py"), Buffer.from("#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = 'ä'\n", "latin1"));
    writeFileSync(at("cyrillic.py"), Buffer.from([...Buffer.from("# vim: set fileencoding=cp1251 :\n'"), 0xe6, 0x27]));
    writeFileSync(at("late.py"), Buffer.from("\n\n# coding: latin-1\n'ä'\n", "latin1"));
    writeFileSync(at("odd.py"), Buffer.from("# coding: rot-13-and-a-half\n'ä'\n", "latin1"));
    deepEqual(files.read(at("latin.py"), 1000), {
      kind: "text",
      text: "#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = 'ä'\n",
    });
    deepEqual(files.read(at("cyrillic.py"), 1000), { kind: "text", text: "# vim: set fileencoding=cp1251 :\n'ж'" });
    deepEqual(files.read(at("late.py"), 1000), { kind: "invalid" });
    deepEqual(files.read(at("odd.py"), 1000), { kind: "invalid" });
  });

  it("says what is not UTF-8 and what is too large", () => {
    writeFileSync(at("latin.py"), Buffer.from([0x78, 0x3d, 0xe4, 0x0a]));
    writeFileSync(at("large.py"), "#".repeat(1001));
    deepEqual(files.read(at("latin.py"), 1000), { kind: "invalid" });
    deepEqual(files.read(at("large.py"), 1000), { kind: "large", bytes: 1001 });
    deepEqual(log.warnings, []);
  });

  it("answers undefined and logs the reason for what cannot be read", () => {
    mkdirSync(at("folder.py"));
    equal(files.read(at("gone.py"), 1000), undefined);
    equal(files.read(at("folder.py"), 1000), undefined);
    match(log.warnings[0] ?? "", /gone.py cannot be read: it does not exist/);
    match(log.warnings[1] ?? "", /folder.py is no regular file/);
  });

  it("does not wait for a named pipe", function () {
    if (process.platform === "win32") this.skip();
    execFileSync("mkfifo", [at("pipe.py")]);
    equal(files.read(at("pipe.py"), 1000), undefined);
    equal(files.isFile(at("pipe.py")), false);
    deepEqual(files.list(folder), [{ name: "pipe.py", kind: "other" }]);
  });

  it("says so when permission is missing", function () {
    if (process.platform === "win32" || process.getuid?.() === 0) this.skip();
    writeFileSync(at("secret.py"), "");
    chmodSync(at("secret.py"), 0);
    equal(files.read(at("secret.py"), 1000), undefined);
    match(log.warnings[0] ?? "", /permission denied/);
  });

  it("follows links, and survives those that lead nowhere or in a circle", () => {
    mkdirSync(at("real"));
    writeFileSync(at("real/a.py"), "");
    symlinkSync(at("real"), at("linked"));
    symlinkSync(at("real/a.py"), at("b.py"));
    symlinkSync(at("nowhere"), at("dangling.py"));
    symlinkSync(at("circle"), at("circle"));
    const kinds = Object.fromEntries((files.list(folder) ?? []).map(({ name, kind }) => [name, kind]));
    deepEqual(kinds, { real: "directory", linked: "directory", "b.py": "file", "dangling.py": "other", circle: "other" });
    deepEqual(
      (files.list(folder) ?? []).filter(({ link }) => !link).map(({ name }) => name),
      ["real"],
    );
    equal(files.realPath(at("linked/a.py")), at("real/a.py"));
    equal(files.realPath(at("nowhere")), at("nowhere"));
    equal(files.isDirectory(at("circle")), false);
  });

  it("lists nothing where there is no folder, without a word", () => {
    writeFileSync(at("a.py"), "");
    equal(files.list(at("gone")), undefined);
    equal(files.list(at("a.py")), undefined);
    deepEqual(log.warnings, []);
  });
});

describe("files beside the bundle", () => {
  it("are named when they are missing", () => {
    throws(() => readDistribution("/nowhere"), /\/nowhere\/web-tree-sitter\.wasm cannot be read: it does not exist/);
  });
});
