/**
 * Libraries that change asyncio for the whole program as soon as one of its files uses them.
 */
import type { Chunk } from "../facts/types.js";
import type { SourceFile } from "./entities.js";
import { LOOP_NESTING_MODULE } from "./special.js";

export class Patches {
  readonly #nesting = new Set<string>();

  /** Whether a running loop may run another to its end. */
  get nestsLoops(): boolean {
    return this.#nesting.size > 0;
  }

  /** Notes what a file of the program uses; to be called again when its text changes. */
  read(file: SourceFile): void {
    const isUsed = file.units.some(({ chunk }) => importsNesting(chunk));
    if (isUsed && file.origin === "workspace") this.#nesting.add(file.path);
    else this.#nesting.delete(file.path);
  }

  drop(path: string): void {
    this.#nesting.delete(path);
  }
}

const knownChunks = new WeakMap<Chunk, boolean>();

/** Remembered for each chunk: an edit leaves all but one of them the same. */
function importsNesting(chunk: Chunk): boolean {
  let imports = knownChunks.get(chunk);
  if (imports === undefined) {
    imports = chunk.defs.some((def) => (def.kind === "import" || def.kind === "from") && def.module === LOOP_NESTING_MODULE);
    knownChunks.set(chunk, imports);
  }
  return imports;
}
