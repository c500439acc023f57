/**
 * The real analysis over files in memory, with the grammar and the knowledge that the build made.
 */
import { posix } from "node:path";
import { createAnalysisHost } from "../../server/src/analysis/create.js";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import { PYPROJECT, readPyproject } from "../../server/src/analysis/pyproject.js";
import { type Distribution, readDistribution } from "../../server/src/platform/node.js";
import { type Grammar, loadGrammar } from "../../server/src/syntax/grammar.js";
import { MemoryFiles, MemoryLog, stillClock } from "./memory.js";

/** Where the files of a test stand. */
export const PROJECT = "/project";

let loaded: Promise<{ grammar: Grammar; distribution: Distribution }> | undefined;

/** The grammar is started once for all tests of a process. */
export function loadForTests(): Promise<{ grammar: Grammar; distribution: Distribution }> {
  loaded ??= (async () => {
    const distribution = readDistribution();
    return { grammar: await loadGrammar(distribution.grammar), distribution };
  })();
  return loaded;
}

export interface TestHost {
  readonly host: AnalysisHost;
  readonly files: MemoryFiles;
  readonly log: MemoryLog;
}

/** A host over `texts`, by path relative to the project; its pyproject.toml is read as the command line would. */
export async function createTestHost(texts: Readonly<Record<string, string>>): Promise<TestHost> {
  const { grammar, distribution } = await loadForTests();
  const files = new MemoryFiles(
    Object.fromEntries(Object.entries(texts).map(([path, text]) => [posix.normalize(`${PROJECT}/${path}`), text])),
  );
  const log = new MemoryLog();
  const host = createAnalysisHost({ grammar, knowledge: distribution.knowledge, files, clock: stillClock, log });
  const { configuration, problems } = readPyproject(texts[PYPROJECT] ?? "");
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  host.setFolders([{ path: PROJECT, configuration }]);
  for (const _ of host.index());
  return { host, files, log };
}
