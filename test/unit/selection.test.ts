/**
 * Which files the named paths mean: ignore files, excludes, links, environments.
 */
import { deepEqual } from "node:assert/strict";
import { createExclude, createReported } from "../../server/src/analysis/exclude.js";
import { createMembership, foldersAbove, selectFiles } from "../../server/src/analysis/selection.js";
import { MemoryFiles } from "../support/memory.js";

function select(named: string, paths: readonly string[], ignoreFiles: Readonly<Record<string, string>> = {}): string[] {
  const files = new MemoryFiles({ ...Object.fromEntries(paths.map((path) => [path, ""])), ...ignoreFiles });
  return selectFiles(named, { files, isExcluded: () => false });
}

describe("selection", () => {
  it("takes Python files below a folder, sorted, and nothing else", () => {
    deepEqual(select("/p", ["/p/b.py", "/p/a.py", "/p/c.pyw", "/p/d.pyi", "/p/e.txt", "/p/sub/f.py"]), [
      "/p/a.py",
      "/p/b.py",
      "/p/c.pyw",
      "/p/sub/f.py",
    ]);
  });

  it("takes a named file whatever it is called", () => {
    deepEqual(select("/p/tool", ["/p/tool", "/p/.gitignore"], { "/p/.gitignore": "tool\n" }), ["/p/tool"]);
  });

  it("does not enter environments and caches, unless they are named", () => {
    const paths = ["/p/a.py", "/p/.venv/lib/x.py", "/p/env/pyvenv.cfg", "/p/env/y.py", "/p/node_modules/z.py"];
    deepEqual(select("/p", paths), ["/p/a.py"]);
    deepEqual(select("/p/.venv", paths), ["/p/.venv/lib/x.py"]);
    deepEqual(select("/p/env", paths), ["/p/env/y.py"]);
  });

  it("applies .gitignore files below the named folder, inner ones first", () => {
    const paths = ["/p/a.py", "/p/gen/b.py", "/p/sub/c_pb2.py", "/p/sub/keep_pb2.py", "/p/sub/x/gen/d.py"];
    const ignoreFiles = { "/p/.gitignore": "/gen/\n*_pb2.py\n", "/p/sub/.gitignore": "!keep_pb2.py\n" };
    deepEqual(select("/p", paths, ignoreFiles), ["/p/a.py", "/p/sub/keep_pb2.py", "/p/sub/x/gen/d.py"]);
  });

  it("applies the repository's .gitignore to what lies below a named folder, not to the folder", () => {
    const paths = ["/p/.git/HEAD", "/p/build/a.py", "/p/build/tmp/b.py"];
    const ignoreFiles = { "/p/.gitignore": "build/\ntmp/\n" };
    deepEqual(select("/p/build", paths, ignoreFiles), ["/p/build/a.py"]);
    deepEqual(select("/p/build/tmp", paths, ignoreFiles), ["/p/build/tmp/b.py"]);
    deepEqual(select("/p", paths, ignoreFiles), []);
  });

  it("does not look for .gitignore files above the repository", () => {
    deepEqual(select("/p/sub", ["/p/sub/.git/HEAD", "/p/sub/a.py"], { "/p/.gitignore": "*.py\n" }), ["/p/sub/a.py"]);
    deepEqual(select("/p/sub", ["/p/sub/a.py"], { "/p/.gitignore": "*.py\n" }), ["/p/sub/a.py"]);
  });

  it("enters a linked folder once, and no circle", () => {
    const files = new MemoryFiles(
      { "/p/a.py": "", "/p/under/b.py": "" },
      { "/p/up": "/p", "/p/one": "/p/under", "/p/two": "/p/under" },
    );
    deepEqual(selectFiles("/p", { files, isExcluded: () => false }), ["/p/a.py", "/p/one/b.py"]);
  });

  it("follows no link out of the folder, but links to elsewhere in its repository", () => {
    const texts = { "/r/p/a.py": "", "/r/p/deep/b.py": "", "/r/lib/c.py": "", "/r/d.py": "", "/etc/e.py": "" };
    const links = { "/r/p/lib": "/r/lib", "/r/p/d.py": "/r/d.py", "/r/p/etc": "/etc", "/r/p/deep/e.py": "/etc/e.py" };
    const own = ["/r/p/a.py", "/r/p/deep/b.py"];
    const files = new MemoryFiles(texts, links);
    deepEqual(selectFiles("/r/p", { files, isExcluded: () => false }), own);
    const repository = new MemoryFiles({ ...texts, "/r/.git/HEAD": "" }, links);
    const found = selectFiles("/r/p", { files: repository, isExcluded: () => false });
    deepEqual(found, ["/r/p/a.py", "/r/p/d.py", "/r/p/deep/b.py", "/r/p/lib/c.py"]);
    const holds = createMembership("/r/p", { files: repository, isExcluded: () => false });
    deepEqual([...found, "/r/p/etc/e.py", "/r/p/deep/e.py"].filter(holds), found);
  });

  it("leaves out what the configuration excludes", () => {
    const files = new MemoryFiles({ "/p/a.py": "", "/p/old/b.py": "" });
    deepEqual(selectFiles("/p", { files, isExcluded: (path) => path === "/p/old" }), ["/p/a.py"]);
  });

  it("names the folders above a path, innermost first", () => {
    deepEqual(foldersAbove("/a/b/c.py"), ["/a/b", "/a", "/"]);
    deepEqual(foldersAbove("/"), []);
    deepEqual(foldersAbove("c:/a/b.py"), ["c:/a", "c:/"]);
  });
});

describe("exclude", () => {
  const matching = (patterns: readonly string[], paths: readonly string[]): string[] => paths.filter(createExclude(patterns));
  const paths = ["migrations/0001.py", "app/migrations/0001.py", "app/api_pb2.py", "app/main.py", "tests/unit/test_a.py"];

  it("matches globs from the configuration's folder", () => {
    deepEqual(matching(["app/*.py"], paths), ["app/api_pb2.py", "app/main.py"]);
    deepEqual(matching(["**/migrations/**"], paths), ["migrations/0001.py", "app/migrations/0001.py"]);
    deepEqual(matching(["tests/**"], paths), ["tests/unit/test_a.py"]);
  });

  it("matches a name at any depth, and what lies in an excluded folder", () => {
    deepEqual(matching(["migrations"], paths), ["migrations/0001.py", "app/migrations/0001.py"]);
    deepEqual(matching(["*_pb2.py"], paths), ["app/api_pb2.py"]);
    deepEqual(matching(["tests/unit/", "./app/main.py"], paths), ["app/main.py", "tests/unit/test_a.py"]);
  });

  it("leaves only what is included and not excluded", () => {
    const reported = (include: readonly string[], exclude: readonly string[]): string[] =>
      paths.filter(createReported({ include, exclude }));
    deepEqual(reported(["app"], []), ["app/migrations/0001.py", "app/api_pb2.py", "app/main.py"]);
    deepEqual(reported(["app/**", "tests"], ["*_pb2.py", "migrations"]), ["app/main.py", "tests/unit/test_a.py"]);
    deepEqual(reported([], ["app"]), ["migrations/0001.py", "tests/unit/test_a.py"]);
  });

  it("matches nothing without patterns", () => {
    deepEqual(matching([], paths), []);
    deepEqual(matching(["", "/"], paths), []);
  });
});
