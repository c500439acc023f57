/**
 * A connection of sqlite3 that one coroutine opens, uses and gives up, moved to aiosqlite:
 *
 *     db = sqlite3.connect(path)                       async with aiosqlite.connect(path) as db:
 *     rows = db.execute(query).fetchall()       ->         rows = await (await db.execute(query)).fetchall()
 *     db.close()
 *
 * aiosqlite keeps a thread for each connection until it is closed, so it must be closed whatever happens: by a block, or by
 * the `finally` that closes it already. `with db:` means a transaction in sqlite3 and closing in aiosqlite.
 */

import { attributeUse } from "../http/response-life.js";
import { missingNote } from "../packages.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { whyNoAwait, whyNotSuspend, withItems } from "../text/awaiting.js";
import { awaitEdits, type Edit, indentLines, moduleReferenceTo } from "../text/edits.js";
import { isRead, mentionsOf } from "../text/flow.js";
import { bindingsOf, qualifiedName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  indentStep,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";
import { holdOpen } from "./object-block.js";
import { closedBy, objectLifeOf } from "./object-life.js";

export const sqliteToAiosqlite: Remedy = { name: "sqlite-to-aiosqlite", brings: "aiosqlite", propose };

const AWAITED_OF_CONNECTION = /^(execute|executemany|executescript|cursor|commit|rollback)$/;
const AWAITED_OF_CURSOR = /^(execute|executemany|executescript|fetchone|fetchmany|fetchall|close)$/;
/** Calls that give a cursor. */
const GIVES_CURSOR = /^(execute|executemany|executescript|cursor)$/;
const SAME_OF_CONNECTION = /^(row_factory|text_factory|isolation_level|in_transaction|total_changes)$/;
const SAME_OF_CURSOR = /^(rowcount|lastrowid|description|arraysize)$/;

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  if (!/^sqlite3\.(connect$|Connection\.|Cursor\.)/.test(finding.path[0]?.callee ?? "")) return undefined;
  if (call === undefined) return refuse("the connection is used by more than plain calls");
  if (asyncLibraryOf(source) !== "asyncio")
    return refuse("aiosqlite runs on asyncio, and this file is written for another library");
  const variable = connectionAt(source, call);
  if (variable === undefined) return refuse("the connection is not a local variable of this function");
  const aiosqlite = moduleReferenceTo(source, call, "aiosqlite", "sqlite3");
  if (!aiosqlite) return refuse("this file uses the name `aiosqlite` for something else");
  const edits = translate(request, variable, aiosqlite.text);
  if (typeof edits === "string") return refuse(edits);
  return {
    kind: "proposal",
    title: `Use aiosqlite instead${missingNote(request, "aiosqlite")}`,
    action: "refactor.rewrite",
    preferred: false,
    edits: [...aiosqlite.edits, ...edits],
  };
}

/** A mention of the variable that holds the connection which a call opens or uses. */
function connectionAt(source: Source, call: NodeId, depth = 4): NodeId | undefined {
  const callee = source.tree.child(call, "function");
  if (callee === undefined || depth === 0) return undefined;
  if (qualifiedName(source, callee) === "sqlite3.connect") return targetOf(source, call);
  let node = callee;
  while (/^(attribute|call)$/.test(kindOf(source, node))) {
    const inner = source.tree.child(node, kindOf(source, node) === "call" ? "function" : "object");
    if (inner === undefined) return undefined;
    node = withoutParentheses(source, inner);
  }
  if (kindOf(source, node) !== "identifier") return undefined;
  const [binding] = bindingsOf(source, textOf(source, node), node);
  const right = binding && source.tree.child(parentOf(source, binding.node), "right");
  if (right === undefined || kindOf(source, right) !== "call") return node;
  const made = source.tree.child(right, "function") as NodeId;
  return qualifiedName(source, made) === "sqlite3.connect" ? node : connectionAt(source, right, depth - 1);
}

/** The name that the value of a call is given. */
function targetOf(source: Source, call: NodeId): NodeId | undefined {
  const parent = parentOf(source, call);
  if (kindOf(source, parent) === "assignment") {
    const left = source.tree.child(parent, "left");
    return left !== undefined && kindOf(source, left) === "identifier" ? left : undefined;
  }
  const statement = [...ancestorsOf(source, call)].find((ancestor) => kindOf(source, ancestor) === "with_statement");
  const target = statement === undefined ? undefined : withItems(source, statement)[0]?.target;
  const name = target === undefined ? undefined : source.tree.children(target)[0];
  return name !== undefined && kindOf(source, name) === "identifier" ? name : undefined;
}

function translate(request: FixRequest, variable: NodeId, library: string): readonly Edit[] | string {
  const { source } = request;
  const life = objectLifeOf(source, variable, "connection", SAME_OF_CONNECTION);
  if (typeof life === "string") return life;
  const closing = life.isManaged ? closedBy(source, life.construction) : undefined;
  const construction = closing ?? life.construction;
  const made = source.tree.child(construction, "function") as NodeId;
  if (qualifiedName(source, made) !== "sqlite3.connect") return `\`${life.name}\` is not made by sqlite3.connect()`;
  if (life.isManaged && closing === undefined)
    return "`with` commits in sqlite3 and closes in aiosqlite: commit in the block and open it with contextlib.closing()";
  const [database, ...options] = argumentsOf(source, construction);
  const isPlain = database !== undefined && !/^(list|dictionary)_splat$/.test(kindOf(source, database));
  if (!isPlain || options.some((option) => kindOf(source, option) !== "keyword_argument"))
    return "sqlite3.connect() is given more than a database and keyword arguments";
  const edits: Edit[] = [];
  const closes: NodeId[] = [];
  const places = life.uses.map(({ response }) => response);
  for (const use of life.uses) {
    if (use.name === "close" && use.call !== undefined) {
      closes.push(use.call);
      continue;
    }
    if (SAME_OF_CONNECTION.test(use.name) && use.call === undefined) continue;
    if (use.call === undefined || !AWAITED_OF_CONNECTION.test(use.name))
      return `\`${use.name}\` of the connection has no twin in aiosqlite that is known to be equal`;
    const translated = translateCall(request, use.call, use.name, places);
    if (typeof translated === "string") return translated;
    edits.push(...translated);
  }
  const kept = keepOpen(
    request,
    { ...life, construction, outer: life.construction, places, closes, isClosing: closing !== undefined },
    library,
  );
  return typeof kept === "string" ? kept : [...edits, ...kept];
}

/** Awaits a call on the connection or a cursor, and what is done with a cursor that it gives. */
function translateCall(request: FixRequest, call: NodeId, method: string, places: NodeId[]): readonly Edit[] | string {
  const { source, python } = request;
  const reason = whyNoAwait(source, call, python) ?? whyNotSuspend(source, call);
  if (reason) return reason;
  const edits = awaitEdits(source, call);
  if (!GIVES_CURSOR.test(method)) return edits;
  const rest = translateCursor(request, call, places);
  return typeof rest === "string" ? rest : joinAwaits(rest, edits);
}

/** What is awaited around a call begins at the same place as it, and stands before it. */
function joinAwaits(around: readonly Edit[], inner: readonly Edit[]): Edit[] {
  const [first, ...others] = inner;
  const outer = around.find(({ start, end }) => start === first?.start && end === start);
  if (first === undefined || outer === undefined) return [...around, ...inner];
  return [...around.filter((edit) => edit !== outer), { ...first, text: outer.text + first.text }, ...others];
}

/** What becomes of the cursor that stands at `node`; `places` takes the reads of variables it is kept in. */
function translateCursor(request: FixRequest, node: NodeId, places: NodeId[]): readonly Edit[] | string {
  const { source } = request;
  const parent = parentOf(source, node);
  if (kindOf(source, parent) === "expression_statement") return [];
  if (kindOf(source, parent) === "for_statement" && source.tree.field(node) === "right") return asyncFor(request, parent);
  if (kindOf(source, parent) === "assignment" && source.tree.child(parent, "right") === node) {
    const target = source.tree.child(parent, "left");
    if (target === undefined || kindOf(source, target) !== "identifier") return "a cursor is kept in more than a local variable";
    return translateCursorVariable(request, target, places);
  }
  const use = attributeUse(source, node);
  if (typeof use === "string") return use.replaceAll("the response", "a cursor");
  if (SAME_OF_CURSOR.test(use.name) && use.call === undefined) return [];
  if (use.call === undefined || !AWAITED_OF_CURSOR.test(use.name))
    return `\`${use.name}\` of a cursor has no twin in aiosqlite that is known to be equal`;
  return translateCall(request, use.call, use.name, places);
}

/** `cursor = db.cursor()`: every value of the variable is a cursor, and every use of it has a twin. */
function translateCursorVariable(request: FixRequest, target: NodeId, places: NodeId[]): readonly Edit[] | string {
  const { source } = request;
  const name = textOf(source, target);
  const bindings = bindingsOf(source, name, target);
  if (bindings.some(({ node }) => functionAround(source, node) !== functionAround(source, target) || !isCursorCall(source, node)))
    return `\`${name}\` is not always a cursor`;
  // The first binding speaks for all.
  if (bindings[0]?.node !== target) return [];
  const edits: Edit[] = [];
  for (const mention of mentionsOf(source, name, target)) {
    if (!isRead(source, mention)) continue;
    if (functionAround(source, mention) !== functionAround(source, target)) return `\`${name}\` is used in a nested function`;
    places.push(mention);
    const translated = translateCursor(request, mention, places);
    if (typeof translated === "string") return translated;
    edits.push(...translated);
  }
  return edits;
}

function isCursorCall(source: Source, binding: NodeId): boolean {
  const right = source.tree.child(parentOf(source, binding), "right");
  const callee = right !== undefined && kindOf(source, right) === "call" ? source.tree.child(right, "function") : undefined;
  if (callee === undefined || kindOf(source, callee) !== "attribute") return false;
  return GIVES_CURSOR.test(textOf(source, source.tree.child(callee, "attribute") as NodeId));
}

/** aiosqlite fetches rows ahead, so nothing in the loop may work on the database. */
function asyncFor(request: FixRequest, loop: NodeId): readonly Edit[] | string {
  const { source } = request;
  const body = source.tree.child(loop, "body") as NodeId;
  const [first] = source.tree.children(body);
  const reason = first === undefined ? undefined : (whyNoAwait(source, first, request.python) ?? whyNotSuspend(source, first));
  if (reason) return reason;
  const isUsed = [...descendantsOf(source, body)].some(
    (node) => kindOf(source, node) === "attribute" && /\.(execute\w*|commit|rollback|fetch\w+)$/.test(textOf(source, node)),
  );
  if (isUsed) return "the database is used while its rows are walked over, of which aiosqlite fetches some ahead";
  return [{ start: startOf(source, loop), end: startOf(source, loop), text: "async " }];
}

interface Connection {
  readonly name: string;
  readonly statement: NodeId;
  readonly construction: NodeId;
  /** The construction, or the call of contextlib.closing() around it. */
  readonly outer: NodeId;
  /** Where it or a cursor of it is used. */
  readonly places: readonly NodeId[];
  readonly closes: readonly NodeId[];
  readonly isClosing: boolean;
}

/** Opens the connection so that it is closed whatever happens. */
function keepOpen(request: FixRequest, connection: Connection, library: string): readonly Edit[] | string {
  const { source } = request;
  const { statement, construction, outer, places, closes, isClosing } = connection;
  const reason = whyNoAwait(source, construction, request.python) ?? whyNotSuspend(source, construction);
  if (reason) return reason;
  const made = source.tree.child(construction, "function") as NodeId;
  const renamed: Edit = { start: startOf(source, made), end: endOf(source, made), text: `${library}.connect` };
  if (isClosing) {
    if (closes.length > 0) return "the connection is closed twice, which aiosqlite refuses";
    if (places.some((place) => !contains(source, statement, place))) return "the connection is used behind its block";
    return [
      { start: startOf(source, statement), end: startOf(source, statement), text: "async " },
      { start: startOf(source, outer), end: endOf(source, made), text: renamed.text },
      { start: endOf(source, construction), end: endOf(source, outer), text: "" },
    ];
  }
  const held = holdOpen(source, { ...connection, noun: "connection", removed: [] });
  if (typeof held === "string") return held;
  const own =
    held.close === undefined
      ? [...held.edits, renamed]
      : [renamed, ...awaitEdits(source, construction), ...awaitEdits(source, held.close)];
  return [...own, ...held.moved.flatMap(({ start, end }) => indentLines(source, start, end, indentStep(source, statement)))];
}
