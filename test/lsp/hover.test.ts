/**
 * The hover's text: what each kind of site says, in which order, and with which catch.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import type { Explanation, Finding, Location, Verdict } from "../../server/src/analysis/findings.js";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import { fixHostOf } from "../../server/src/features/fixes/index.js";
import { explanationText, findingText, hoverAt, type Links } from "../../server/src/features/hover.js";
import { plainText } from "../../server/src/features/markdown.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";

const place = (file: string, line: number): Location => ({
  file,
  start: { line, column: 4 },
  end: { line, column: 9 },
});

const links: Links = {
  location: ({ file, start }) => (file === "" ? undefined : `file://${file}#L${start.line + 1}`),
  rule: (rule) => `file:///pages/${rule}.md`,
};

const finding: Finding = {
  rule: "blocking-http",
  severity: "warning",
  confidence: "definite",
  message: "Waits for a server on the event loop: requests.get",
  location: place("/project/app.py", 11),
  entry: { function: "app.handler", location: place("/project/app.py", 9) },
  path: [
    { role: "call", function: "app.handler", callee: "load.fetch", location: place("/project/app.py", 11) },
    { role: "call", function: "load.fetch", callee: "requests.get", location: place("/project/load.py", 2) },
  ],
  stall: { class: "wait", bound: 3, text: "up to 3 s" },
  also: [],
  ways: [
    { name: "aiohttp.ClientSession.get", remedy: "requests-to-aiohttp", rename: { params: "query" }, drop: ["proxies"] },
    { name: "httpx.AsyncClient.get", differs: "redirects are not followed" },
  ],
  fingerprint: "f",
};

const site = (verdict: Verdict): Explanation => ({
  location: finding.location,
  role: "call",
  callee: "json.loads",
  function: "app.handler",
  context: { place: "loop", text: "runs on the event loop" },
  verdict,
});

describe("hover", () => {
  it("says what blocks, what it costs whom, how it gets there, the ways out with their catch, and how to see it", () => {
    equal(
      findingText(finding, links),
      [
        "**`requests.get`, through `load.fetch`, blocks the event loop** (up to 3 s).",
        "Until it returns, the loop that runs `app.handler` serves nobody: every other task, timer and connection of the process waits.",
        "",
        "How it gets there:",
        "1. `app.handler` calls `load.fetch` ([app.py:12](file:///project/app.py#L12))",
        "2. `load.fetch` calls `requests.get` ([load.py:3](file:///project/load.py#L3))",
        "",
        "Ways out, best first:",
        "1. `aiohttp.ClientSession.get`, awaited: other tasks run meanwhile. What differs: there `params` is called `query`; it has no `proxies`.",
        "2. `httpx.AsyncClient.get`, awaited. What differs: redirects are not followed.",
        "3. `await asyncio.to_thread(load.fetch, ...)`: a thread waits and the loop goes on. A thread cannot be cancelled: a timeout ends the wait, not the work.",
        "",
        "Rule [blocking-http](file:///pages/blocking-http.md): A synchronous HTTP request on the event loop.",
        "",
        "To see it happen: `PYTHONASYNCIODEBUG=1` logs every callback that holds the loop for more than 100 ms.",
      ].join("\n"),
    );
  });

  it("of work that keeps the GIL names a process first", () => {
    const cpu: Finding = { ...finding, rule: "blocking-cpu", gil: "held", ways: [], stall: { class: "cpu", text: "computes" } };
    const text = findingText(cpu, links);
    match(text, /1\. `loop\.run_in_executor\(ProcessPoolExecutor\(\)[\s\S]*2\. [^\n]*to_thread[^\n]*keeps the GIL/);
    match(findingText({ ...cpu, gil: "released" }, links), /The way out: [^\n]*to_thread[^\n]*lets go of the GIL/);
  });

  it("of a wait without end offers no thread", () => {
    const endless: Finding = { ...finding, ways: [], stall: { class: "never", text: "never returns" } };
    const text = findingText(endless, links);
    equal(text.includes("to_thread"), false);
    match(text, /never goes on[^\n]*for good\./);
    match(text, /The way out: an end, or an `await`/);
  });

  it("says of short calls when they are not, and of what raises that it does", () => {
    const of = (stall: Finding["stall"]): string => findingText({ ...finding, stall }, links);
    match(of({ class: "inode", text: "one look at the disk" }), /network share that hangs\. Meanwhile the loop that runs/);
    match(of({ class: "once", text: "only the first time" }), /Later calls cost nothing/);
    match(of({ class: "lock", text: "while somebody else holds it" }), /While another holds it, the loop/);
    match(of({ class: "raises", text: "raises an error" }), /\*\*`requests\.get`[^\n]*must not run on the event loop\*\*/);
  });

  it("names what goes to a thread as it is written there", () => {
    const surroundings = { refused: [], hasParts: false, written: "self.loader.fetch" };
    match(findingText(finding, links, surroundings), /asyncio\.to_thread\(self\.loader\.fetch, \.\.\.\)/);
  });

  it("knows the written name from that of a call in front", async () => {
    const text =
      "import queue\n\nasync def main(jobs: queue.Queue):\n    jobs.get()\n    make(jobs).get()\n\ndef make(jobs: queue.Queue):\n    return jobs\n";
    const { host } = await createTestHost({ "main.py": text });
    const { grammar } = await loadForTests();
    const path = `${PROJECT}/main.py`;
    host.open(path, text);
    const hoverHost = {
      ...fixHostOf(host, () => ({})),
      explain: (file: string, line: number, column?: number) => host.explain(file, line, column),
    };
    const at = (line: number, column: number): string =>
      hoverAt(hoverHost, grammar, path, { line, column }, links)?.markdown ?? "";
    match(at(3, 9), /to_thread\(jobs\.get, /);
    match(at(4, 16), /to_thread\(queue\.Queue\.get, /);
    host.dispose();
  });

  it("says what puts a mistake right", () => {
    const of = (rule: Finding["rule"]): string => findingText({ ...finding, rule, ways: [] }, links);
    match(of("unawaited-coroutine"), /Ways out, best first:\n1\. `await` it\./);
    match(of("lost-task"), /TaskGroup/);
    match(of("swallowed-cancellation"), /The way out: `raise` it again/);
    match(of("missing-drain"), /The way out: `await writer\.drain\(\)`/);
    match(of("async-primitive-misuse"), /`async with`/);
  });

  it("of a rule about correctness gives the reason instead of a cost", () => {
    const lost: Finding = {
      ...finding,
      rule: "lost-task",
      message: "Nothing keeps this task on the event loop: asyncio.create_task",
      ways: [],
    };
    const text = findingText(lost, links);
    match(text, /^\*\*Nothing keeps this task.*weak references/);
    equal(text.includes("to_thread"), false);
  });

  it("says how sure it is, and what else the site breaks", () => {
    match(findingText({ ...finding, confidence: "probable" }, links), /probable, not certain/);
    match(findingText({ ...finding, implementations: [2, 3] }, links), /2 of the 3 implementations/);
    match(findingText({ ...finding, also: ["blocking-file"] }, links), /also breaks `blocking-file`/);
  });

  it("says of each way why no fix takes it", () => {
    const refused = [
      { remedy: "requests-to-aiohttp", reason: "the session is shared" },
      { remedy: "to-thread", reason: "it sets a ContextVar" },
    ];
    const text = findingText(finding, links, { refused, hasParts: false });
    match(text, /\n1\. `aiohttp[^\n]*No fix does it here: the session is shared\.\n2\. /);
    match(text, /\n3\. [^\n]*to_thread[^\n]*No fix does it here: it sets a ContextVar\.\n/);
  });

  it("moves a whole block, and leaves its steps to the opening", () => {
    match(findingText(finding, links, { refused: [], hasParts: true }), /to_thread\(\.\.\.\)` with the whole block/);
    const step = findingText({ ...finding, partOf: "other" }, links);
    match(step, /The way out is that of the opening/);
    equal(step.includes("to_thread"), false);
  });

  it("says why a site is not reported", () => {
    const text = (verdict: Verdict): string => explanationText(site(verdict), links);
    equal(
      text({ kind: "harmless", reason: "It only reads memory" }),
      "`json.loads` does not block the event loop. It only reads memory.",
    );
    match(
      text({ kind: "offloaded", reason: "A thread runs it" }),
      /leaves the event loop free\. A thread runs it\.\n\n.*ends the wait, not the work.*GIL/,
    );
    equal(
      text({ kind: "unknown", reason: "The type of `x` is not known" }),
      "Whether `json.loads` blocks is not known. The type of `x` is not known.",
    );
    match(
      text({ kind: "silent", reason: "It is suppressed here", finding }),
      /not reported here\. It is suppressed here\.\n\nHow it gets there/,
    );
    match(text({ kind: "reported", finding }), /requests\.get/);
  });

  it("is silent about calls that block nobody, off the loop", () => {
    const at = (...sites: Explanation[]): string | undefined => {
      const host = { explain: () => sites, text: () => undefined, findings: () => [] } as unknown as AnalysisHost;
      return hoverAt(host, {} as Grammar, "/project/app.py", { line: 0, column: 0 }, links)?.markdown;
    };
    const harmless = site({ kind: "harmless", reason: "It only reads memory" });
    equal(at(), undefined);
    match(at(harmless) ?? "", /does not block/);
    equal(at({ ...harmless, context: { place: "away", text: "runs off the event loop" } }), undefined);
    match(
      at({
        ...site({ kind: "offloaded", reason: "A thread runs it" }),
        context: { place: "unknown", text: "is not known to run on the event loop" },
      }) ?? "",
      /leaves the event loop free/,
    );
    // What is underlined is what is asked about, also on its arguments.
    match(at(harmless, site({ kind: "reported", finding })) ?? "", /requests\.get/);
  });

  it("can be shown without Markdown", () => {
    const text = plainText(findingText(finding, links));
    deepEqual([text.includes("`"), text.includes("]("), text.includes("**")], [false, false, false]);
    match(text, /1\. app\.handler calls load\.fetch \(app\.py:12\)/);
  });
});
