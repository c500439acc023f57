/**
 * Reads what our stubs say of callables. A stub names public paths; each is followed to its definition (in typeshed when
 * the knowledge is packed, in the installed source here), and the effect sits on the definition.
 */

import { isRuleName, type RuleName } from "../base/rules.js";
import type { StallClass } from "../base/stall.js";
import type { Argument, Expr, ExprId, Parameter, Scope } from "../facts/types.js";
import type { Condition } from "./conditions.js";
import {
  type ClassEntity,
  classAt,
  type FunctionEntity,
  fullName,
  functionAt,
  type SourceFile,
  scopeOf,
  type Unit,
} from "./entities.js";
import type { Place } from "./types.js";

export interface BlockSpec {
  readonly rule: RuleName;
  readonly stall: StallClass;
  /** The parameter that is the stall, in seconds. */
  readonly seconds?: string | number;
  /** The parameter that bounds it, in seconds. */
  readonly timeout?: string | number;
  readonly unless?: Condition;
  readonly iterated: boolean;
  /** It happens when what the function decorates is called, on the thread it runs in: not to coroutines. */
  readonly decorated?: true;
  readonly gil?: "held" | "released";
}

/** The remedy that moves an object to another class with all that is done with it. */
export const CLIENT_TWIN = "client-twin";

/** An async way, as the stub writes it. */
export interface TwinSpec {
  readonly name: string;
  readonly remedy?: string;
  readonly differs?: string;
  readonly rename?: Readonly<Record<string, string>>;
  readonly drop?: readonly string[];
}

const NEEDS = [
  "loop",
  "main-thread",
  "own-thread",
  "thread-local",
  "context",
  "context-read",
  "stop-iteration",
  "handling",
] as const;

/**
 * What keeps a callable where it is: it uses the running loop, needs the main thread, touches an object that belongs to the
 * thread that made it, sees what each thread has of its own, sets or reads a context variable, may raise StopIteration,
 * reads the exception that is being handled.
 */
export type Need = (typeof NEEDS)[number];

export interface NeedSpec {
  readonly need: Need;
  readonly unless?: Condition;
  /** The public name of what needs it; of a class decorator the class. */
  readonly name: string;
  /** The parameters that `unless` speaks of. */
  readonly signature: readonly Parameter[];
}

export interface Spec {
  /** The public name the stub speaks of: `shutil.rmtree`, `socket.socket.recv`; of a class decorator the class. */
  readonly name: string;
  readonly blocks: readonly BlockSpec[];
  readonly never: boolean;
  readonly twins: readonly TwinSpec[];
  /** Where this function, or overrides of this method, run. */
  readonly runs?: Place;
  /** On a class: patterns of the methods `runs` speaks of. */
  readonly hooks?: readonly string[];
  /** What becomes of callables given to these parameters of the stub's own signature. */
  readonly parameters: ReadonlyMap<string, Place>;
  readonly signature: readonly Parameter[];
  readonly wraps?: { readonly parameter: string; readonly place: Place };
  readonly decorates?: Place;
  /** The parameter whose callable makes the value: what it yields, returns or constructs stands where the call is written. */
  readonly provides?: string;
  /** On a class: of its methods; empty: nothing, whatever the class says. */
  readonly needs?: readonly NeedSpec[];
}

const DEFAULT_STALL: Readonly<Record<string, StallClass>> = { file: "whole-file", filesystem: "inode", cpu: "cpu" };
const KINDS: Readonly<Record<string, string>> = { "nested-loop": "nested-event-loop", "executor-exit": "executor-exit-blocks" };

/** The rule a stub's kind stands for; undefined for a kind that does not exist. */
export function ruleOfKind(kind: string): RuleName | undefined {
  const rule = KINDS[kind] ?? `blocking-${kind}`;
  return isRuleName(rule) ? rule : undefined;
}

const specs = new WeakMap<Scope, Spec | null>();

/** What a definition in one of our stubs says; undefined when it says nothing. */
export function specOf(entity: FunctionEntity | ClassEntity): Spec | undefined {
  const scope = scopeOf(entity);
  const known = specs.get(scope);
  if (known !== undefined) return known ?? undefined;
  const spec = readSpec(entity.unit, scope, fullName(entity));
  specs.set(scope, spec ?? null);
  return spec;
}

function readSpec(unit: Unit, scope: Scope, name: string): Spec | undefined {
  const blocks: BlockSpec[] = [];
  const twins: TwinSpec[] = [];
  let never = false;
  let runs: Place | undefined;
  let hooks: readonly string[] | undefined;
  let needs: readonly NeedSpec[] | undefined;
  for (const decorator of scope.decorators) {
    const expr = unit.chunk.exprs[decorator] as Expr;
    const callee = expr.kind === "call" ? (unit.chunk.exprs[expr.callee] as Expr) : expr;
    const notation = callee.kind === "name" || callee.kind === "local" ? callee.name : "";
    const args = expr.kind === "call" ? expr.args : [];
    switch (notation) {
      case "blocks": {
        const block = readBlock(unit, args);
        if (block) blocks.push(block);
        break;
      }
      case "never_blocks":
        never = true;
        break;
      case "twin": {
        const twin = readTwin(unit, args);
        // What stands on a class means its objects: the whole of them is moved.
        const isPlain = scope.kind === "class" && twin?.remedy === undefined && twin?.differs === undefined;
        if (twin) twins.push(isPlain ? { ...twin, remedy: CLIENT_TWIN } : twin);
        break;
      }
      case "runs": {
        const place = text(unit, positional(args, 0));
        if (isPlace(place)) runs = place;
        hooks = text(unit, keyword(args, "methods"))?.split(/\s+/);
        break;
      }
      case "needs":
        needs = [...(needs ?? []), ...readNeeds(unit, args, name, scope.parameters)];
        break;
      default:
    }
  }
  const parameters = new Map<string, Place>();
  for (const parameter of scope.parameters) {
    const [place] = form(unit, parameter.annotation, "Runs");
    if (isPlace(place)) parameters.set(parameter.name, place);
  }
  const [wrapped, wrapPlace] = form(unit, scope.returns, "Wraps");
  const [provides] = form(unit, scope.returns, "Provides");
  const [decorates] = form(unit, scope.returns, "Decorates");
  const says =
    blocks.length > 0 || twins.length > 0 || never || runs || parameters.size > 0 || wrapped || decorates || provides || needs;
  if (!says) return undefined;
  return {
    name,
    blocks,
    never,
    twins,
    parameters,
    signature: scope.parameters,
    ...(runs ? { runs } : {}),
    ...(hooks ? { hooks } : {}),
    ...(needs ? { needs } : {}),
    ...(wrapped && isPlace(wrapPlace) ? { wraps: { parameter: wrapped, place: wrapPlace } } : {}),
    ...(isPlace(decorates) ? { decorates } : {}),
    ...(provides ? { provides } : {}),
  };
}

function readBlock(unit: Unit, args: readonly Argument[]): BlockSpec | undefined {
  const kind = text(unit, positional(args, 0));
  const rule = kind === undefined ? undefined : ruleOfKind(kind);
  if (kind === undefined || !rule) return undefined;
  const stall = (text(unit, keyword(args, "stall")) as StallClass | undefined) ?? DEFAULT_STALL[kind] ?? "wait";
  const seconds = constant(unit, keyword(args, "seconds"));
  const timeout = constant(unit, keyword(args, "timeout"));
  const unless = text(unit, keyword(args, "unless"));
  const gil = text(unit, keyword(args, "gil"));
  const when = text(unit, keyword(args, "when"));
  return {
    rule,
    stall,
    iterated: when === "iterated",
    ...(when === "decorated" ? { decorated: true as const } : {}),
    ...(typeof seconds === "string" || typeof seconds === "number" ? { seconds } : {}),
    ...(typeof timeout === "string" || typeof timeout === "number" ? { timeout } : {}),
    ...(unless === undefined ? {} : { unless: parseCondition(unless) }),
    ...(gil === "held" || gil === "released" ? { gil } : {}),
  };
}

function readNeeds(unit: Unit, args: readonly Argument[], name: string, signature: readonly Parameter[]): NeedSpec[] {
  const unless = text(unit, keyword(args, "unless"));
  return args.flatMap(({ name: keyword, value }) => {
    const need = NEEDS.find((known) => keyword === undefined && known === text(unit, value));
    return need ? [{ need, name, signature, ...(unless === undefined ? {} : { unless: parseCondition(unless) }) }] : [];
  });
}

function readTwin(unit: Unit, args: readonly Argument[]): TwinSpec | undefined {
  const name = text(unit, positional(args, 0));
  if (name === undefined) return undefined;
  const remedy = text(unit, keyword(args, "remedy"));
  const differs = text(unit, keyword(args, "differs"));
  const rename = table(unit, keyword(args, "rename"));
  const drop = list(unit, keyword(args, "drop"));
  return {
    name,
    ...(remedy === undefined ? {} : { remedy }),
    ...(differs === undefined ? {} : { differs }),
    ...(rename === undefined ? {} : { rename }),
    ...(drop === undefined ? {} : { drop }),
  };
}

function positional(args: readonly Argument[], index: number): ExprId | undefined {
  return args.filter((argument) => argument.name === undefined)[index]?.value;
}

function keyword(args: readonly Argument[], name: string): ExprId | undefined {
  return args.find((argument) => argument.name === name)?.value;
}

function constant(unit: Unit, id: ExprId | undefined): string | number | boolean | null | undefined {
  const expr = id === undefined ? undefined : unit.chunk.exprs[id];
  return expr?.kind === "constant" ? expr.value : undefined;
}

function text(unit: Unit, id: ExprId | undefined): string | undefined {
  const value = constant(unit, id);
  return typeof value === "string" ? value : undefined;
}

function table(unit: Unit, id: ExprId | undefined): Record<string, string> | undefined {
  const expr = id === undefined ? undefined : unit.chunk.exprs[id];
  if (expr?.kind !== "dict") return undefined;
  return Object.fromEntries(expr.keys.map((key, index) => [text(unit, key) ?? "", text(unit, expr.values[index]) ?? ""]));
}

function list(unit: Unit, id: ExprId | undefined): string[] | undefined {
  const expr = id === undefined ? undefined : unit.chunk.exprs[id];
  if (expr?.kind === "constant" && typeof expr.value === "string") return expr.value.split(/[\s,]+/);
  return expr?.kind === "sequence" ? expr.items.flatMap((item) => text(unit, item) ?? []) : undefined;
}

/** The literal arguments of `Runs["thread"]`, `Wraps["func", "thread"]`. */
function form(unit: Unit, annotation: ExprId | undefined, name: string): readonly (string | undefined)[] {
  const expr = annotation === undefined ? undefined : unit.chunk.exprs[annotation];
  if (expr?.kind === "binary") {
    const left = form(unit, expr.left, name);
    return left.length > 0 ? left : form(unit, expr.right, name);
  }
  if (expr?.kind !== "subscript") return [];
  const head = unit.chunk.exprs[expr.of] as Expr;
  if (head.kind !== "name" || head.name !== name) return [];
  const index = unit.chunk.exprs[expr.index] as Expr;
  if (index.kind === "sequence") return index.items.map((item) => text(unit, item));
  return [text(unit, expr.index)];
}

const PLACES = new Set<string>(["now", "loop", "thread", "process", "worker", "loop-or-thread", "startup"]);

function isPlace(value: string | undefined): value is Place {
  return value !== undefined && PLACES.has(value);
}

/**
 * Parses the Python expression of `unless`: names, literals, `given(x)`, comparisons, `not`, `and`, `or`, brackets.
 * Anything else is unknown, which never decides.
 */
function parseCondition(source: string): Condition {
  const tokens = source.match(/is\s+not\b|not\s+in\b|[A-Za-z_]\w*|\d+(?:\.\d+)?|"[^"]*"|'[^']*'|[=!<>]=|[<>()]|-/g) ?? [];
  let at = 0;
  const or = (): Condition => {
    let left = and();
    while (tokens[at] === "or") {
      at++;
      left = { kind: "or", left, right: and() };
    }
    return left;
  };
  const and = (): Condition => {
    let left = not();
    while (tokens[at] === "and") {
      at++;
      left = { kind: "and", left, right: not() };
    }
    return left;
  };
  const not = (): Condition => {
    if (tokens[at] !== "not") return comparison();
    at++;
    return { kind: "not", of: not() };
  };
  const comparison = (): Condition => {
    const left = atom();
    const operator = tokens[at]?.replace(/\s+/g, " ");
    if (operator === undefined || !["==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"].includes(operator))
      return left;
    at++;
    return { kind: "compare", operator, left, right: atom() };
  };
  const atom = (): Condition => {
    const token = tokens[at++];
    if (token === undefined) return { kind: "unknown" };
    if (token === "(") {
      const inner = or();
      at++;
      return inner;
    }
    if (token === "-") {
      const inner = atom();
      return inner.kind === "constant" && typeof inner.value === "number" ? { kind: "constant", value: -inner.value } : inner;
    }
    if (token === "None") return { kind: "constant", value: null };
    if (token === "True" || token === "False") return { kind: "constant", value: token === "True" };
    if (/^\d/.test(token)) return { kind: "constant", value: Number(token) };
    if (/^["']/.test(token)) return { kind: "constant", value: token.slice(1, -1) };
    if (token === "given" && tokens[at] === "(") {
      const name = tokens[at + 1] ?? "";
      at += 3;
      return { kind: "given", name };
    }
    return { kind: "parameter", name: token };
  };
  return or();
}

/** Every function and class of a stub that says something, by qualified name. */
export function definitionsOf(file: SourceFile): Map<string, FunctionEntity | ClassEntity> {
  const definitions = new Map<string, FunctionEntity | ClassEntity>();
  for (const unit of file.units) {
    unit.chunk.scopes.forEach((scope, scopeId) => {
      if (scope.kind !== "function" && scope.kind !== "class") return;
      const entity = scope.kind === "class" ? classAt(unit, scopeId) : functionAt(unit, scopeId);
      if (specOf(entity)) definitions.set(entity.qualifiedName, entity);
    });
  }
  return definitions;
}

/** What gives types, by qualified name: the classes of a stub, and its functions that say what they return. */
export function typesIn(file: SourceFile): Map<string, FunctionEntity | ClassEntity> {
  const definitions = new Map<string, FunctionEntity | ClassEntity>();
  for (const unit of file.units) {
    unit.chunk.scopes.forEach((scope, scopeId) => {
      if (scope.kind !== "class" && (scope.kind !== "function" || scope.returns === undefined)) return;
      const entity = scope.kind === "class" ? classAt(unit, scopeId) : functionAt(unit, scopeId);
      if (!entity.qualifiedName.includes(".")) definitions.set(entity.qualifiedName, entity);
    });
  }
  return definitions;
}

/** The stub says of itself that what it does not name does not block. */
export function isComplete(file: SourceFile): boolean {
  return says(file, /^loopguard\s*:\s*complete\b/);
}

/** The stub says that whoever imports it belongs to the tests. */
export function isForTests(file: SourceFile): boolean {
  return says(file, /^loopguard\s*:\s*tests\b/);
}

function says(stub: SourceFile, what: RegExp): boolean {
  return stub.moduleUnit.chunk.directives.some((directive) => what.test(directive));
}
