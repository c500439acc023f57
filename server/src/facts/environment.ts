/**
 * Which bindings of a name reach a place: an abstract interpretation over structured control flow. Environments are
 * overlays, so that entering a branch costs nothing and leaving it costs the names the branch bound.
 */
import type { DefId } from "./types.js";

export class Environment {
  readonly own = new Map<string, readonly DefId[]>();
  /** Every binding made here or in a branch below, whether or not it still reaches the end. */
  readonly history = new Map<string, DefId[]>();
  /** The end of this code is not reached: return, raise, break or continue stands before it. */
  dead = false;

  constructor(
    readonly parent?: Environment,
    /** Set on the body of a loop: makes the binding that stands for "before the loop or from its last round". */
    private readonly joinAtHead?: (name: string, before: readonly DefId[]) => DefId,
  ) {}

  /** Bindings of `name` that reach this place; undefined when none is known in this scope. */
  lookup(name: string): readonly DefId[] | undefined {
    const own = this.own.get(name);
    if (own) return own;
    const before = this.parent?.lookup(name);
    if (!before || !this.joinAtHead) return before;
    const joined = [this.joinAtHead(name, before)];
    this.own.set(name, joined);
    return joined;
  }

  bind(name: string, defs: readonly DefId[]): void {
    this.own.set(name, defs);
    const history = this.history.get(name);
    if (history) history.push(...defs);
    else this.history.set(name, [...defs]);
  }

  /**
   * Joins branches that start here. `fallsThrough`: this environment itself is one of the ways on (an `if` without
   * `else`, a loop that may run zero times). `widen` maps a narrowed binding back to what it narrowed.
   */
  merge(branches: readonly Environment[], fallsThrough: boolean, widen: (def: DefId) => readonly DefId[]): void {
    const alive = branches.filter((branch) => !branch.dead);
    const ways = alive.length + (fallsThrough ? 1 : 0);
    const names = new Set<string>();
    for (const branch of alive) for (const name of branch.own.keys()) names.add(name);
    const merged = new Map<string, readonly DefId[]>();
    for (const name of names) {
      const defs = new Set<DefId>();
      const before = this.lookup(name);
      if (fallsThrough) for (const def of before ?? []) defs.add(def);
      for (const branch of alive) {
        for (const def of branch.own.get(name) ?? before ?? []) {
          for (const wide of ways > 1 ? widen(def) : [def]) defs.add(wide);
        }
      }
      merged.set(name, [...defs]);
    }
    for (const [name, defs] of merged) this.own.set(name, defs);
    for (const branch of branches) {
      for (const [name, defs] of branch.history) {
        const history = this.history.get(name);
        if (history) history.push(...defs);
        else this.history.set(name, [...defs]);
      }
    }
    if (ways === 0) this.dead = true;
  }
}
