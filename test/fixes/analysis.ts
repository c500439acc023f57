/**
 * The real analysis of one text, as the fixes see it.
 */
import { type FixHost, fixHostOf, type ProjectFacts } from "../../server/src/features/fixes/index.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";

export interface Analysis {
  readonly host: FixHost;
  readonly grammar: Grammar;
  readonly path: string;
  dispose(): void;
}

/** `python`: the oldest version the text has to run on, "3.8"; `modules`: files beside it, by path. */
export async function analyse(
  text: string,
  python?: string,
  modules: ReadonlyMap<string, string> = new Map(),
): Promise<Analysis> {
  const { grammar } = await loadForTests();
  const { host } = await createTestHost({ ...Object.fromEntries(modules), "main.py": text });
  const path = `${PROJECT}/main.py`;
  const facts: ProjectFacts = python === undefined ? {} : { python: python.split(".").map(Number) as [number, number] };
  return {
    host: fixHostOf(host, () => facts),
    grammar,
    path,
    dispose: () => host.dispose(),
  };
}
