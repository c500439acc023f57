/**
 * What one file does to coroutines for the whole program: a library that changes asyncio, a scheduler of its own.
 */
import type { Chunk, Expr } from "../facts/types.js";
import type { SourceFile } from "./entities.js";
import { LOOP_NESTING, stepsByHand } from "./special.js";

export class Patches {
  readonly #nesting = new Set<string>();
  readonly #stepping = new Set<SourceFile>();

  /** Whether a running loop may run another to its end. */
  get nestsLoops(): boolean {
    return this.#nesting.size > 0;
  }

  /** Files that seem to step coroutines by hand; only the types behind it tell. */
  get stepping(): ReadonlySet<SourceFile> {
    return this.#stepping;
  }

  /** Notes what a file of the program uses; to be called again when its text changes. */
  read(file: SourceFile): void {
    if (file.origin !== "workspace") return;
    const signs = file.units.map(({ chunk }) => signsOf(chunk));
    if (signs.some(({ nester }) => nester) && signs.some(({ nests }) => nests)) this.#nesting.add(file.path);
    else this.#nesting.delete(file.path);
    if (signs.some(({ steps }) => steps)) this.#stepping.add(file);
    else this.#stepping.delete(file);
  }

  drop(path: string): void {
    this.#nesting.delete(path);
    for (const file of this.#stepping) if (file.path === path) this.#stepping.delete(file);
  }
}

interface Signs {
  /** Imports what nests loops. */
  readonly nester: boolean;
  /** Calls something of the name that starts it. */
  readonly nests: boolean;
  readonly steps: boolean;
}

const knownChunks = new WeakMap<Chunk, Signs>();

/** Remembered for each chunk: an edit leaves all but one of them the same. */
function signsOf(chunk: Chunk): Signs {
  let signs = knownChunks.get(chunk);
  if (signs === undefined) {
    const calls = chunk.exprs.filter((expr) => expr.kind === "call");
    signs = {
      nester: chunk.defs.some((def) => (def.kind === "import" || def.kind === "from") && def.module === LOOP_NESTING.module),
      nests: calls.some((call) => calleeName(chunk, call) === LOOP_NESTING.start),
      steps: calls.some((call) => isStep(chunk, call)),
    };
    knownChunks.set(chunk, signs);
  }
  return signs;
}

function calleeName(chunk: Chunk, call: Expr & { kind: "call" }): string | undefined {
  const callee = chunk.exprs[call.callee];
  return callee?.kind === "attribute" || callee?.kind === "name" || callee?.kind === "local" ? callee.name : undefined;
}

function isStep(chunk: Chunk, call: Expr & { kind: "call" }): boolean {
  const callee = chunk.exprs[call.callee];
  return callee?.kind === "attribute" && stepsByHand(callee.name, call.args.length) !== undefined;
}
