/**
 * `def load(): time.sleep(1)`, called by a coroutine -> `async def load(): await asyncio.sleep(1)`, awaited by all that
 * call it, and by all that call those, in whatever file. The blocking call itself is left to the remedy that knows its
 * asynchronous way. Only where every caller is known and may await.
 */
import type { MentionedCall, MentionedFunction, Mentions } from "../../../analysis/mentions.js";
import { lineStartsOf, offsetAt } from "../../../base/lines.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse, requestFor } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { applyEdits, arrangeEdits, awaitEdits, composeEdits, type Edit, type FileEdits } from "../text/edits.js";
import {
  descendantsOf,
  kindOf,
  type NodeId,
  nodeAt,
  parentOf,
  readSource,
  type Source,
  startOf,
  textOf,
} from "../text/source.js";

export const asyncHelper: Remedy = { name: "async-helper", propose };

/** More functions than this are no small change any more. */
const MAX_FUNCTIONS = 12;

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding } = request;
  const natives = request.remedies.filter(({ name }) => finding.ways.some(({ remedy }) => remedy === name));
  if (finding.path.length < 2 || natives.length === 0) return undefined;
  if (finding.confidence !== "definite") return refuse("what blocks here may be something else");
  if (finding.path.some(({ role }) => role !== "call"))
    return refuse("what blocks is reached by more than calls, and nothing but a call can be awaited");
  const made = rewrite(request, natives);
  if (typeof made === "string") return refuse(made);
  const { plan, files, remedy } = made;
  const own = files.find(({ path }) => path === request.path);
  const [helper] = plan.turned;
  const places = plan.calls.length === 1 ? "where it is called" : `in ${plan.calls.length} places`;
  // The stubs name what asyncio has.
  const isAsyncio = asyncLibraryOf(request.source) === "asyncio";
  const way = isAsyncio ? finding.ways.find((each) => each.remedy === remedy)?.name : undefined;
  const more = plan.turned.length === 1 ? "" : ` and ${plan.turned.length - 1} more`;
  return {
    kind: "proposal",
    title: `Make ${helper?.name}${more} async${way === undefined ? "" : ` with ${way}`} and await it ${places}`,
    action: "refactor.rewrite",
    preferred: false,
    edits: own?.edits ?? [],
    elsewhere: files.filter((file) => file !== own),
  };
}

/** A place in a helper: that of a step on the way to what blocks. */
type Seed = readonly [path: string, offset: number];

/** More rounds of finding out what else has to turn than programs need. */
const MAX_ROUNDS = 6;

/** Turns the helpers on the finding's way, and those that the turned ones call and that do the same. */
function rewrite(request: FixRequest, natives: readonly Remedy[]): ({ readonly plan: Plan } & Used) | string {
  const seeds: Seed[] = [];
  for (const { location } of request.finding.path.slice(1)) {
    const source = sourceAt(request, location.file);
    if (!source) return "the helper is not part of the program's own text";
    seeds.push([location.file, offsetAt(source.lineStarts, source.text, location.start)]);
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const plan = planFor(request, seeds);
    if (typeof plan === "string") return plan;
    const turning = turn(request, plan);
    if (typeof turning === "string") return turning;
    const used = useNatives(request, natives, plan, turning);
    if (typeof used === "string") return used;
    if (used.deeper.length === 0) return { plan, ...used };
    seeds.push(...used.deeper);
  }
  return "too many helpers would have to become async";
}

interface Plan {
  /** The functions that become coroutines: those on the finding's way first, from the loop downwards. */
  readonly turned: readonly MentionedFunction[];
  /** Every call of them. */
  readonly calls: readonly MentionedCall[];
}

/** Which functions have to become coroutines, and where they are called; else why that cannot be. */
function planFor(request: FixRequest, seeds: readonly Seed[]): Plan | string {
  const { host } = request;
  const turned = new Map<string, MentionedFunction>();
  const calls: MentionedCall[] = [];
  const queue: Seed[] = [...seeds];
  for (const [path, offset] of queue) {
    const mentions = host.mentions(path, offset);
    if (!mentions) return "not all of the program has been read";
    const { function: helper } = mentions;
    if (turned.has(keyOf(helper))) continue;
    const reason = mentions.isOurs ? whyNotTurned(request, mentions) : "is not to be edited: it is no part of the project";
    if (reason) return `\`${helper.name}\` ${reason}`;
    if (mentions.others.length > 0) return `not all that use \`${helper.name}\` are known to call it: ${mentions.others[0]}`;
    if (mentions.calls.length === 0) return `nothing that was read calls \`${helper.name}\`, so nobody knows who awaits it then`;
    turned.set(keyOf(helper), helper);
    if (turned.size > MAX_FUNCTIONS) return `more than ${MAX_FUNCTIONS} functions would have to become async`;
    for (const call of mentions.calls) {
      const { caller, place } = call;
      if (!call.isOurs) return `\`${helper.name}\` is called at ${place}, which is not to be edited`;
      if (!caller) return `\`${helper.name}\` is called at ${place}, outside of any function`;
      if (caller.kind === "expression")
        return `\`${helper.name}\` is called in a lambda or a generator expression at ${place}, which cannot await`;
      calls.push(call);
      if (caller.kind !== "coroutine") queue.push([caller.path, caller.nameStart]);
    }
  }
  return { turned: [...turned.values()], calls };
}

function keyOf({ path, nameStart }: MentionedFunction): string {
  return `${path}:${nameStart}`;
}

/** Decorators that an `async def` may have as well. */
const HARMLESS = new Set(["staticmethod", "classmethod"]);

/** Why the function cannot become a coroutine; the end of a sentence about it. */
function whyNotTurned(request: FixRequest, mentions: Mentions): string | undefined {
  const { function: helper } = mentions;
  if (helper.kind === "generator") return "is a generator, which is run by iterating over it";
  if (helper.kind !== "function") return "is no plain function";
  const last = helper.name.slice(helper.name.lastIndexOf(".") + 1);
  if (/^__.*__$/.test(last)) return "is called by Python itself, which does not await it";
  const decorator = helper.decorators.find((name) => !HARMLESS.has(name));
  if (decorator !== undefined) return `is decorated: what \`@${decorator}\` does with a coroutine is not known`;
  if (helper.place !== undefined) return "is run by its framework";
  if (helper.overriding !== undefined) return `is one of several methods that a call may mean: ${helper.overriding}`;
  const source = sourceAt(request, helper.path);
  const node = source && definitionOf(source, helper);
  if (!source || node === undefined) return "is not in the text as it was read";
  return raisesStop(source, node, mentions) ? "may raise StopIteration, which cannot leave a coroutine" : undefined;
}

/** What raises it in a call further down is an error that nobody expects. */
function raisesStop(source: Source, definition: NodeId, { traits }: Mentions): boolean {
  const raises = (node: NodeId): boolean =>
    kindOf(source, node) === "raise_statement" && /\bStopIteration\b/.test(textOf(source, node));
  if (traits.some(({ kind, callees }) => kind === "stop-iteration" && callees.length === 1)) return true;
  return [...descendantsOf(source, definition)].some(raises);
}

/** The `def` whose name stands there. */
function definitionOf(source: Source, { nameStart }: MentionedFunction): NodeId | undefined {
  for (let node = 0; node < source.parents.length; node++) {
    if (startOf(source, node) !== nameStart || source.tree.field(node) !== "name") continue;
    const parent = parentOf(source, node);
    if (kindOf(source, parent) === "function_definition") return parent;
  }
  return undefined;
}

function sourceAt({ host, grammar, others, path, source }: FixRequest, wanted: string): Source | undefined {
  if (wanted === path) return source;
  if (!others.has(wanted)) {
    const text = host.text(wanted);
    others.set(wanted, text === undefined ? undefined : readSource(grammar, text, () => host.flatTree?.(wanted)));
  }
  return others.get(wanted);
}

/** The edits that make coroutines of the functions and await every call of them. */
function turn(request: FixRequest, { turned, calls }: Plan): readonly FileEdits[] | string {
  const files: FileEdits[] = [];
  const libraries = new Set<string | undefined>();
  for (const path of new Set([request.path, ...turned.map((each) => each.path), ...calls.map((each) => each.path)])) {
    const source = sourceAt(request, path);
    if (!source) return "a file that calls it cannot be read";
    libraries.add(asyncLibraryOf(source));
    const definitions = turned.filter((each) => each.path === path).flatMap((each) => definitionOf(source, each) ?? []);
    const edits: Edit[] = definitions.map((node) => insertion(startOf(source, node), "async "));
    // Of two calls that begin at the same place the outer one comes first.
    const here = calls.filter((call) => call.path === path).sort((a, b) => a.start - b.start || b.end - a.end);
    for (const { start, end, place } of here) {
      const call = nodeAt(source, "call", start, end);
      if (call === undefined) return `what stands at ${place} is no call`;
      const reason = whyNotAwaited(request, source, call, new Set(definitions));
      if (reason) return `the call at ${place} cannot be awaited: ${reason}`;
      edits.push(...awaitEdits(source, call));
    }
    const arranged = arrangeEdits(edits);
    if (!arranged) return "its edits contradict each other";
    files.push({ path, edits: arranged });
  }
  return libraries.size > 1 ? "the files that call it are written for different async libraries" : files;
}

function insertion(offset: number, text: string): Edit {
  return { start: offset, end: offset, text };
}

function whyNotAwaited(request: FixRequest, source: Source, call: NodeId, turned: ReadonlySet<NodeId>): string | undefined {
  const reason = whyNoAwait(source, call, request.python, turned) ?? whyNotSuspend(source, call);
  if (reason) return reason;
  return kindOf(source, parentOf(source, call)) === "decorator" ? "it is a decorator" : undefined;
}

interface Used {
  readonly files: readonly FileEdits[];
  /** The remedy that knew the asynchronous way of what blocks. */
  readonly remedy: string;
  /** Helpers further down that do the same to the turned functions. */
  readonly deeper: readonly Seed[];
}

/**
 * With the functions turned, what blocks in them is a finding of theirs, and has its own remedy. Returns all edits in one
 * step for each file; else why one of them has none.
 */
function useNatives(
  request: FixRequest,
  natives: readonly Remedy[],
  { turned }: Plan,
  turning: readonly FileEdits[],
): Used | string {
  const { host, finding } = request;
  const texts = new Map(turning.map(({ path, edits }) => [path, applyEdits(host.text(path) ?? "", edits)]));
  const primitive = finding.path.at(-1)?.callee;
  const edited = new Map<string, Edit[]>();
  const deeper: Seed[] = [];
  let used = "";
  const reason = host.within(texts, ({ broken }): string | undefined => {
    if (broken.length > 0) return "the result would not be valid Python";
    for (const path of new Set(turned.map((each) => each.path))) {
      const names = new Set(turned.filter((each) => each.path === path).map(({ name }) => name));
      for (const inner of host.findings(path)) {
        if (!names.has(inner.entry.function) || inner.rule !== finding.rule) continue;
        const next = inner.path[1];
        if (next) {
          const text = texts.get(next.location.file) ?? host.text(next.location.file) ?? "";
          const offset = offsetAt(lineStartsOf(text), text, next.location.start);
          const added = turning.find((file) => file.path === next.location.file)?.edits ?? [];
          deeper.push([next.location.file, offsetBefore(added, offset)]);
          continue;
        }
        const asked = requestFor(request, path, inner);
        const isWanted = inner.path[0]?.callee === primitive;
        let refusal = "";
        let proposal: Proposal | undefined;
        for (const native of asked ? natives : []) {
          const outcome = native.propose(asked as FixRequest);
          if (outcome?.kind === "refusal") refusal ||= `: ${outcome.reason}`;
          if (outcome?.kind !== "proposal" || outcome.elsewhere) continue;
          proposal = outcome;
          if (isWanted) used ||= native.name;
          break;
        }
        if (proposal) edited.set(path, [...(edited.get(path) ?? []), ...proposal.edits]);
        else if (isWanted) return `\`${primitive}\` has to stay in \`${inner.entry.function}\`${refusal}`;
      }
    }
    return used !== "" || deeper.length > 0 ? undefined : `\`${primitive}\` would not be what blocks then`;
  });
  if (reason) return reason;
  const files: FileEdits[] = [];
  for (const { path, edits } of turning) {
    const second = arrangeEdits(edited.get(path) ?? []);
    if (!second) return "its edits contradict each other";
    files.push({ path, edits: composeEdits(edits, second, (host.text(path) ?? "").length) });
  }
  return { files: files.filter(({ edits }) => edits.length > 0), remedy: used, deeper };
}

/** Where an offset of the text that insertions made stood before. */
function offsetBefore(insertions: readonly Edit[], offset: number): number {
  let at = offset;
  for (const { start, text } of insertions) if (start < at) at -= text.length;
  return at;
}
