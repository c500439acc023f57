/**
 * A thread that reads the facts of files into the store, beside the analysis in another thread.
 */
import { FactsCache } from "../analysis/facts-cache.js";
import { factsOf, LARGEST_FILE } from "../analysis/sources.js";
import { createNodeFiles, readDistribution } from "../platform/node.js";
import { pathsLeft, type ReaderTask } from "../platform/read-ahead.js";
import { createNodeStore } from "../platform/store.js";
import { loadGrammar } from "../syntax/grammar.js";

/** Reads until nothing is left. What goes wrong is for the analysis to tell, which reads the same files. */
export async function readFiles(task: ReaderTask): Promise<void> {
  const silent = { warn: () => {}, info: () => {} };
  const files = createNodeFiles(silent);
  const cache = new FactsCache(createNodeStore(task.folder, silent));
  const grammar = await loadGrammar(readDistribution().grammar);
  for (const path of pathsLeft(task)) {
    const read = files.read(path, LARGEST_FILE);
    if (read?.kind === "text") cache.facts(read.text, () => factsOf(grammar, read.text));
  }
}
