/**
 * The line above a synchronous function that blocks the loop: from how many places on the loop that happens, and which.
 * Knows no protocol.
 */
import type { Location } from "../analysis/findings.js";
import type { FunctionKey, FunctionNode } from "../analysis/hierarchy.js";
import type { AnalysisHost, ReachingEntry } from "../analysis/host.js";

export type LensHost = Pick<AnalysisHost, "blockingFunctions" | "reachedFrom">;

/** The functions of `path` that get a lens. */
export function lensesOf(host: LensHost, path: string): readonly FunctionNode[] {
  return host.blockingFunctions(path);
}

export interface Lens {
  readonly title: string;
  /** The calls on the loop that lead here. */
  readonly sites: readonly Location[];
}

/** What the lens says; undefined when it has become untrue. */
export function lensOf(host: LensHost, key: FunctionKey): Lens | undefined {
  const entries = host.reachedFrom(key);
  if (!entries || entries.length === 0) return undefined;
  return { title: `Blocks the event loop from ${countText(entries)}`, sites: entries.flatMap(({ sites }) => sites) };
}

function countText(entries: readonly ReachingEntry[]): string {
  const coroutines = entries.filter(({ node }) => node.async).length;
  const callbacks = entries.length - coroutines;
  return [counted(coroutines, "coroutine"), counted(callbacks, "callback")].filter((text) => text !== "").join(" and ");
}

function counted(count: number, noun: string): string {
  if (count === 0) return "";
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The entries behind a lens as a text, for clients that cannot show places: "handler (app.py:12), ...". */
export function entriesText(entries: readonly ReachingEntry[]): string {
  return entries
    .flatMap(({ node, sites }) =>
      sites.map(({ file, start }) => `${node.name} (${file.slice(file.lastIndexOf("/") + 1)}:${start.line + 1})`),
    )
    .join(", ");
}
