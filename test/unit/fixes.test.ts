/**
 * What is offered for a finding, in which order, and what is applied to a whole file.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type Fix, fixAll, fixesFor, refusalsFor } from "../../server/src/features/fixes/index.js";
import { applyEdits, arrangeEdits, composeEdits, type Edit } from "../../server/src/features/fixes/text/edits.js";
import { type Analysis, analyse } from "../fixes/analysis.js";
import { optionsOf, type Program, readPrograms } from "../fixes/programs.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";
import { sourceFiles } from "../support/project.js";

/** The fixes of the first finding on the line that holds `at`. */
async function offered(text: string, at: string, use: (fixes: readonly Fix[], analysis: Analysis) => void): Promise<void> {
  const analysis = await analyse(text);
  try {
    const line = text.split(/\r?\n/).findIndex((candidate) => candidate.includes(at));
    const finding = analysis.host.findings(analysis.path).find(({ location }) => location.start.line === line);
    ok(finding, `no finding on the line of ${at}`);
    use(fixesFor(analysis.host, analysis.grammar, analysis.path, finding), analysis);
  } finally {
    analysis.dispose();
  }
}

function applied(text: string, fixes: readonly Fix[], remedy: string): string {
  const fix = fixes.find((candidate) => candidate.remedy === remedy);
  ok(fix, `${remedy} is not offered`);
  return applyEdits(text, fix.edits);
}

describe("fixes", () => {
  it("are offered native first, then a thread, then silence; a drop-in is preferred", async () => {
    const text = "import time\n\n\nasync def main():\n    time.sleep(1)\n";
    await offered(text, "sleep(1)", (fixes) =>
      deepEqual(
        fixes.map(({ title, preferred }) => [title, preferred]),
        [
          ["Await asyncio.sleep instead", true],
          ["Run in a thread with asyncio.to_thread", false],
          ["Ignore blocking-sleep here, with a reason", false],
        ],
      ),
    );
  });

  it("prefer the thread where nothing native is a drop-in", async () => {
    const text = "import requests\n\n\nasync def main(url):\n    return requests.get(url).text\n";
    await offered(text, "requests.get", (fixes) =>
      deepEqual(
        fixes.map(({ title, preferred }) => [title, preferred]),
        [
          ["Fetch with aiohttp instead", false],
          ["Fetch with httpx.AsyncClient instead, where a text without a charset is UTF-8", false],
          ["Run in a thread with asyncio.to_thread", true],
          ["Ignore blocking-http here, with a reason", false],
        ],
      ),
    );
  });

  it("say that a dependency is missing", async () => {
    const text = "import requests\n\n\nasync def main(url):\n    return requests.get(url).text\n";
    const analysis = await analyse(text);
    const host = { ...analysis.host, projectFacts: () => ({ dependencies: ["requests"] }) };
    const [finding] = host.findings(analysis.path);
    ok(finding);
    const [fix] = fixesFor(host, analysis.grammar, analysis.path, finding);
    equal(fix?.title, "Fetch with aiohttp instead (aiohttp is not among the dependencies)");
    analysis.dispose();
  });

  it("bring the package first that the project depends on, or the file imports", async () => {
    const text = "import requests\n\n\nasync def main(url):\n    return requests.get(url).text\n";
    const titles = async (program: string, dependencies: readonly string[]): Promise<string[]> => {
      const analysis = await analyse(program);
      const host = { ...analysis.host, projectFacts: () => ({ dependencies }) };
      const [finding] = host.findings(analysis.path);
      ok(finding);
      const found = fixesFor(host, analysis.grammar, analysis.path, finding).map(({ title }) => title.split(" instead")[0] ?? "");
      analysis.dispose();
      return found.slice(0, 2);
    };
    deepEqual(await titles(text, ["requests", "httpx"]), ["Fetch with httpx.AsyncClient", "Fetch with aiohttp"]);
    deepEqual(await titles(text, ["aiohttp", "httpx"]), ["Fetch with aiohttp", "Fetch with httpx.AsyncClient"]);
    deepEqual(await titles(`import httpx\n${text}`, ["requests"]), ["Fetch with httpx.AsyncClient", "Fetch with aiohttp"]);
    deepEqual(await titles(text, []), ["Fetch with aiohttp", "Fetch with httpx.AsyncClient"]);
  });

  it("hand over a function that was called before its thread could, with its arguments", async () => {
    const program = (handed: string, before = ""): string =>
      `import asyncio\nimport time\n${before}\n\ndef load(path, size=1) -> str:\n    time.sleep(size)\n    return path\n\n\nasync def main(loop, path):\n    await ${handed}\n`;
    const made: readonly (readonly [string, string | undefined])[] = [
      ["asyncio.to_thread(load(path))", "asyncio.to_thread(load, path)"],
      ["asyncio.to_thread(load(path, size=2))", "asyncio.to_thread(load, path, size=2)"],
      ["asyncio.to_thread(time.sleep(1))", "asyncio.to_thread(time.sleep, 1)"],
      // Keyword arguments do not go through an executor, and what comes behind is meant for the result.
      ["asyncio.get_running_loop().run_in_executor(None, load(path, size=2))", undefined],
      [
        "asyncio.get_running_loop().run_in_executor(None, load(path))",
        "asyncio.get_running_loop().run_in_executor(None, load, path)",
      ],
      ["asyncio.to_thread(load(path), 1)", undefined],
    ];
    for (const [handed, expected] of made) {
      const analysis = await analyse(program(handed));
      const [finding] = analysis.host.findings(analysis.path).filter(({ rule }) => rule === "blocking-sleep");
      ok(finding, handed);
      const fix = fixesFor(analysis.host, analysis.grammar, analysis.path, finding).find(({ remedy }) => remedy === "to-thread");
      const text = fix && applyEdits(analysis.host.text(analysis.path) as string, fix.edits);
      equal(text, expected && program(expected), handed);
      analysis.dispose();
    }
    const sleep = await analyse(program("asyncio.to_thread(time.sleep(1))"));
    const [slept] = sleep.host.findings(sleep.path).filter(({ path }) => path.length === 1 && path[0]?.callee === "time.sleep");
    const refused = slept && refusalsFor(sleep.host, sleep.grammar, sleep.path, slept);
    match(refused?.find(({ remedy }) => remedy === "asyncio-sleep")?.reason ?? "", /hand over/);
    sleep.dispose();
    // A function that makes what the thread calls.
    const maker = program("asyncio.to_thread(make())", "\n\ndef make():\n    time.sleep(1)\n    return print\n");
    const analysis = await analyse(maker);
    const [finding] = analysis.host.findings(analysis.path);
    ok(finding);
    equal(
      refusalsFor(analysis.host, analysis.grammar, analysis.path, finding).some(({ remedy }) => remedy === "to-thread"),
      true,
    );
    analysis.dispose();
  });

  it("look into the files that a helper calls", async () => {
    const { grammar } = await loadForTests();
    const { host } = await createTestHost({
      "app/main.py": "from .work import work\n\n\nasync def main():\n    work()\n",
      "app/work.py": "import time\nfrom app import notes\n\n\ndef work():\n    time.sleep(1)\n    notes.note()\n",
      "app/notes.py": "import asyncio\n\n\ndef note():\n    asyncio.get_running_loop().call_soon(print)\n",
    });
    const path = `${PROJECT}/app/main.py`;
    const [finding] = host.findings(path);
    ok(finding);
    const [refusal] = refusalsFor(host, grammar, path, finding);
    equal(refusal?.reason, "it uses the running event loop: `work` → `note` → `asyncio.get_running_loop`");
    host.dispose();
  });

  it("are not preferred where a shared value is read before and written after", async () => {
    const check =
      "import time\n\n\nclass Cache:\n    async def get(self):\n        if self.value is None:\n            self.value = self.load()\n        return self.value\n\n    def load(self):\n        time.sleep(1)\n        return 1\n";
    await offered(check, "self.load()", (fixes) => equal(fixes.find((fix) => fix.remedy === "to-thread")?.preferred, false));
    const count =
      "import time\n\n\nclass Counter:\n    async def add(self):\n        self.total += work()\n\n\ndef work():\n    time.sleep(1)\n    return 1\n";
    await offered(count, "work()", (fixes) => equal(fixes.find((fix) => fix.remedy === "to-thread")?.preferred, false));
  });
});

describe("edits of fixes", () => {
  /** What each remedy makes of the first finding of each program that has a fix. */
  async function results(change: (text: string) => string): Promise<string[]> {
    const texts: string[] = [];
    for (const program of sourceFiles("test/fixes/programs", /\.md$/).flatMap(({ text }) => sample(readPrograms(text)))) {
      const text = change(program.text);
      const analysis = await analyse(text);
      const [finding] = analysis.host.findings(analysis.path);
      for (const { edits } of finding ? fixesFor(analysis.host, analysis.grammar, analysis.path, finding) : []) {
        checkOrder(edits, text.length);
        texts.push(applyEdits(text, edits));
      }
      analysis.dispose();
    }
    return texts;
  }

  /** The first few of each file: its remedy puts text together in one manner. */
  function sample(programs: readonly Program[]): Program[] {
    const isFit = (program: Program): boolean => {
      // The white space of a string is not the manner of the text.
      const isMixed = program.text.includes("\r") || program.text.includes("two\n");
      return optionsOf(program, "fix").length > 0 && !isMixed;
    };
    return programs.filter(isFit).slice(0, 6);
  }

  /** Sorted, not overlapping, and no two at one place: no client has to choose an order. */
  function checkOrder(edits: readonly Edit[], length: number): void {
    for (const [index, edit] of edits.entries()) {
      const before = edits[index - 1];
      ok(edit.start <= edit.end && edit.end <= length);
      ok(!before || (before.end <= edit.start && before.start < edit.start));
    }
  }

  it("are in order, and keep line ends and tabs", async () => {
    const change = (text: string): string =>
      text.replace(/^(?: {4})+/gm, (indent) => "\t".repeat(indent.length / 4)).replaceAll("\n", "\r\n");
    deepEqual(await results(change), (await results((text) => text)).map(change));
  }).timeout(240_000);
});

describe("the comment that ignores a finding", () => {
  async function ignored(text: string, at: string): Promise<string> {
    let result = "";
    await offered(text, at, (fixes) => {
      result = applied(text, fixes, "ignore");
    });
    return result;
  }

  const head = "import time\n\n\nasync def main(x):\n";

  it("goes to the end of the line", async () => {
    equal(
      await ignored(`${head}    time.sleep(1)\n`, "sleep(1)"),
      `${head}    time.sleep(1)  # loopguard: ignore[blocking-sleep] say why this may block\n`,
    );
  });

  it("goes behind a comment", async () => {
    equal(
      await ignored(`${head}    time.sleep(1)  # type: ignore\n`, "sleep(1)"),
      `${head}    time.sleep(1)  # type: ignore  # loopguard: ignore[blocking-sleep] say why this may block\n`,
    );
  });

  it("asks for the reason of what it silences", async () => {
    const text = "import asyncio\n\n\nasync def main(work):\n    asyncio.create_task(asyncio.sleep(1))\n";
    ok((await ignored(text, "create_task")).endsWith("  # loopguard: ignore[lost-task] say why this is right\n"));
  });

  it("joins a comment of ours", async () => {
    equal(
      await ignored(`${head}    time.sleep(1)  # loopguard: ignore[blocking-file] since\n`, "sleep(1)"),
      `${head}    time.sleep(1)  # loopguard: ignore[blocking-file, blocking-sleep] since\n`,
    );
  });

  it("keeps CRLF", async () => {
    const text = `${head}    time.sleep(1)\n`.replaceAll("\n", "\r\n");
    ok((await ignored(text, "sleep(1)")).endsWith("say why this may block\r\n"));
  });

  it("avoids continuation lines and strings", async () => {
    equal(
      await ignored(`${head}    print(x, \\\n        time.sleep(1))\n`, "sleep(1)"),
      `${head}    print(x, \\\n        time.sleep(1))  # loopguard: ignore[blocking-sleep] say why this may block\n`,
    );
    equal(
      await ignored(`${head}    time.sleep(len("""\n    a"""))\n`, "sleep("),
      `${head}    time.sleep(len("""\n    a"""))  # loopguard: ignore[blocking-sleep] say why this may block\n`,
    );
  });
});

describe("fixing a whole file", () => {
  async function fixed(text: string): Promise<string> {
    const analysis = await analyse(text);
    try {
      return fixAll(analysis.host, analysis.grammar, analysis.path).text;
    } finally {
      analysis.dispose();
    }
  }

  it("applies fixes side by side and inside each other, with one import", async () => {
    const text =
      "import time\nimport urllib.request\n\n\ndef name(x):\n    time.sleep(1)\n    return x\n\n\nasync def main(x):\n    time.sleep(1)\n    time.sleep(2)\n    return urllib.request.urlopen(name(x))\n";
    const expected =
      "import asyncio\nimport time\nimport urllib.request\n\n\ndef name(x):\n    time.sleep(1)\n    return x\n\n\nasync def main(x):\n    await asyncio.sleep(1)\n    await asyncio.sleep(2)\n    return await asyncio.to_thread(urllib.request.urlopen, await asyncio.to_thread(name, x))\n";
    equal(await fixed(text), expected);
    equal(await fixed(expected), expected);
  });

  it("leaves alone what has no preferred fix", async () => {
    const text =
      "import os\nimport time\n\n\nasync def main(path):\n    run = [lambda: time.sleep(1)]\n    return os.path.exists(path)\n";
    equal(await fixed(text), text);
  });
});

describe("edits", () => {
  it("that follow others become one set of edits of the first text", () => {
    const text = "abcdefgh";
    const firsts: Edit[][] = [
      [],
      [{ start: 2, end: 2, text: "XY" }],
      [
        { start: 0, end: 1, text: "" },
        { start: 3, end: 5, text: "12345" },
        { start: 8, end: 8, text: "Z" },
      ],
    ];
    for (const first of firsts) {
      const middle = applyEdits(text, first);
      for (let start = 0; start <= middle.length; start++) {
        for (let end = start; end <= middle.length; end++) {
          const second = [{ start, end, text: "!" }];
          const both = arrangeEdits(composeEdits(first, second, text.length));
          equal(both && applyEdits(text, both), applyEdits(middle, second));
        }
      }
    }
    // What nobody touches stays out of the edits.
    deepEqual(composeEdits([{ start: 0, end: 0, text: "async " }], [{ start: 13, end: 14, text: "H" }], text.length), [
      { start: 0, end: 0, text: "async " },
      { start: 7, end: 8, text: "H" },
    ]);
  });

  it("at one place are joined, the same edit is made once, contradictions are found", () => {
    const insert = (text: string) => ({ start: 3, end: 3, text });
    deepEqual(arrangeEdits([{ start: 3, end: 5, text: "c" }, insert("a"), insert("b"), insert("a")]), [
      { start: 3, end: 5, text: "abc" },
    ]);
    equal(
      arrangeEdits([
        { start: 3, end: 5, text: "c" },
        { start: 4, end: 6, text: "d" },
      ]),
      undefined,
    );
  });
});
