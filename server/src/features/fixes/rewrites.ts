/**
 * What can be done about any call in a coroutine, reported or not: only the user knows that `parse(data)` is heavy. It can
 * run in a thread or in a process, or the function that is called can say so itself.
 */
import type { SiteTraits } from "../../analysis/traits.js";
import type { Grammar } from "../../syntax/grammar.js";
import type { Fix } from "./engine.js";
import { runInProcess } from "./offload/process-pool.js";
import { functionAt } from "./offload/processes.js";
import { sitesAt, whyHandedToThread, whyNotRun } from "./offload/threads.js";
import { isAwaitedLater, offloadCall, whyNotMoved } from "./offload/to-thread.js";
import { whyNotProven } from "./proof.js";
import { type FixHost, type Proposal, type Refusal, type RequestAround, requestAround } from "./request.js";
import { offloadAt } from "./text/asynchrony.js";
import { arrangeEdits, type FileEdits } from "./text/edits.js";
import { qualifiedName } from "./text/scopes.js";
import {
  endOf,
  functionAround,
  kindOf,
  lineOf,
  NO_NODE,
  type NodeId,
  parentOf,
  readSource,
  type Source,
  startOf,
  textEndOfLine,
  textOf,
} from "./text/source.js";

/** What is offered for the call at [start, end), offsets in the text of `path`; nothing outside of coroutines. */
export function rewritesAt(host: FixHost, grammar: Grammar, path: string, start: number, end: number): readonly Fix[] {
  const around = requestAround({ host, grammar, remedies: [] }, path);
  if (!around) return [];
  const { source } = around;
  const call = callAt(source, start, end);
  if (call === undefined) return [];
  const site = sitesAt(around, call).find(({ kind }) => kind === "call");
  if (!isOrdinary(source, call) || site?.givesAwaitable) return [];
  // For what is known to wait, a process would be waste.
  const isWaiting = host
    .findings(path)
    .some(({ rule, location }) => rule !== "blocking-cpu" && isAt(source, call, location.start));
  // The user knows what a function of the program is given; a builtin says itself what it takes.
  const standard = (calledName(source, call) ?? "").startsWith("builtins.") ? "known" : "trusted";
  const offloads = [
    ...proven(around, call, "thread-for-call", inThread(around, call)),
    ...(isWaiting ? [] : proven(around, call, "process-for-call", runInProcess(around, call, standard))),
  ];
  return offloads.length === 0 ? [] : [...offloads, ...contract(around, call, site)];
}

/** The innermost call of a coroutine that holds the selection; names and attributes of what is called belong to it. */
function callAt(source: Source, start: number, end: number): NodeId | undefined {
  let found: NodeId | undefined;
  for (let node = 0; node < source.parents.length && startOf(source, node) <= start; node++) {
    if (kindOf(source, node) === "call" && endOf(source, node) >= end) found = node;
    // In an argument of its own function or class, nothing belongs to the call outside.
    if (/^(lambda|function_definition|class_definition)$/.test(kindOf(source, node)) && endOf(source, node) > end)
      found = undefined;
  }
  if (found === undefined) return undefined;
  const coroutine = functionAround(source, found);
  return coroutine !== NO_NODE && source.tree.tokens(coroutine).includes("async") ? found : undefined;
}

/** Builtins that can take long; the others are done before a thread has started. */
const HEAVY_BUILTINS = /^builtins\.(list|tuple|set|frozenset|dict|sorted|sum|any|all|max|min|open|input|compile)$/;

function isOrdinary(source: Source, call: NodeId): boolean {
  const name = calledName(source, call) ?? "";
  if (isEntered(source, call)) return false;
  if (name.startsWith("builtins.")) return HEAVY_BUILTINS.test(name);
  if (/^(asyncio|anyio|trio|contextvars)\./.test(name)) return false;
  return !isAwaitedLater(source, call) && kindOf(source, parentOf(source, call)) !== "await";
}

function calledName(source: Source, call: NodeId): string | undefined {
  return qualifiedName(source, source.tree.child(call, "function") as NodeId);
}

/** `with f():` what is entered here has to be left here. */
function isEntered(source: Source, call: NodeId): boolean {
  const parent = parentOf(source, call);
  return kindOf(source, kindOf(source, parent) === "as_pattern" ? parentOf(source, parent) : parent) === "with_item";
}

function inThread(around: RequestAround, call: NodeId): Proposal | Refusal {
  const { source, python } = around;
  const reason = whyNotMoved(around, call) ?? whyHandedToThread(source, call) ?? whyNotRun(around, call);
  if (reason) return { kind: "refusal", reason };
  const edits = offloadCall(source, call, (hasKeywords) => offloadAt(source, call, python, hasKeywords));
  if (typeof edits === "string") return { kind: "refusal", reason: edits };
  const title = `Run in a thread with ${edits.name}`;
  return { kind: "proposal", title, action: "refactor.rewrite", preferred: false, edits: edits.edits };
}

function proven({ host, path, source }: RequestAround, call: NodeId, remedy: string, proposal: Proposal | Refusal): Fix[] {
  const edits = proposal.kind === "proposal" ? arrangeEdits(proposal.edits) : undefined;
  if (proposal.kind !== "proposal" || !edits) return [];
  const findings = host.findings(path);
  // A rewrite of a call that is reported ends the report.
  const fixed = findings.filter(({ location }) => isAt(source, call, location.start));
  if (whyNotProven(host, path, source.text, findings, fixed, edits) !== undefined) return [];
  return [{ title: proposal.title, kind: "refactor.rewrite", preferred: false, remedy, edits }];
}

/** The comment by which a function of the program says that it computes: then every call of it is reported. */
function contract({ host, grammar, path, source }: RequestAround, call: NodeId, site: SiteTraits | undefined): Fix[] {
  const [target, ...others] = site?.targets ?? [];
  if (!target?.definition || others.length > 0) return [];
  const { file, start, end } = target.definition;
  const text = file === path ? source.text : host.text(file);
  if (text === undefined) return [];
  const home = file === path ? source : readSource(grammar, text, () => host.flatTree?.(file));
  const definition = functionAt(home, start, end);
  const name = definition === undefined ? undefined : home.tree.child(definition, "name");
  if (name === undefined) return [];
  const at = textEndOfLine(home, lineOf(home, endOf(home, name)));
  const line = home.text.slice(home.lineStarts[lineOf(home, endOf(home, name))], at);
  if (/loopguard\s*:/.test(line) || line.endsWith("\\")) return [];
  const edits: FileEdits = { path: file, edits: [{ start: at, end: at, text: "  # loopguard: blocks[cpu]" }] };
  const title = `Say that ${textOf(home, name)} is heavy: # loopguard: blocks[cpu]`;
  const fix = { title, kind: "refactor.rewrite", preferred: false, remedy: "contract-comment" } as const;
  if (host.findings(path).some((finding) => isAt(source, call, finding.location.start))) return [];
  return [file === path ? { ...fix, edits: edits.edits } : { ...fix, edits: [], elsewhere: [edits] }];
}

function isAt(source: Source, call: NodeId, { line, column }: { readonly line: number; readonly column: number }): boolean {
  return startOf(source, call) === (source.lineStarts[line] as number) + column;
}
