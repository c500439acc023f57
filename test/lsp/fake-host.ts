/**
 * An analysis host that is easy to predict: every `time.sleep(...)` is a finding, `boom` makes requests fail, and a file that
 * holds `import NAME` goes stale whenever `/project/NAME.py` changes. Counts what it is asked, so that tests can see which
 * computations ran.
 */
import type { Configuration } from "../../server/src/analysis/configuration.js";
import type { Explanation, Finding, Location } from "../../server/src/analysis/findings.js";
import type { AnalysisHost, Assumed, IndexProgress, WorkspaceFolder } from "../../server/src/analysis/host.js";
import { lineStartsOf, offsetAt, positionAt } from "../../server/src/base/lines.js";

export class FakeHost implements AnalysisHost {
  readonly open_ = new Map<string, string>();
  /** Paths `findings` was called with, in order. */
  readonly looked: string[] = [];
  readonly changes: string[] = [];
  readonly touched: string[] = [];
  folders: readonly WorkspaceFolder[] = [];
  indexRuns = 0;
  /** Steps of indexing that were taken. */
  indexed = 0;
  disposed = false;
  #changed = new Set<string>();

  /** `disk`: files by path; `indexSteps`: how many steps indexing takes, each of `stepTime` milliseconds. */
  constructor(
    readonly disk: Map<string, string> = new Map(),
    readonly indexSteps = 0,
    readonly stepTime = 0,
  ) {}

  setFolders(folders: readonly WorkspaceFolder[]): void {
    this.folders = folders;
  }

  open(path: string, text: string): void {
    this.open_.set(path, text);
    this.#spread(path);
  }

  change(path: string, changes: Parameters<AnalysisHost["change"]>[1]): void {
    let text = this.open_.get(path);
    if (text === undefined) throw new Error(`${path} is not open`);
    for (const { range, text: inserted } of changes) {
      this.changes.push(inserted);
      if (!range) {
        text = inserted;
        continue;
      }
      const starts = lineStartsOf(text);
      text = text.slice(0, offsetAt(starts, text, range.start)) + inserted + text.slice(offsetAt(starts, text, range.end));
    }
    this.open_.set(path, text);
    this.#spread(path);
  }

  close(path: string): void {
    this.open_.delete(path);
    this.#spread(path);
  }

  isOpen(path: string): boolean {
    return this.open_.has(path);
  }

  touch(paths: readonly string[]): void {
    this.touched.push(...paths);
    for (const path of paths) this.#spread(path);
  }

  *index(): Generator<IndexProgress, void, void> {
    this.indexRuns++;
    for (let done = 1; done <= this.indexSteps; done++) {
      const end = performance.now() + this.stepTime;
      while (performance.now() < end);
      this.indexed++;
      yield { done, total: this.indexSteps };
    }
  }

  reportedFiles(): readonly string[] {
    return [...this.disk.keys()];
  }

  findings(path: string): readonly Finding[] {
    this.looked.push(path);
    const text = this.text(path) ?? "";
    if (text.includes("unlucky")) throw new Error("bad luck");
    const starts = lineStartsOf(text);
    const severity = this.#configuration(path)?.severity["blocking-sleep"];
    if (severity === "off") return [];
    return [...text.matchAll(/time\.sleep\((\d+)\)/g)].map((match, ordinal) => {
      const location = {
        file: path,
        start: positionAt(starts, match.index),
        end: positionAt(starts, match.index + match[0].length),
      };
      return fakeFinding(location, Number(match[1]), ordinal, severity);
    });
  }

  explain(path: string, line: number, column?: number): readonly Explanation[] {
    if (this.text(path)?.includes("boom")) throw new Error("the explanation blew up");
    return this.findings(path)
      .filter(({ location: { start, end } }) => {
        return start.line === line && (column === undefined || (start.column <= column && column <= end.column));
      })
      .map((finding) => ({
        location: finding.location,
        role: "call",
        callee: "time.sleep",
        function: "handler",
        context: { place: "loop", text: "runs on the event loop" },
        verdict: { kind: "reported", finding },
      }));
  }

  flatTree(): undefined {}

  functionsAt(): readonly never[] {
    return [];
  }

  callersOf(): undefined {}

  calleesOf(): undefined {}

  blockingFunctions(): readonly never[] {
    return [];
  }

  reachedFrom(): undefined {}

  mentions(): undefined {}
  naming(): undefined {}

  traits(): readonly never[] {
    return [];
  }

  siblings(): readonly never[] {
    return [];
  }

  twins(): readonly never[] {
    return [];
  }

  twinCalls(): readonly never[] {
    return [];
  }

  twinUse(): undefined {
    return undefined;
  }

  trial(): { findings: readonly Finding[]; broken: boolean } {
    return { findings: [], broken: false };
  }

  within<Answer>(_texts: ReadonlyMap<string, string>, ask: (assumed: Assumed) => Answer): Answer {
    return ask({ broken: [], concerned: [] });
  }

  revision(): number {
    return this.#revision;
  }
  #revision = 0;

  text(path: string): string | undefined {
    return this.open_.get(path) ?? this.disk.get(path);
  }

  lineStarts(path: string): readonly number[] | undefined {
    const text = this.text(path);
    return text === undefined ? undefined : lineStartsOf(text);
  }

  /** Steps of put-off work; the last of them makes `catchesUpWith` stale. */
  behind = 0;
  catchesUpWith: string | undefined;

  catchUp(): boolean {
    if (this.behind > 0) this.behind--;
    if (this.behind === 0 && this.catchesUpWith !== undefined) {
      this.#changed.add(this.catchesUpWith);
      this.catchesUpWith = undefined;
    }
    return this.behind > 0;
  }

  takeChanged(): readonly string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  problems(): readonly never[] {
    return [];
  }

  statistics(): ReturnType<AnalysisHost["statistics"]> {
    const calls = { resolved: 0, external: 0, unknown: {} };
    return {
      files: 0,
      functions: 0,
      entries: 0,
      packages: { count: 0, files: 0, refused: 0 },
      calls,
      callsInEntries: calls,
      findings: {},
    };
  }

  counters(): ReturnType<AnalysisHost["counters"]> {
    return { surfaceChanges: 0, relinkedUnits: new Map(), forgottenFunctions: 0, computedSummaries: 0 };
  }

  dispose(): void {
    this.disposed = true;
  }

  #configuration(path: string): Configuration | undefined {
    return this.folders.find((folder) => path.startsWith(`${folder.path}/`))?.configuration;
  }

  #spread(path: string): void {
    this.#revision++;
    const name = /\/([^/]+)\.py$/.exec(path)?.[1];
    for (const [other, text] of new Map([...this.disk, ...this.open_])) {
      if (other !== path && text.includes(`import ${name}`)) this.#changed.add(other);
    }
  }
}

function fakeFinding(location: Location, seconds: number, ordinal: number, severity: Finding["severity"] = "warning"): Finding {
  return {
    rule: "blocking-sleep",
    severity,
    confidence: "definite",
    message: `Blocks the event loop for ${seconds} s: time.sleep`,
    location,
    entry: { function: "handler", location },
    path: [
      { role: "call", function: "handler", callee: "pause", location },
      { role: "call", function: "pause", callee: "time.sleep", location: { ...location, file: "/project/helpers.py" } },
      { role: "cause", function: "time.sleep", callee: "time.sleep", location: { ...location, file: "" } },
    ],
    stall: { class: "wait", seconds, text: `${seconds} s` },
    also: [],
    ways: [{ name: "asyncio.sleep", remedy: "sleep" }],
    fingerprint: `fake-${ordinal}`,
  };
}
