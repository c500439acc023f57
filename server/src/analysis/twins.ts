/**
 * The asynchronous twin of an object: which class takes the place of the one that a call makes, and what becomes of each use
 * of the object. Both sides are followed member by member: by stubs where they describe them, else by the source that is
 * installed. What to make of it is for fixes. Knows no positions beyond the offsets it is asked about.
 */
import type { Span } from "../base/lines.js";
import type { SiteId } from "../facts/types.js";
import { exprOf, type SourceFile, type Unit } from "../link/entities.js";
import type { Program } from "../link/program.js";
import { callAt, type Misfit } from "./siblings.js";
import { callsAt, makersAt } from "./twin-makers.js";
import type { Making, Pair } from "./twin-types.js";
import { type Use, useOf } from "./twin-uses.js";

/** A call that takes the place of another one. */
export interface TwinCall {
  /** What stands in the place of what is called: `AsyncConnection.connect` of `psycopg`. */
  readonly module: string;
  readonly name: string;
  readonly isAwaited: boolean;
  /** A stub names it. Otherwise only its name and its members say so. */
  readonly isVouched: boolean;
  /** What differs all the same, as the stub says. */
  readonly differs?: string;
  /** By index: the name under which the twin takes a positional argument. */
  readonly keywords: readonly (string | undefined)[];
  /** Keyword arguments that are called otherwise. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Keyword arguments that the twin does without. */
  readonly dropped: readonly string[];
  readonly misfit?: Misfit;
  /** A parameter that is given an object or a function of the client's world. */
  readonly bound?: string;
}

/** A call that makes the twin of what another call makes. */
export interface TwinMaker extends TwinCall {
  /** Leaving a block of it: closes it and nothing else, does more, or there are no such blocks. */
  readonly exit: "closes" | "more" | "none";
  /** The twin can be closed. */
  readonly closes: boolean;
}

/** One use of an object: its attribute, or the call of it; `__iter__`, `__enter__` and `__getitem__` for loops, blocks and items. */
export interface TwinStep {
  readonly name: string;
  readonly call?: Span;
}

/** What a use is in the twin. */
export interface TwinUse {
  /** Whose member it is there. */
  readonly owner: string;
  /** What it is called there. */
  readonly name: string;
  readonly isAwaited: boolean;
  /** The class of what it gives, where that has a twin of its own; `value`: the same on both sides; `opaque`: nobody knows. */
  readonly gives: { readonly kind: "object"; readonly of: string } | { readonly kind: "value" | "opaque" };
  readonly misfit?: Misfit;
  /** A stub says that it is not the same. */
  readonly differs?: string;
  /** A parameter that is given an object or a function of the client's world. */
  readonly bound?: string;
}

/** The twins of what the call between two offsets makes, those that a stub names first. */
export function twinMakers(program: Program, file: SourceFile, start: number, end: number): TwinMaker[] {
  return atCall(program, file, { start, end }, (making) => makersAt(making).map(({ maker }) => maker)) ?? [];
}

/** What a stub names in the place of the function that the call between two offsets runs, best first. */
export function twinCalls(program: Program, file: SourceFile, start: number, end: number): TwinCall[] {
  return atCall(program, file, { start, end }, (making) => callsAt(making)) ?? [];
}

/**
 * What the last of several uses is in the twin `name` of what the call `made` makes, each a use of what the one before gives;
 * undefined where the twin has nothing that is known to be the same.
 */
export function twinUse(
  program: Program,
  file: SourceFile,
  made: Span,
  name: string,
  steps: readonly TwinStep[],
): TwinUse | undefined {
  return atCall(program, file, made, (making) => {
    const found = makersAt(making).find(({ maker }) => nameOf(maker) === name);
    let pair: Pair | undefined = found?.pair;
    let use: Use | undefined;
    for (const step of steps) {
      use = pair && useOf(making, pair, step);
      pair = use?.pair;
    }
    return use?.use;
  });
}

/** The whole name of what makes a twin. */
export function nameOf({ module, name }: Pick<TwinMaker, "module" | "name">): string {
  return `${module}.${name}`;
}

function atCall<Answer>(
  program: Program,
  file: SourceFile,
  { start, end }: Span,
  ask: (making: Making) => Answer,
): Answer | undefined {
  const call = callAt(file, start, end);
  if (!call) return undefined;
  const { unit } = call.around;
  return program.evaluator.deriving(unit.cell, () => {
    const making = makingAt(program, file, unit, call.site);
    return making && ask(making);
  });
}

function makingAt(program: Program, file: SourceFile, unit: Unit, id: SiteId): Making | undefined {
  const site = unit.chunk.sites[id];
  const call = site && exprOf(unit, site.expr);
  if (!site || call?.kind !== "call") return undefined;
  const { evaluator } = program;
  return {
    program,
    file,
    unit,
    callee: evaluator.typeOf(unit, call.callee),
    args: call.args,
    made: evaluator.typeOf(unit, site.expr),
  };
}
