/**
 * What a machine does to the programs on it: it kills them while they write, its disks are full, its clock jumps, files vanish
 * between two looks. Nothing of a user's is lost, and a run says what it could not do, or does without.
 */
import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs, {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_CONFIGURATION } from "../../server/src/analysis/configuration.js";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import { homeFolder } from "../../server/src/platform/folders.js";
import { createNodeStore } from "../../server/src/platform/store.js";
import { replaceFile } from "../../server/src/platform/write.js";
import { loadForTests, PROJECT } from "../support/host.js";
import { MemoryFiles, MemoryLog, stillClock } from "../support/memory.js";
import { projectRoot } from "../support/project.js";

const PROGRAM = join(projectRoot, "dist", "loopguard.cjs");
const SLEEPS = "import time\n\n\nasync def main():\n    time.sleep(1)\n";

describe("faults of the machine", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "loopguard-faults-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const inside = (name: string): string => join(folder, name);

  /** Runs `action` on a disk that is full from the first byte on: a file can be made, and nothing be written to it. */
  function onFullDisk(action: () => void): void {
    const { writeFileSync: write } = fs;
    fs.writeFileSync = ((path: fs.PathOrFileDescriptor, _: string, options?: fs.WriteFileOptions) => {
      write(path, "", options);
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    }) as typeof fs.writeFileSync;
    try {
      action();
    } finally {
      fs.writeFileSync = write;
    }
  }

  describe("a process that is killed while it keeps what it knows", () => {
    it("leaves whole entries, and the next one writes its own", async () => {
      const endless = `
        const { createNodeStore } = require(${JSON.stringify(join(projectRoot, "server/src/platform/store.ts"))});
        const store = createNodeStore(${JSON.stringify(folder)}, { warn() {}, info() {} });
        for (let number = 0; ; number++) store.write((number % 4000).toString(16).padStart(8, "0"), { text: "x".repeat(50_000 + (number % 7) * 10_000) + number });`;
      for (let round = 0; round < 3; round++) {
        const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", endless], { cwd: projectRoot, stdio: "ignore" });
        const ended = new Promise((resolve) => child.on("exit", resolve));
        const entries = () => readdirSync(folder, { recursive: true }).length;
        for (const before = entries(); entries() < before + 40 && child.exitCode === null; )
          await new Promise((done) => setTimeout(done, 20));
        equal(child.exitCode, null, "it still writes");
        child.kill("SIGKILL");
        await ended;
      }
      const store = createNodeStore(folder, new MemoryLog());
      let read = 0;
      for (let number = 0; number < 4000; number++) {
        const text = store.read(number.toString(16).padStart(8, "0"))?.text;
        if (text === undefined) continue;
        read++;
        match(text, /^x{50000,}\d+$/);
      }
      ok(read > 30, `${read} entries`);
      store.write("ffff0000", { text: "mine" });
      equal(store.read("ffff0000")?.text, "mine");
    });
  });

  describe("a disk that is full", () => {
    it("costs a file of the user's nothing: it is as before", () => {
      writeFileSync(inside("main.py"), SLEEPS);
      onFullDisk(() => throws(() => replaceFile(inside("main.py"), "fixed = 1\n"), /no space left/));
      equal(readFileSync(inside("main.py"), "utf8"), SLEEPS);
      deepEqual(readdirSync(folder), ["main.py"]);
    });

    it("keeps nothing for the next run, which is said once", () => {
      const log = new MemoryLog();
      const store = createNodeStore(folder, log);
      onFullDisk(() => {
        store.write("00000000", { text: "one" });
        store.write("11111111", { text: "other" });
      });
      equal(store.read("00000000"), undefined);
      equal(log.messages.length, 1);
      match(log.messages[0] ?? "", /Nothing is kept in .*no space left/);
      deepEqual(
        readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
          (entry) => entry.isFile() && entry.name !== "trimmed",
        ),
        [],
      );
    });

    it("ends a check with 2, in one sentence, when the report has no room", function () {
      if (process.platform !== "linux") this.skip();
      writeFileSync(inside("main.py"), SLEEPS);
      const full = fs.openSync("/dev/full", "w");
      const { status, stderr } = spawnSync(process.execPath, [PROGRAM, "check"], {
        cwd: folder,
        stdio: ["ignore", full, "pipe"],
        encoding: "utf8",
      });
      fs.closeSync(full);
      deepEqual([status, stderr], [2, "loopguard: the report cannot be written: ENOSPC: no space left on device, write\n"]);
    });
  });

  describe("a file that is replaced", () => {
    it("keeps its rights, and the link it is reached by", function () {
      if (process.platform === "win32") this.skip();
      writeFileSync(inside("tool.py"), "before\n");
      chmodSync(inside("tool.py"), 0o755);
      symlinkSync("tool.py", inside("link.py"));
      replaceFile(inside("link.py"), "after\n");
      equal(readFileSync(inside("tool.py"), "utf8"), "after\n");
      equal(statSync(inside("tool.py")).mode & 0o777, 0o755);
      ok(lstatSync(inside("link.py")).isSymbolicLink());
      replaceFile(inside("fresh.txt"), "new\n");
      deepEqual(readdirSync(folder).sort(), ["fresh.txt", "link.py", "tool.py"]);
    });

    it("is not read first when it is no file: a device would never end", function () {
      if (process.platform !== "linux") this.skip();
      writeFileSync(inside("main.py"), SLEEPS);
      const options = { cwd: folder, encoding: "utf8", timeout: 20_000 } as const;
      const to = (device: string) =>
        spawnSync(process.execPath, [PROGRAM, "check", "--format", "json", "--output", device], options);
      equal(to("/dev/zero").status, 1);
      match(to("/dev/full").stderr, /\/dev\/full cannot be written: ENOSPC/);
      const piped = '"$0" "$1" check --format json --output /dev/stdout | cat';
      equal(JSON.parse(spawnSync("sh", ["-c", piped, process.execPath, PROGRAM], options).stdout).version, 1);
    });
  });

  it("a user without a home works in the folder of temporary files", () => {
    const nobody = (): string => {
      throw new Error("uv_os_homedir returned ENOENT (no such file or directory)");
    };
    equal(homeFolder(nobody), tmpdir());
    equal(
      homeFolder(() => "/home/me"),
      "/home/me",
    );
  });

  it("a clock that jumps years, and entries of the future, lose nothing that is kept", () => {
    const store = createNodeStore(folder, new MemoryLog());
    store.write("00000000", { text: "one" });
    const { now } = Date;
    try {
      for (const years of [-30, 30]) {
        Date.now = () => now() + years * 365 * 24 * 3600 * 1000;
        equal(store.read("00000000")?.text, "one");
        const later = createNodeStore(folder, new MemoryLog());
        later.write("11111111", { text: "other" });
        equal(later.read("11111111")?.text, "other");
      }
      const future = new Date(now() + 1e11);
      for (const name of readdirSync(folder, { recursive: true }) as string[]) utimesSync(inside(name), future, future);
    } finally {
      Date.now = now;
    }
    equal(createNodeStore(folder, new MemoryLog()).read("00000000")?.text, "one");
  });

  it("files that vanish between the listing and the reading are as good as none", async () => {
    const { grammar, distribution } = await loadForTests();
    class Vanishing extends MemoryFiles {
      override read(path: string, maxBytes: number): ReturnType<MemoryFiles["read"]> {
        if (path.includes("gone")) this.remove(path);
        return super.read(path, maxBytes);
      }
    }
    const texts = {
      "gone.py": SLEEPS,
      "gonetoo/__init__.py": SLEEPS,
      "main.py": `import gone\nfrom gonetoo import main as other\n${SLEEPS}    await other()\n`,
    };
    const files = new Vanishing(Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${PROJECT}/${name}`, text])));
    const log = new MemoryLog();
    const host = createAnalysisHost({ grammar, knowledge: distribution.knowledge, files, clock: stillClock, log });
    host.setFolders([{ path: PROJECT, configuration: DEFAULT_CONFIGURATION }]);
    for (const _ of host.index());
    deepEqual(
      Object.keys(texts).map((name) => host.findings(`${PROJECT}/${name}`).length),
      [0, 0, 1],
    );
    host.dispose();
  });
});
