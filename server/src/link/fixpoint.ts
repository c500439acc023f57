/**
 * Summaries of functions that depend on summaries of what they call: computed on demand, without a depth limit, and
 * again until nothing changes. Knows nothing of what is summarized.
 *
 * The result does not depend on the order in which functions are asked, provided that a summary follows from the final
 * summaries of what it reads: each is computed from scratch, never from what it was before.
 */
import type { FunctionEntity } from "./entities.js";

export interface Summarizing<S> {
  /** The summary of what has not been computed. */
  readonly empty: S;
  compute(entity: FunctionEntity): S;
  isSame(a: S, b: S): boolean;
  /** Both together; where computing does not come to rest, summaries only grow. */
  join(a: S, b: S): S;
}

/** Who read a summary of a function, of whichever kind. */
export type Readers = Map<FunctionEntity, Set<FunctionEntity>>;

/** Deeper calls are computed one after the other and not inside each other: the machine's stack has an end. */
const MAX_RECURSION = 100;
/**
 * So often one function is computed in a row before its summaries are joined, which brings every cycle to rest. Where the
 * summaries of a cycle settle at all they do so within some five rounds.
 */
const MAX_ROUNDS = 16;

export class Fixpoint<S> {
  readonly #summaries = new Map<FunctionEntity, S>();
  readonly #pending = new Set<FunctionEntity>();
  readonly #rounds = new Map<FunctionEntity, number>();
  #depth = 0;

  constructor(
    private readonly summarizing: Summarizing<S>,
    private readonly readers: Readers,
    /** Told of each computation. */
    private readonly onCompute: () => void,
  ) {}

  forget(entity: FunctionEntity): void {
    this.#summaries.delete(entity);
  }

  /** The summary as far as it is known: the final one when nothing is being computed, as after a call from outside. */
  of(entity: FunctionEntity): S {
    const known = this.#summaries.get(entity);
    if (known !== undefined) return known;
    if (this.#depth > MAX_RECURSION) {
      this.#pending.add(entity);
      return this.summarizing.empty;
    }
    this.#compute(entity);
    if (this.#depth === 0) this.#settle();
    return this.#summaries.get(entity) ?? this.summarizing.empty;
  }

  #compute(entity: FunctionEntity): void {
    const before = this.#summaries.get(entity) ?? this.summarizing.empty;
    this.#summaries.set(entity, before);
    this.#depth++;
    let after: S;
    try {
      this.onCompute();
      after = this.summarizing.compute(entity);
    } finally {
      this.#depth--;
    }
    const rounds = this.#rounds.get(entity) ?? 0;
    if (rounds > MAX_ROUNDS) after = this.summarizing.join(before, after);
    if (this.summarizing.isSame(before, after)) return;
    this.#rounds.set(entity, rounds + 1);
    this.#summaries.set(entity, after);
    for (const reader of this.readers.get(entity) ?? []) if (this.#summaries.has(reader)) this.#pending.add(reader);
  }

  /** Computes again who read what changed, until nothing changes. */
  #settle(): void {
    for (const next of this.#pending) {
      this.#pending.delete(next);
      this.#compute(next);
    }
    this.#rounds.clear();
  }
}
