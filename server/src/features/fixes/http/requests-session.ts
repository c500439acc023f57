/**
 * The life of a `requests.Session` in one coroutine, as the remedies that translate it see it: the requests that are made
 * through it, what is set on it, and where it is closed. Knows no other library.
 */

import { isAlone } from "../clients/object-block.js";
import { type ObjectLife, objectLifeOf } from "../clients/object-life.js";
import { type FixRequest, type Refusal, refuse } from "../request.js";
import { whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { qualifiedName } from "../text/scopes.js";
import {
  argumentsOf,
  contains,
  endOf,
  hasComment,
  kindOf,
  lineEnd,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  statementsOf,
  textOf,
} from "../text/source.js";
import { isMethod, type RequestsCall } from "./requests-call.js";
import type { AttributeUse } from "./response-life.js";

const METHOD = /^requests\.(?:sessions\.)?Session\.\w+$/;
const CLASS = /^requests\.(?:sessions\.)?(?:Session|session)$/;
const STORES = /^(headers|auth|params|verify|trust_env)$/;

/** A request that is made through a session. */
export interface SessionCall extends RequestsCall {
  readonly use: AttributeUse;
}

/** `session.NAME = value`, or `session.headers.update(value)`, or `session.headers[key] = value`. */
export interface Setting {
  readonly name: string;
  readonly value: NodeId;
  /** The key that is set; undefined for all at once. */
  readonly key?: NodeId;
  /** Replaces what was there. */
  readonly isWhole: boolean;
  readonly statement: NodeId;
  /** It stands among the settings directly behind the construction, so it may as well be an argument of it. */
  readonly isFirst: boolean;
}

export interface Session extends ObjectLife {
  readonly calls: readonly SessionCall[];
  /** In the order of the text. */
  readonly settings: readonly Setting[];
  readonly closes: readonly NodeId[];
}

/** The session that the request at the finding is made through; undefined when the finding is about something else. */
export function sessionOf(request: FixRequest): Session | Refusal | undefined {
  const { finding, source, call } = request;
  if (!METHOD.test(finding.path[0]?.callee ?? "")) return undefined;
  if (call === undefined || finding.path[0]?.role !== "call") return refuse("the request is not a plain call");
  if (finding.confidence !== "definite") return refuse("the call may be something else than requests");
  const callee = source.tree.child(call, "function") as NodeId;
  const receiver = kindOf(source, callee) === "attribute" ? source.tree.child(callee, "object") : undefined;
  if (receiver === undefined) return refuse("the session is not a local variable");
  if (kindOf(source, receiver) === "attribute")
    return refuse(
      `the session \`${textOf(source, receiver)}\` outlives this function, and an asynchronous one belongs to one event loop and has to be closed in it`,
    );
  const life = objectLifeOf(source, receiver, "session", STORES);
  if (typeof life === "string") return refuse(life);
  const made = qualifiedName(source, source.tree.child(life.construction, "function") as NodeId);
  if (!CLASS.test(made ?? "") || argumentsOf(source, life.construction).length > 0)
    return refuse(`\`${life.name}\` is not made by requests.Session()`);
  const session = readUses(source, life);
  if (typeof session === "string") return refuse(session);
  const awaited = [...session.calls.map((each) => each.call), ...session.closes, whereEntered(source, life)];
  for (const node of awaited) {
    const reason = whyNoAwait(source, node, request.python) ?? whyNotSuspend(source, node);
    if (reason) return refuse(reason);
  }
  return session;
}

/** A place at which the new session would suspend the coroutine when it is entered or left. */
function whereEntered(source: Source, { isManaged, statement, construction }: ObjectLife): NodeId {
  return isManaged ? (source.tree.children(statement)[0] ?? statement) : construction;
}

function readUses(source: Source, life: ObjectLife): Session | string {
  const calls: SessionCall[] = [];
  const closes: NodeId[] = [];
  const found: Omit<Setting, "isFirst">[] = [];
  for (const use of life.uses) {
    const { name, call } = use;
    if (call !== undefined && isMethod(name)) calls.push({ call, method: name, use });
    else if (call !== undefined && name === "close" && kindOf(source, parentOf(source, call)) === "expression_statement")
      closes.push(call);
    else {
      const setting = settingOf(source, use);
      if (setting === undefined) return `\`${name}\` of the session is used in a way that has no twin that is known to be equal`;
      found.push(setting);
    }
  }
  if (life.isManaged && closes.length > 0) return "the session is closed inside of its block";
  if (life.isManaged && life.uses.some(({ response }) => !contains(source, life.statement, response)))
    return "the session is used behind its block";
  const first = settingsAtStart(source, life, new Set(found.map(({ statement }) => statement)));
  return { ...life, calls, closes, settings: found.map((each) => ({ ...each, isFirst: first.has(each.statement) })) };
}

/** What is set where an attribute of the session is used as a statement; undefined where it is more than that. */
function settingOf(source: Source, { name, attribute, call }: AttributeUse): Omit<Setting, "isFirst"> | undefined {
  const statement = statementOf(source, attribute);
  const [expression] = source.tree.children(statement);
  if (kindOf(source, statement) !== "expression_statement" || expression === undefined || call !== undefined) return undefined;
  if (kindOf(source, expression) === "assignment") {
    const value = source.tree.child(expression, "right");
    const target = source.tree.child(expression, "left");
    const isPlain = value !== undefined && kindOf(source, value) !== "assignment" && !source.tree.child(expression, "type");
    if (!isPlain || target === undefined) return undefined;
    if (target === attribute) return STORES.test(name) ? { name, value, isWhole: true, statement } : undefined;
    const key = kindOf(source, target) === "subscript" ? source.tree.child(target, "subscript") : undefined;
    if (name !== "headers" || key === undefined || source.tree.child(target, "value") !== attribute) return undefined;
    return { name, value, key, isWhole: false, statement };
  }
  const method = parentOf(source, attribute);
  const isUpdate =
    name === "headers" &&
    kindOf(source, expression) === "call" &&
    source.tree.child(expression, "function") === method &&
    textOf(source, source.tree.child(method, "attribute") ?? method) === "update";
  const [value, ...others] = isUpdate ? argumentsOf(source, expression) : [];
  if (value === undefined || others.length > 0 || /^(keyword_argument|list_splat|dictionary_splat)$/.test(kindOf(source, value)))
    return undefined;
  return { name, value, isWhole: false, statement };
}

/** The settings that follow the construction with nothing in between. */
function settingsAtStart(source: Source, life: ObjectLife, settings: ReadonlySet<NodeId>): ReadonlySet<NodeId> {
  const body = source.tree.child(life.statement, "body");
  const all = statementsOf(source, life.isManaged && body !== undefined ? body : parentOf(source, life.statement));
  const first = new Set<NodeId>();
  for (const statement of life.isManaged ? all : all.slice(all.indexOf(life.statement) + 1)) {
    if (!settings.has(statement)) break;
    first.add(statement);
  }
  return first;
}

/** Why a setting cannot become an argument of the construction, its statement gone. */
export function whyNotArgument(source: Source, { name, statement, value, isFirst }: Setting): string | undefined {
  if (!isFirst) return `\`${name}\` of the session is set after something else was done`;
  if (!isAlone(source, statement)) return `\`${name}\` of the session is set on a line with something else`;
  const isCommented =
    hasComment(source, startOf(source, statement), startOf(source, value)) ||
    hasComment(source, endOf(source, value), lineEnd(source, endOf(source, statement)));
  return isCommented ? `a comment stands beside \`${name}\` of the session, which moves` : undefined;
}
