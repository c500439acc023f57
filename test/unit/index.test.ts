/**
 * Which files of a workspace the host reads and reports on, and how that follows the disk.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { DEFAULT_CONFIGURATION } from "../../server/src/analysis/configuration.js";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import { createMembership, selectFiles } from "../../server/src/analysis/selection.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";
import { MemoryFiles } from "../support/memory.js";

const BLOCKS = "import time\n\n\nasync def main():\n    time.sleep(1)\n";

function reported(host: AnalysisHost): string[] {
  return host.reportedFiles().map((path) => path.slice(PROJECT.length + 1));
}

function problemOf(host: AnalysisHost, path: string): string | undefined {
  return host.problems().find(({ file }) => file === `${PROJECT}/${path}`)?.message;
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

  it("sees a new file that is opened before anybody tells of it, and its importers follow", async () => {
    const across = `${PROJECT}/across.py`;
    const below = `${PROJECT}/below.py`;
    const importer = "from below import load\n\n\nasync def handler():\n    load()\n";
    const { host, files } = await createTestHost({ "across.py": importer });
    host.open(across, importer);
    deepEqual(host.findings(across), []);
    host.touch([across]);
    const text = "import time\n\n\ndef load():\n    time.sleep(3)\n";
    files.write(below, text);
    host.takeChanged();
    host.open(below, text);
    equal(host.findings(across).length, 1);
    equal(host.takeChanged().includes(across), true);
    deepEqual(reported(host), ["across.py"]);
    host.touch([below]);
    deepEqual(reported(host), ["across.py", "below.py"]);
    host.dispose();
  });

  it("goes on without files that vanish while it is made, and names what cannot be read", async () => {
    const { host, files } = await createTestHost({
      "main.py": `from gone import load\nfrom bad import load as other\n${BLOCKS}`,
    });
    files.write(`${PROJECT}/bad.py`, "\uFFFD");
    files.write(`${PROJECT}/gone.py`, BLOCKS);
    host.setFolders([{ path: PROJECT, configuration: DEFAULT_CONFIGURATION }]);
    const index = host.index();
    index.next();
    // Between listing and reading.
    files.remove(`${PROJECT}/gone.py`);
    for (const _ of index);
    equal(host.findings(`${PROJECT}/main.py`).length, 1);
    deepEqual(host.findings(`${PROJECT}/gone.py`), []);
    deepEqual(host.findings(`${PROJECT}/bad.py`), []);
    match(problemOf(host, "bad.py") ?? "", /not UTF-8/);
    host.touch([`${PROJECT}/gone.py`]);
    equal(problemOf(host, "gone.py"), undefined);
    deepEqual(reported(host), ["bad.py", "main.py"]);
    files.write(`${PROJECT}/bad.py`, BLOCKS);
    host.touch([`${PROJECT}/bad.py`]);
    equal(problemOf(host, "bad.py"), undefined);
    equal(host.findings(`${PROJECT}/bad.py`).length, 1);
    host.dispose();
  });

  it("passes over a folder that may not be entered", async () => {
    const { host, files } = await createTestHost({});
    files.write(`${PROJECT}/main.py`, BLOCKS);
    files.write(`${PROJECT}/secret/a.py`, BLOCKS);
    const list = files.list.bind(files);
    files.list = (path) => (path.endsWith("/secret") ? undefined : list(path));
    host.setFolders([{ path: PROJECT, configuration: DEFAULT_CONFIGURATION }]);
    for (const _ of host.index());
    deepEqual(reported(host), ["main.py"]);
    host.dispose();
  });

  it("of nothing is empty", async () => {
    const { host } = await createTestHost({});
    deepEqual([host.reportedFiles(), host.problems(), host.statistics().files], [[], [], 0]);
    deepEqual(host.findings(`${PROJECT}/nothing.py`), []);
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
