/**
 * Files as they were at a revision, with a repository of its own in a temporary folder.
 */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesAtRevision, RevisionError } from "../../server/src/platform/git.js";
import { createNodeFiles, toCorePath } from "../../server/src/platform/node.js";
import { MemoryLog } from "../support/memory.js";

describe("files at a revision", () => {
  const files = createNodeFiles(new MemoryLog());
  let folder = "";
  const git = (...options: string[]): void =>
    void execFileSync("git", ["-C", folder, "-c", "user.name=me", "-c", "user.email=me@example.org", ...options], {
      stdio: "pipe",
    });
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const textOf = (at: ReturnType<typeof filesAtRevision>, name: string): string | undefined => {
    const read = at.read(`${folder}/${name}`, 1e6);
    return read?.kind === "text" ? read.text : undefined;
  };

  before(function () {
    try {
      execFileSync("git", ["--version"], { stdio: "pipe" });
    } catch {
      console.log("skipped: git is not installed");
      this.skip();
    }
    folder = toCorePath(realpathSync(mkdtempSync(join(tmpdir(), "loopguard-revision-"))));
    mkdirSync(join(folder, "app", "old"), { recursive: true });
    mkdirSync(join(folder, ".venv"));
    write("app/main.py", "before = 1\n");
    write("app/latin.py", "# -*- coding: latin-1 -*-\nname = 1\n");
    write("app/naïve name.py", "gone = 1\n");
    write("app/old/deep.py", "deep = 1\n");
    write("pyproject.toml", "before\n");
    write(".gitignore", ".venv\n");
    write(".venv/package.py", "installed = 1\n");
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "--message", "before");
    write("app/main.py", "after = 1\n");
    write("app/fresh.py", "fresh = 1\n");
    write("pyproject.toml", "after\n");
    unlinkSync(join(folder, "app", "naïve name.py"));
    rmSync(join(folder, "app", "old"), { recursive: true });
  });

  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true });
  });

  it("have the texts of then, and what is gone since", () => {
    const at = filesAtRevision(files, folder, "HEAD");
    equal(at.root, folder);
    equal(textOf(at, "app/main.py"), "before = 1\n");
    equal(textOf(at, "app/naïve name.py"), "gone = 1\n");
    equal(textOf(at, "app/old/deep.py"), "deep = 1\n");
    ok(at.isDirectory(`${folder}/app/old`));
    ok(at.isFile(`${folder}/app/old/deep.py`));
  });

  it("have nothing that came later, but settings and the environment of today", () => {
    const at = filesAtRevision(files, folder, "HEAD");
    equal(textOf(at, "app/fresh.py"), undefined);
    ok(!at.isFile(`${folder}/app/fresh.py`));
    deepEqual(
      at
        .list(`${folder}/app`)
        ?.map(({ name, kind }) => `${name} ${kind}`)
        .sort(),
      ["latin.py file", "main.py file", "naïve name.py file", "old directory"],
    );
    equal(textOf(at, "pyproject.toml"), "after\n");
    equal(textOf(at, ".venv/package.py"), "installed = 1\n");
  });

  it("are those of the whole work tree, asked for from a folder inside, also by a link", () => {
    equal(textOf(filesAtRevision(files, `${folder}/app`, "HEAD"), "app/main.py"), "before = 1\n");
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    try {
      const at = filesAtRevision(files, `${link}/app`, "HEAD");
      equal(at.root, link);
      deepEqual(at.read(`${link}/app/main.py`, 1e6), { kind: "text", text: "before = 1\n" });
    } finally {
      unlinkSync(link);
    }
  });

  it("start no program that the repository's own configuration names", function () {
    if (process.platform === "win32") this.skip();
    const program = join(folder, ".git", "program");
    writeFileSync(program, `#!/bin/sh\ntouch ${join(folder, ".git", "ran")}\n`, { mode: 0o755 });
    git("config", "core.fsmonitor", program);
    filesAtRevision(files, folder, "HEAD");
    equal(existsSync(join(folder, ".git", "ran")), false);
    git("config", "--unset", "core.fsmonitor");
  });

  it("are refused with a reason", () => {
    const because = (reason: RegExp) => (error: unknown) => error instanceof RevisionError && reason.test(error.message);
    throws(() => filesAtRevision(files, folder, "nowhere"), because(/no revision nowhere/));
    // Never an option of git.
    throws(() => filesAtRevision(files, folder, "--output=/tmp/x"), because(/no revision --output/));
    throws(() => filesAtRevision(files, toCorePath(tmpdir()), "HEAD"), because(/not a git repository/));
  });
});
