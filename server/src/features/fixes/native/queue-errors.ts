/**
 * What a queue of asyncio raises in the place of `queue.Empty` and `queue.Full`: the handlers around its uses get the new
 * names, or it is said why that cannot be right. Who raises what is for the caller to know.
 */
import { type Edit, referenceTo } from "../text/edits.js";
import { type Handler, handlersAround, replaceType } from "../text/handlers.js";
import { bindingsOf, qualifiedName } from "../text/scopes.js";
import {
  ancestorsOf,
  descendantsOf,
  kindOf,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  statementOf,
  statementsOf,
  textOf,
} from "../text/source.js";

/** A call of the queue that may raise. */
export interface Raising {
  readonly call: NodeId;
  readonly error: "Empty" | "Full";
  /** What its twin raises, a name in asyncio. */
  readonly twin: "TimeoutError" | "QueueEmpty" | "QueueFull";
}

/** Edits of the handlers around the calls; `own`: all calls of the queue. A text says why there are none. */
export function translateQueueErrors(
  source: Source,
  raising: readonly Raising[],
  own: ReadonlySet<NodeId>,
  spelling: string,
): readonly Edit[] | string {
  const caught = new Map<NodeId, { readonly handler: Handler; readonly twins: Set<string> }>();
  for (const place of raising) {
    const found = catcherOf(source, place);
    if (typeof found === "string") return found;
    if (found === undefined) {
      if (isGuarded(source, place, spelling)) continue;
      return `queue.${place.error} of \`${textOf(source, place.call)}\` leaves this function, where it would be another exception`;
    }
    if (found.type === undefined) continue;
    const known = caught.get(found.type) ?? { handler: found.handler, twins: new Set() };
    caught.set(found.type, known);
    known.twins.add(place.twin);
  }
  const edits: Edit[] = [];
  for (const [type, { handler, twins }] of caught) {
    const reason = whyNotRenamed(source, type, handler, twins, own);
    if (reason) return reason;
    const names: string[] = [];
    for (const twin of twins) {
      const reference = referenceTo(source, type, "asyncio", twin);
      if (!reference) return "this file uses the name `asyncio` for something else";
      edits.push(...reference.edits);
      names.push(reference.text);
    }
    edits.push(replaceType(source, type, names, handler.clause === undefined));
  }
  return edits;
}

interface Catcher {
  readonly handler: Handler;
  /** What names the exception; undefined: everything is caught. */
  readonly type?: NodeId;
}

/** Who catches what the call raises; undefined: nobody in the function. A text: somebody else would catch the twin. */
function catcherOf(source: Source, { call, error, twin }: Raising): Catcher | string | undefined {
  for (const handler of handlersAround(source, [call])) {
    const { clause, types } = handler;
    if (clause !== undefined && kindOf(source, clause) === "except_group_clause") return "groups of exceptions are caught here";
    const named = types.find((type) => /^_?queue\.(Empty|Full)$/.test(qualifiedName(source, type) ?? "") && isOf(type, error));
    if (named !== undefined) return { handler, type: named };
    const isBroad = types.some((type) => /^builtins\.(Base)?Exception$/.test(qualifiedName(source, type) ?? ""));
    if (isBroad || (clause !== undefined && types.length === 0)) {
      if (clause !== undefined && aliasUses(source, clause).length > 0)
        return `what is caught here is looked at, and would be another exception than queue.${error}`;
      return { handler };
    }
    const other = types.find((type) => mayCatch(source, type, twin));
    if (other !== undefined) return `\`${textOf(source, other)}\` is caught here, which asyncio.${twin} may be`;
  }
  return undefined;

  function isOf(type: NodeId, name: string): boolean {
    return (qualifiedName(source, type) ?? "").endsWith(`.${name}`);
  }
}

/** The exception named there may be the twin, or a base of it. */
function mayCatch(source: Source, type: NodeId, twin: string): boolean {
  const name = qualifiedName(source, type);
  if (name === undefined) {
    if (kindOf(source, type) !== "identifier") return true;
    return !bindingsOf(source, textOf(source, type), type).every(({ how }) => how === "definition");
  }
  if (twin !== "TimeoutError") return name.endsWith(`.${twin}`);
  return /(^|\.)(TimeoutError|timeout|Timeout|error|OSError|IOError|EnvironmentError|WindowsError)$/.test(name);
}

function whyNotRenamed(
  source: Source,
  type: NodeId,
  { clause, body }: Handler,
  twins: ReadonlySet<string>,
  own: ReadonlySet<NodeId>,
): string | undefined {
  const spelling = textOf(source, type);
  if (clause !== undefined) {
    if (aliasUses(source, clause).length > 0) return `what is caught as \`${spelling}\` is looked at, or raised again`;
    const raisesAgain = [...runningIn(source, clause)].some(
      (node) => kindOf(source, node) === "raise_statement" && source.tree.children(node).length === 0,
    );
    if (raisesAgain) return `what is caught as \`${spelling}\` is raised again`;
  }
  const other = raisingOtherwise(source, body, own);
  if (other === undefined) return undefined;
  const what = twins.has("TimeoutError") ? "run into a time limit" : `raise ${spelling}`;
  return `\`${textOf(source, other)}\` stands in the same \`try\` and may ${what}, too`;
}

/** Uses of `error` of `except ... as error`, but for `raise ... from error`. */
function aliasUses(source: Source, clause: NodeId): NodeId[] {
  const target = [...descendantsOf(source, clause)].find((node) => kindOf(source, node) === "as_pattern_target");
  if (target === undefined) return [];
  const name = textOf(source, target);
  return (source.scopes.mentions.get(name) ?? []).filter((mention) => {
    if (![...ancestorsOf(source, mention)].includes(clause) || parentOf(source, mention) === target) return false;
    const parent = parentOf(source, mention);
    return kindOf(source, parent) !== "raise_statement" || source.tree.children(parent).indexOf(mention) !== 1;
  });
}

const HARMLESS =
  /^(builtins\.(print|len|int|float|str|repr|bool|list|tuple|dict|set|isinstance|range|enumerate|sorted|min|max|sum)|time\.\w+|logging\.\w+|asyncio\.sleep)$/;
const HARMLESS_METHODS = new Set(
  "append appendleft extend add items keys values copy debug info warning error exception critical".split(" "),
);

/** What else in the body may raise something of its own. */
function raisingOtherwise(source: Source, body: NodeId, own: ReadonlySet<NodeId>): NodeId | undefined {
  for (const node of runningIn(source, body)) {
    const kind = kindOf(source, node);
    if (/^(raise_statement|yield|import_statement|import_from_statement)$/.test(kind)) return node;
    if (/^(for|with)_statement$/.test(kind) && source.tree.tokens(node).includes("async")) return node;
    const [awaited] = kind === "await" ? source.tree.children(node) : [];
    if (awaited !== undefined && kindOf(source, awaited) !== "call") return node;
    if (kind !== "call" || own.has(node)) continue;
    const callee = source.tree.child(node, "function") as NodeId;
    if (HARMLESS.test(qualifiedName(source, callee) ?? "")) continue;
    const method = kindOf(source, callee) === "attribute" ? source.tree.child(callee, "attribute") : undefined;
    if (method === undefined || !HARMLESS_METHODS.has(textOf(source, method))) return node;
  }
  return undefined;
}

/** `while not jobs.empty(): job = jobs.get_nowait()`: nobody comes in between. */
function isGuarded(source: Source, { call, error }: Raising, spelling: string): boolean {
  const statement = statementOf(source, call);
  const suite = parentOf(source, statement);
  const owner = parentOf(source, suite);
  if (!/^(if|while)_statement$/.test(kindOf(source, owner)) || source.tree.child(owner, "body") !== suite) {
    if (source.tree.child(owner, "consequence") !== suite) return false;
  }
  const condition = source.tree.child(owner, "condition");
  if (condition === undefined || statementsOf(source, suite)[0] !== statement) return false;
  const checks =
    error === "Full" ? [`not ${spelling}.full()`] : [`not ${spelling}.empty()`, `${spelling}.qsize()`, `${spelling}.qsize() > 0`];
  const isPlain = [...descendantsOf(source, statement)].every((node) => kindOf(source, node) !== "await");
  return isPlain && checks.includes(textOf(source, condition));
}
