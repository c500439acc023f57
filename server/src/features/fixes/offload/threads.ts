/**
 * Why code must not move to another thread: it needs the running loop, the main thread, or something that belongs to the
 * thread that made it. The analysis tells what the code does (its traits), however deep; what is not known there is taken
 * for harmless, as calls that nobody can follow are.
 */
import type { SiteTraits, TraitWay } from "../../../analysis/traits.js";
import type { FixRequest, RequestAround } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { isOlder } from "../text/awaiting.js";
import { qualifiedName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  kindOf,
  type NodeId,
  parentOf,
  readSource,
  type Source,
  startOf,
  textOf,
} from "../text/source.js";

/** What a way of each kind does. "changes" keeps nobody from a thread. */
const REASONS: Readonly<Record<Exclude<TraitWay["kind"], "changes">, string>> = {
  loop: "it uses the running event loop",
  "main-thread": "it needs the main thread",
  "own-thread": "it works on something that belongs to the thread that made it",
  "thread-local": "it reads what has a value of its own in each thread",
  context: "it sets a context variable, which a thread cannot do for its caller",
  "context-read": "it reads a context variable, which a thread of an executor does not see",
  "stop-iteration": "it may raise StopIteration, which cannot leave a thread: give next() a default",
  handling: "it reads the exception that is being handled, and a thread handles none",
};

/** Ways that a remedy has an answer to. */
export type Tolerance = (site: SiteTraits, way: TraitWay) => boolean;

const NONE: Tolerance = () => false;

/** Why the call at the finding's first step must not run in a thread; undefined when nothing speaks against it. */
export function whyNotInThread(request: FixRequest, call: NodeId, tolerates = NONE): string | undefined {
  const { finding, source } = request;
  if (finding.stall.class === "never") return "it never returns, in a thread neither";
  if (finding.gil === "held") return "it keeps the GIL, so the loop would stand still all the same";
  const callee = source.tree.child(call, "function");
  if (callee !== undefined && kindOf(source, callee) === "attribute") {
    const attribute = textOf(source, source.tree.child(callee, "attribute") as NodeId);
    if (attribute === "__next__") return "StopIteration cannot leave a thread";
  }
  return whyNotRun(request, call, tolerates);
}

/** Why what runs at the site of a call or attribute must not run in a thread. */
export function whyNotRun(request: RequestAround, node: NodeId, tolerates = NONE): string | undefined {
  for (const site of sitesAt(request, node)) {
    for (const way of site.traits) {
      if (tolerates(site, way)) continue;
      const reason = reasonOf(request, node, way);
      if (reason) return reason;
    }
  }
  return undefined;
}

/** The sites that run when the node's own call, or the reading of it, is done: not those of its arguments. */
export function sitesAt({ host, path, source }: RequestAround, node: NodeId): readonly SiteTraits[] {
  const [start, end] = [startOf(source, node), endOf(source, node)];
  return host.traits(path, start, end).filter((site) => site.start === start && site.end === end);
}

/** "it uses the running event loop: `save` → `asyncio.get_running_loop`". */
export function reasonOf(request: RequestAround, node: NodeId, way: TraitWay): string | undefined {
  if (way.kind === "changes") return undefined;
  // Where nobody is prepared for StopIteration, it is an error that is not expected to happen.
  if (way.kind === "stop-iteration" && way.callees.length > 1 && !isStopCaught(request.source, node)) return undefined;
  // Only `run_in_executor` leaves the context behind.
  const isBare = asyncLibraryOf(request.source) === "asyncio" && isOlder(request.python, 3, 9);
  if (way.kind === "context-read" && !isBare) return undefined;
  if (way.kind === "own-thread" && isShared(request, way)) return undefined;
  if (way.kind === "handling" && !isInHandler(request.source, node)) return undefined;
  const names = way.callees.map(
    (callee, index) => `\`${index < way.callees.length - 1 ? (callee.split(".").at(-1) ?? callee) : callee}\``,
  );
  return `${REASONS[way.kind]}: ${names.join(" → ")}`;
}

/** The file opens its sqlite3 connections for all threads. */
function isShared(request: RequestAround, { callees, file }: TraitWay): boolean {
  if (!/^_?sqlite3\./.test(callees.at(-1) ?? "")) return false;
  const text = file === request.path ? request.source.text : request.host.text(file);
  if (text === undefined) return false;
  const source = file === request.path ? request.source : readSource(request.grammar, text, () => request.host.flatTree?.(file));
  const connects = [...descendantsOf(source, 0)].filter((node) => {
    const callee = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
    return callee !== undefined && qualifiedName(source, callee) === "sqlite3.connect";
  });
  const isForAll = (connect: NodeId): boolean =>
    argumentsOf(source, connect).some((argument) => /^check_same_thread\s*=\s*False$/.test(textOf(source, argument)));
  return connects.length > 0 && connects.every(isForAll);
}

/** A call that hands the result of another one to a thread. */
export interface HandedCall {
  readonly call: NodeId;
  /** What hands it over, by its last name. */
  readonly name: string;
  readonly takesKeywords: boolean;
}

/** `to_thread(f(x))` calls `f` on the loop and hands the thread its result. */
export function handedToThread(source: Source, call: NodeId): HandedCall | undefined {
  const list = parentOf(source, call);
  const outer = parentOf(source, list);
  const callee = kindOf(source, list) === "argument_list" ? source.tree.child(outer, "function") : undefined;
  const name = callee === undefined ? "" : (/[^.]+$/.exec(textOf(source, callee))?.[0] ?? "");
  const position = { to_thread: 0, run_sync: 0, submit: 0, run_in_executor: 1 }[name];
  if (position === undefined || argumentsOf(source, outer)[position] !== call) return undefined;
  return { call: outer, name, takesKeywords: name === "to_thread" || name === "submit" };
}

export function whyHandedToThread(source: Source, call: NodeId): string | undefined {
  const handed = handedToThread(source, call);
  return handed && `its result is what ${handed.name} is to call: hand over the function and its arguments instead`;
}

/** The place stands in an `except` clause of its function. */
function isInHandler(source: Source, node: NodeId): boolean {
  const limit = functionAround(source, node);
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === limit) return false;
    if (/^except_(group_)?clause$/.test(kindOf(source, ancestor))) return true;
  }
  return false;
}

/** A handler around the place catches StopIteration. */
function isStopCaught(source: Source, node: NodeId): boolean {
  const limit = functionAround(source, node);
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === limit) return false;
    const body = kindOf(source, ancestor) === "try_statement" ? source.tree.child(ancestor, "body") : undefined;
    if (body === undefined || !contains(source, body, node)) continue;
    const heads = source.tree.children(ancestor).filter((child) => kindOf(source, child) === "except_clause");
    const isCatching = (head: NodeId): boolean => {
      const types = source.tree.children(head).filter((child) => kindOf(source, child) !== "block");
      return types.length === 0 || types.some((type) => /\b(StopIteration|Exception|BaseException)\b/.test(textOf(source, type)));
    };
    if (heads.some(isCatching)) return true;
  }
  return false;
}

/** What runs at the site changes objects or names that live longer than it. */
export function changesSharedState(request: FixRequest, node: NodeId): boolean {
  return sitesAt(request, node).some(({ traits }) => traits.some(({ kind }) => kind === "changes"));
}
