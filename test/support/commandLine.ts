/**
 * The command line over files in memory and a host that answers what a test tells it.
 */
import { posix } from "node:path";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import type { Explanation, Finding } from "../../server/src/analysis/findings.js";
import type { AnalysisHost, Problem, WorkspaceFolder } from "../../server/src/analysis/host.js";
import type { Store } from "../../server/src/analysis/ports.js";
import { lineStartsOf } from "../../server/src/base/lines.js";
import type { Environment } from "../../server/src/cli/environment.js";
import { runCommandLine } from "../../server/src/cli/main.js";
import type { Machine } from "../../server/src/cli/recording.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { loadForTests } from "./host.js";
import { MemoryFiles, MemoryLog, stillClock } from "./memory.js";

const same = (text: string): string => text;

/** What the host answers. */
export interface Answers {
  readonly findings?: readonly Finding[];
  readonly explanations?: readonly Explanation[];
  readonly problems?: readonly Problem[];
  /** Files the host reports on by itself; all Python files when absent. */
  readonly reported?: readonly string[];
}

export interface Run {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
  /** What the command told the host its folders are. */
  readonly folders: readonly WorkspaceFolder[];
  readonly opened: readonly string[];
  readonly files: MemoryFiles;
}

/** Runs `loopguard ...commandLine` in `folder` with the files `texts`, both absolute; the host is a fake unless `real`. */
export async function run(
  commandLine: readonly string[],
  texts: Readonly<Record<string, string>>,
  answers: Answers | "real" = {},
  changes: Partial<Environment> = {},
): Promise<Run> {
  const files = new MemoryFiles(texts);
  const log = new MemoryLog();
  const folder = changes.folder ?? "/project";
  const folders: WorkspaceFolder[] = [];
  const opened: string[] = [];
  let output = "";
  let errors = "";
  const host = fakeHost(texts, answers === "real" ? {} : answers, folders, opened);
  const environment: Environment = {
    files,
    clock: stillClock,
    log: Object.assign(log, { take: () => log.warnings.splice(0) }),
    folder,
    home: "/home/me",
    variables: {},
    version: "1.2.3",
    palette: { bold: same, dim: same, red: same, yellow: same, blue: same, cyan: same },
    interactive: false,
    resolve: (path) => posix.resolve(folder, path),
    print: (text) => {
      output += text;
    },
    printError: (text) => {
      errors += text;
    },
    write: (path, text) => files.write(path, text),
    filesAt: () => files,
    build: () => undefined,
    openStore: () => NO_STORE,
    createHost: async (machine) => (answers === "real" ? createReal(machine, log) : { host, grammar: {} as Grammar }),
    ...changes,
  };
  const exitCode = await runCommandLine(commandLine, environment);
  return { exitCode, output, errors, folders, opened, files };
}

/** Keeps nothing. */
const NO_STORE: Store = { read: () => undefined, write: () => {} };

async function createReal({ files, variables }: Machine, log: MemoryLog): ReturnType<Environment["createHost"]> {
  const { grammar, distribution } = await loadForTests();
  const host = createAnalysisHost({ grammar, knowledge: distribution.knowledge, files, clock: stillClock, log, variables });
  return { grammar, host };
}

function fakeHost(
  texts: Readonly<Record<string, string>>,
  { findings = [], explanations = [], problems = [], reported }: Answers,
  folders: WorkspaceFolder[],
  opened: string[],
): AnalysisHost {
  const python = Object.keys(texts).filter((path) => path.endsWith(".py"));
  const open = new Set<string>();
  return {
    setFolders: (given) => void folders.push(...given),
    open: (path) => {
      open.add(path);
      opened.push(path);
    },
    change: () => {},
    close: (path) => void open.delete(path),
    isOpen: (path) => open.has(path),
    touch: () => {},
    *index() {
      for (const done of python.keys()) yield { done, total: python.length };
    },
    reportedFiles: () => reported ?? python,
    findings: (path) => findings.filter(({ location }) => location.file === path),
    explain: (path, line, column) =>
      explanations.filter(({ location: { file, start } }) => {
        return file === path && start.line === line && (column === undefined || column >= start.column);
      }),
    flatTree: () => undefined,
    functionsAt: () => [],
    callersOf: () => undefined,
    calleesOf: () => undefined,
    blockingFunctions: () => [],
    reachedFrom: () => undefined,
    trial: () => ({ findings: [], broken: false }),
    within: (_, ask) => ask({ broken: [], concerned: [] }),
    revision: () => 0,
    mentions: () => undefined,
    naming: () => undefined,
    traits: () => [],
    siblings: () => [],
    twins: () => [],
    twinCalls: () => [],
    twinUse: () => undefined,
    text: (path) => texts[path],
    lineStarts: (path) => (texts[path] === undefined ? undefined : lineStartsOf(texts[path])),
    catchUp: () => false,
    takeChanged: () => [],
    problems: () => problems,
    statistics: () => ({
      files: python.length,
      functions: 2,
      entries: 1,
      packages: { count: 1, files: 3, refused: 0 },
      calls: { resolved: 6, external: 1, unknown: { parameter: 2, dynamic: 1 } },
      callsInEntries: { resolved: 1, external: 1, unknown: { dynamic: 2 } },
      findings: { "blocking-sleep": findings.length },
    }),
    counters: () => ({ surfaceChanges: 0, relinkedUnits: new Map(), forgottenFunctions: 0, computedSummaries: 0 }),
    dispose: () => {},
  };
}
