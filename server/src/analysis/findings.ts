/**
 * A finding and its path: the one explanation that diagnostics, hover, call hierarchy, CLI text, JSON and SARIF print.
 * Plain values; nothing here knows a protocol.
 */
import type { Position } from "../base/lines.js";
import type { RuleName } from "../base/rules.js";
import type { Confidence, Severity, StallClass } from "../base/stall.js";
import type { StepRole } from "../base/step.js";

export type { Confidence, Severity, StallClass };

export interface Stall {
  readonly class: StallClass;
  /** How long it takes, in seconds, where the program says so. */
  readonly seconds?: number;
  /** The longest it may take, in seconds; absent when nothing bounds it or the bound is not a constant. */
  readonly bound?: number;
  /** For people: "5 s", "up to 3 s", "no timeout: may never return", "grows with the file". */
  readonly text: string;
}

export interface Location {
  /** Absolute path, or the URI of a document that is no file; "" for what has no source here (the standard library). */
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

export type { StepRole };

/** One hop of a path: in `function`, at `location`, `callee` is run. */
export interface Step {
  readonly role: StepRole;
  /** Qualified name of the function the step stands in. */
  readonly function: string;
  /** Qualified name of what is run there; on the last step the primitive that blocks. */
  readonly callee: string;
  readonly location: Location;
}

/** An async way to do what blocks, from the stubs. */
export interface Way {
  readonly name: string;
  /** The fix that does it, a file of features/fixes; absent: advice only. */
  readonly remedy?: string;
  /** What differs, one sentence. */
  readonly differs?: string;
  readonly rename?: Readonly<Record<string, string>>;
  readonly drop?: readonly string[];
}

export interface Entry {
  readonly function: string;
  readonly location: Location;
}

export interface Finding {
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** One sentence; contains "event loop" and ends with the primitive. */
  readonly message: string;
  /** Where the site on the loop stands. */
  readonly location: Location;
  readonly entry: Entry;
  /** From the site on the loop to the primitive; never empty. */
  readonly path: readonly Step[];
  readonly stall: Stall;
  /** Other rules that this site breaks too. */
  readonly also: readonly RuleName[];
  /** CPU work: whether the C code lets other threads run. */
  readonly gil?: "held" | "released" | "shared";
  /** The async ways, best first. */
  readonly ways: readonly Way[];
  /** A step of another finding: its fingerprint. */
  readonly partOf?: string;
  /** Sure in this share of the implementations: [blocking, all]. */
  readonly implementations?: readonly [number, number];
  readonly fingerprint: string;
}

/** What hover and `explain` say of a site that is not reported, or is. */
export type Verdict =
  | { readonly kind: "reported"; readonly finding: Finding }
  /** Blocks, but is not reported: suppressed, too small, or not on the loop. */
  | { readonly kind: "silent"; readonly reason: string; readonly finding?: Finding }
  | { readonly kind: "harmless"; readonly reason: string }
  | { readonly kind: "offloaded"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

/** Where a function runs. */
export interface Context {
  readonly place: "loop" | "away" | "both" | "unknown";
  /** Why it runs on the loop, and why off it, as clauses; "" where there is no more to say. */
  readonly loop?: string;
  readonly away?: string;
  /** All of it, as the end of a sentence about the function: "runs off the event loop: handed to ... at app.py:12". */
  readonly text: string;
}

/** One site with what we say of it. */
export interface Explanation {
  readonly location: Location;
  readonly role: StepRole;
  /** Name of what is run, as far as known. */
  readonly callee: string;
  /** Qualified name of the function around the site; "" at module level. */
  readonly function: string;
  readonly context: Context;
  readonly verdict: Verdict;
}
