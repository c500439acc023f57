/**
 * Which async library a text is written for, and how it spells the two things every fix needs: a pause, and running a
 * callable in a thread.
 */
import { isOlder, type PythonVersion } from "./awaiting.js";
import { type Edit, referenceTo } from "./edits.js";
import { bindingsNamed } from "./scopes.js";
import type { NodeId, Source } from "./source.js";

export type AsyncLibrary = "asyncio" | "anyio" | "trio";

/** asyncio unless the text imports only anyio or only trio; undefined when it imports a library we cannot write for. */
export function asyncLibraryOf(source: Source): AsyncLibrary | undefined {
  const imported = new Set<string>();
  for (const name of source.scopes.imported) {
    for (const { target } of bindingsNamed(source, name)) if (target !== undefined) imported.add(target.split(".")[0] as string);
  }
  if (imported.has("asyncio")) return "asyncio";
  const others = ["anyio", "trio", "curio"].filter((name) => imported.has(name));
  if (others.length === 0) return "asyncio";
  return others.length === 1 && others[0] !== "curio" ? (others[0] as AsyncLibrary) : undefined;
}

/** Text that goes before and after `CALLEE[, ARGUMENTS]` so that it runs in a thread. */
export interface Offload {
  /** Name for titles. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly edits: readonly Edit[];
}

/** How to run a callable in a thread at `site`; undefined when there is no plain way. */
export function offloadAt(source: Source, site: NodeId, python: PythonVersion, hasKeywords: boolean): Offload | undefined {
  const library = asyncLibraryOf(source);
  if (library === undefined) return undefined;
  if (library === "asyncio" && !isOlder(python, 3, 9)) {
    const reference = referenceTo(source, site, "asyncio", "to_thread");
    return reference && { name: "asyncio.to_thread", before: `${reference.text}(`, after: ")", edits: reference.edits };
  }
  const positional = library === "asyncio" ? executor(source, site, python) : runSync(source, site, library);
  if (!positional || !hasKeywords) return positional;
  const partial = referenceTo(source, site, "functools", "partial");
  return (
    partial && {
      name: positional.name,
      before: `${positional.before}${partial.text}(`,
      after: `)${positional.after}`,
      edits: [...positional.edits, ...partial.edits],
    }
  );
}

function executor(source: Source, site: NodeId, python: PythonVersion): Offload | undefined {
  const reference = referenceTo(source, site, "asyncio", isOlder(python, 3, 7) ? "get_event_loop" : "get_running_loop");
  return (
    reference && {
      name: "loop.run_in_executor",
      before: `${reference.text}().run_in_executor(None, `,
      after: ")",
      edits: reference.edits,
    }
  );
}

function runSync(source: Source, site: NodeId, library: "anyio" | "trio"): Offload | undefined {
  const reference = referenceTo(source, site, library, "to_thread");
  const name = `${library}.to_thread.run_sync`;
  return reference && { name, before: `${reference.text}.run_sync(`, after: ")", edits: reference.edits };
}
