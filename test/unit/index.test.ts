/**
 * Which files of a workspace the host reads and reports on, and how that follows the disk.
 */
import { deepEqual } from "node:assert/strict";
import { createMembership, selectFiles } from "../../server/src/analysis/selection.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";
import { MemoryFiles } from "../support/memory.js";

const BLOCKS = "import time\n\n\nasync def main():\n    time.sleep(1)\n";

function reported(host: { reportedFiles(): readonly string[] }): string[] {
  return host.reportedFiles().map((path) => path.slice(PROJECT.length + 1));
}

describe("index", () => {
  before(() => loadForTests());

  it("holds what .gitignore leaves, as the command line selects it", async () => {
    const texts = {
      ".gitignore": "build/\n*_pb2.py\n",
      "main.py": BLOCKS,
      "tool.pyw": BLOCKS,
      "main.pyi": "",
      "thing_pb2.py": BLOCKS,
      "build/copy.py": BLOCKS,
      "node_modules/x/setup.py": BLOCKS,
      "env/pyvenv.cfg": "",
      "env/lib/y.py": BLOCKS,
      "sub/.gitignore": "!keep_pb2.py\n",
      "sub/keep_pb2.py": BLOCKS,
    };
    const { host, files } = await createTestHost(texts);
    deepEqual(reported(host), ["main.py", "sub/keep_pb2.py", "tool.pyw"]);
    deepEqual(host.reportedFiles(), selectFiles(PROJECT, { files, isExcluded: () => false }));
    host.dispose();
  });

  it("follows files that come and go, and takes in no ignored one", async () => {
    const { host, files } = await createTestHost({ ".gitignore": "build/\n", "main.py": BLOCKS });
    for (const path of ["build/new.py", "new.py", "node_modules/z.py"]) files.write(`${PROJECT}/${path}`, BLOCKS);
    host.touch(["build/new.py", "new.py", "node_modules/z.py"].map((path) => `${PROJECT}/${path}`));
    deepEqual(reported(host), ["main.py", "new.py"]);
    // A look into an ignored file makes it no part of the workspace.
    host.open(`${PROJECT}/build/new.py`, BLOCKS);
    deepEqual(host.findings(`${PROJECT}/build/new.py`).length, 1);
    host.close(`${PROJECT}/build/new.py`);
    deepEqual(reported(host), ["main.py", "new.py"]);
    files.remove(`${PROJECT}/main.py`);
    host.touch([`${PROJECT}/main.py`]);
    deepEqual(reported(host), ["new.py"]);
    host.dispose();
  });

  it("asked of one file answers as the whole list does", () => {
    const paths = [
      "a.py",
      "b.pyi",
      "gen/c.py",
      "gen/keep/d.py",
      "sub/e_pb2.py",
      "sub/f.py",
      "sub/.venv/g.py",
      "v/pyvenv.cfg",
      "v/h.py",
    ];
    const files = new MemoryFiles({
      ...Object.fromEntries(paths.map((path) => [`/p/q/${path}`, ""])),
      "/p/.git/HEAD": "",
      "/p/.gitignore": "gen/\n",
      "/p/q/sub/.gitignore": "*_pb2.py\n",
    });
    const selection = { files, isExcluded: (path: string) => path === "/p/q/sub/f.py" };
    for (const named of ["/p/q", "/p", "/p/q/gen", "/p/q/v", "/p/q/a.py"]) {
      const holds = createMembership(named, selection);
      const every = paths.map((path) => `/p/q/${path}`);
      deepEqual(every.filter(holds), selectFiles(named, selection), named);
    }
  });
});
