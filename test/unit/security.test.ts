/**
 * What SECURITY.md promises: nothing of a project is run, nothing is sent anywhere, nothing is read beyond the project and its
 * environment, and what is shipped is what was looked at.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DEFAULT_CONFIGURATION } from "../../server/src/analysis/configuration.js";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import { projectRootsIn } from "../../server/src/analysis/roots.js";
import { loadForTests, PROJECT } from "../support/host.js";
import { MemoryFiles, MemoryLog, stillClock } from "../support/memory.js";
import { importsOf, projectRoot, sourceFiles } from "../support/project.js";

const PROGRAM = join(projectRoot, "dist", "loopguard.cjs");
const SLEEPS = "import time\n\n\nasync def main():\n    time.sleep(1)\n";

describe("security", () => {
  describe("a project of somebody who means harm", function () {
    this.timeout(30_000);
    let folder: string;
    const ran = (): boolean => existsSync(join(folder, "ran"));

    before(() => {
      folder = realpathSync(mkdtempSync(join(tmpdir(), "loopguard-security-")));
      const harm = `import os\nos.system("touch ${join(folder, "ran")}")\n`;
      const program = `#!/bin/sh\ntouch ${join(folder, "ran")}\n`;
      const site = ".venv/lib/python3.12/site-packages";
      const texts: Readonly<Record<string, string>> = {
        "main.py": `import conftest, plugin, setup\n${SLEEPS}`,
        "setup.py": harm,
        "conftest.py": harm,
        "sitecustomize.py": harm,
        "pyproject.toml":
          '[build-system]\nbuild-backend = "setup"\nbackend-path = ["."]\n[tool.loopguard]\npython-path = "bin/python"\n',
        "bin/python": program,
        ".venv/pyvenv.cfg": "home = bin\n",
        ".venv/bin/python": program,
        [`${site}/plugin/__init__.py`]: harm,
        [`${site}/harm.pth`]: `${harm.replaceAll("\n", ";")}\nimport plugin\n`,
        [`${site}/__editable___x_finder.py`]: harm,
        "package.json": '{"scripts": {"preinstall": "touch ran"}}',
      };
      for (const [path, text] of Object.entries(texts)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
        if (text === program) chmodSync(join(folder, path), 0o755);
      }
    });

    after(() => rmSync(folder, { recursive: true, force: true }));

    it("is read, and nothing of it runs", () => {
      for (const commandLine of [
        ["check", "--python", ".venv/bin/python"],
        ["check", "--diff"],
      ]) {
        const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...commandLine], { cwd: folder, encoding: "utf8" });
        equal(status, 1, stderr);
        equal(ran(), false, commandLine.join(" "));
      }
    });

    it("gets the same findings from a process that may start no other and write no file", function () {
      const flag = ["--permission", "--experimental-permission"].find((name) => process.allowedNodeEnvironmentFlags.has(name));
      if (flag === undefined) this.skip();
      const check = (...flags: readonly string[]) =>
        spawnSync(process.execPath, [...flags, PROGRAM, "check", "--format", "json"], { cwd: folder, encoding: "utf8" });
      const confined = check(flag as string, "--no-warnings", `--allow-fs-read=*`);
      deepEqual([confined.status, confined.stdout], [1, check().stdout]);
    });
  });

  it("links out of the workspace are not followed by imports, but links in its repository and in packages are", async () => {
    const { grammar, distribution } = await loadForTests();
    const site = "/elsewhere/.venv/lib/python3.12/site-packages";
    const texts = {
      [`${PROJECT}/main.py`]:
        "import away, near, packed\n\n\nasync def main():\n    away.run()\n    near.run()\n    packed.run()\n",
      "/secret/away.py": "import time\n\n\ndef run():\n    time.sleep(1)\n",
      "/store/packed.py": "import time\n\n\ndef run():\n    time.sleep(3)\n",
      [`${PROJECT}/lib/near.py`]: "import time\n\n\ndef run():\n    time.sleep(2)\n",
      [`${site}/other.py`]: "",
      "/elsewhere/.venv/pyvenv.cfg": "",
    };
    const links = {
      [`${PROJECT}/away.py`]: "/secret/away.py",
      [`${PROJECT}/near.py`]: `${PROJECT}/lib/near.py`,
      [`${PROJECT}/.venv`]: "/elsewhere/.venv",
      [`${site}/packed.py`]: "/store/packed.py",
    };
    const files = new MemoryFiles(texts, links);
    const host = createAnalysisHost({
      grammar,
      knowledge: distribution.knowledge,
      files,
      clock: stillClock,
      log: new MemoryLog(),
    });
    host.setFolders([{ path: PROJECT, configuration: DEFAULT_CONFIGURATION }]);
    for (const _ of host.index());
    const lines = host.findings(`${PROJECT}/main.py`).map(({ location }) => location.start.line);
    deepEqual(lines, [5, 6]);
    deepEqual(
      files.reads.filter((path) => path.includes("away")),
      [],
    );
    host.dispose();
  });

  it("projects are looked for in no circle, and not behind links out of the workspace", () => {
    const texts = { [`${PROJECT}/lib/pyproject.toml`]: "", "/other/setup.py": "" };
    const links = {
      [`${PROJECT}/lib/up`]: PROJECT,
      [`${PROJECT}/other`]: "/other",
      [`${PROJECT}/again`]: `${PROJECT}/lib`,
      [`${PROJECT}/lib/self`]: `${PROJECT}/lib`,
    };
    deepEqual(projectRootsIn(new MemoryFiles(texts, links), PROJECT), [`${PROJECT}/lib`]);
  });

  it("no code of the program opens connections, evaluates text or starts programs, but for Git at a revision", () => {
    const shipped = [...sourceFiles("server/src", /\.ts$/), ...sourceFiles("client/src", /\.ts$/)];
    const modules = /^(node:)?(net|http|https|http2|tls|dgram|dns|vm|child_process|cluster|inspector|repl|wasi)(\/|$)/;
    const words = /\beval\(|\bnew Function\(|= await fetch\(|\bWebSocket\b|\bXMLHttpRequest\b|\bprocess\.dlopen\b/;
    const found = shipped.flatMap((file) => [
      ...importsOf(file)
        .filter(({ target, typeOnly }) => modules.test(target) && !typeOnly)
        .map(({ target }) => `${file.path}: ${target}`),
      ...(words.test(file.text) ? [`${file.path}: ${words.exec(file.text)?.[0]}`] : []),
    ]);
    // In a browser there is no other way to what lies beside the program.
    deepEqual(found, ["server/src/platform/browser.ts: = await fetch(", "server/src/platform/git.ts: node:child_process"]);
  });

  it("every dependency is pinned to one version, and to its content", () => {
    const read = (name: string) => JSON.parse(readFileSync(join(projectRoot, name), "utf8"));
    for (const folder of [".", "server", "client"]) {
      const { dependencies = {}, devDependencies = {} } = read(join(folder, "package.json"));
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        match(String(version), /^\d+\.\d+\.\d+(-[\w.]+)?$/, `${name} in ${folder}`);
      }
    }
    const packages: Readonly<Record<string, { link?: boolean; dev?: boolean; integrity?: string }>> =
      read("package-lock.json").packages;
    const shipped = Object.entries(packages).filter(([path, { link, dev }]) => path.includes("node_modules/") && !link && !dev);
    const loose = shipped.filter(([, { integrity }]) => !integrity).map(([path]) => path);
    deepEqual(loose, []);
    ok(shipped.length > 8 && shipped.length < 40, `${shipped.length} packages are shipped: few enough to look at`);
  });
});
