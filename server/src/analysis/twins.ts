/**
 * The asynchronous twin of an object: which class takes the place of the one that a call makes, and what becomes of each use
 * of the object. Both sides are followed member by member: by stubs where they describe them, else by the source that is
 * installed. What to make of it is for fixes. Knows no positions beyond the offsets it is asked about.
 */
import type { Span } from "../base/lines.js";
import type { Argument, ExprId, Parameter, SiteId } from "../facts/types.js";
import { bindArguments } from "../link/arguments.js";
import {
  type ClassEntity,
  decoratorsOf,
  exprOf,
  type FunctionEntity,
  fullName,
  isAsync,
  type SourceFile,
  scopeOf,
  type Unit,
} from "../link/entities.js";
import type { Program } from "../link/program.js";
import { CLIENT_TWIN, type TwinSpec } from "../link/specs.js";
import { type FunctionType, membersOf, type Type } from "../link/types.js";
import { callAt, hasBody, isSameParameter, type Misfit, misfitOf, returnsOther, sameDecorators } from "./siblings.js";

/** A call that takes the place of another one. */
export interface TwinCall {
  /** What stands in the place of what is called: `AsyncConnection.connect` of `psycopg`. */
  readonly module: string;
  readonly name: string;
  readonly isAwaited: boolean;
  /** A stub names it. Otherwise only its name and its members say so. */
  readonly isVouched: boolean;
  /** What differs all the same, as the stub says. */
  readonly differs?: string;
  /** By index: the name under which the twin takes a positional argument. */
  readonly keywords: readonly (string | undefined)[];
  /** Keyword arguments that are called otherwise. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Keyword arguments that the twin does without. */
  readonly dropped: readonly string[];
  readonly misfit?: Misfit;
  /** A parameter that is given an object or a function of the client's world. */
  readonly bound?: string;
}

/** A call that makes the twin of what another call makes. */
export interface TwinMaker extends TwinCall {
  /** Leaving a block of it: closes it and nothing else, does more, or there are no such blocks. */
  readonly exit: "closes" | "more" | "none";
  /** The twin can be closed. */
  readonly closes: boolean;
}

/** One use of an object: its attribute, or the call of it; `__iter__`, `__enter__` and `__getitem__` for loops, blocks and items. */
export interface TwinStep {
  readonly name: string;
  readonly call?: Span;
}

/** What a use is in the twin. */
export interface TwinUse {
  /** Whose member it is there. */
  readonly owner: string;
  /** What it is called there. */
  readonly name: string;
  readonly isAwaited: boolean;
  /** The class of what it gives, where that has a twin of its own; `value`: the same on both sides; `opaque`: nobody knows. */
  readonly gives: { readonly kind: "object"; readonly of: string } | { readonly kind: "value" | "opaque" };
  readonly misfit?: Misfit;
  /** A stub says that it is not the same. */
  readonly differs?: string;
  /** A parameter that is given an object or a function of the client's world. */
  readonly bound?: string;
}

/** The twins of what the call between two offsets makes, those that a stub names first. */
export function twinMakers(program: Program, file: SourceFile, start: number, end: number): TwinMaker[] {
  return atCall(program, file, { start, end }, (making) => makersAt(making).map(({ maker }) => maker)) ?? [];
}

/** What a stub names in the place of the function that the call between two offsets runs, best first. */
export function twinCalls(program: Program, file: SourceFile, start: number, end: number): TwinCall[] {
  return atCall(program, file, { start, end }, (making) => callsAt(making)) ?? [];
}

/**
 * What the last of several uses is in the twin `name` of what the call `made` makes, each a use of what the one before gives;
 * undefined where the twin has nothing that is known to be the same.
 */
export function twinUse(
  program: Program,
  file: SourceFile,
  made: Span,
  name: string,
  steps: readonly TwinStep[],
): TwinUse | undefined {
  return atCall(program, file, made, (making) => {
    const found = makersAt(making).find(({ maker }) => nameOf(maker) === name);
    let pair: Pair | undefined = found?.pair;
    let use: Use | undefined;
    for (const step of steps) {
      use = pair && useOf(making, pair, step);
      pair = use?.pair;
    }
    return use?.use;
  });
}

/** The whole name of what makes a twin. */
export function nameOf({ module, name }: Pick<TwinMaker, "module" | "name">): string {
  return `${module}.${name}`;
}

/** The call that makes a client. */
interface Making {
  readonly program: Program;
  readonly file: SourceFile;
  readonly unit: Unit;
  readonly callee: Type;
  readonly args: readonly Argument[];
  readonly made: Type;
}

/** An object and its twin; undefined: a stub vouches for it, and describes it no further. */
interface Pair {
  readonly client: Type;
  readonly twin: Type | undefined;
  readonly isVouched: boolean;
}

interface Made {
  readonly maker: TwinMaker;
  readonly pair: Pair;
}

function atCall<Answer>(
  program: Program,
  file: SourceFile,
  { start, end }: Span,
  ask: (making: Making) => Answer,
): Answer | undefined {
  const call = callAt(file, start, end);
  if (!call) return undefined;
  const { unit } = call.around;
  return program.evaluator.deriving(unit.cell, () => {
    const making = makingAt(program, file, unit, call.site);
    return making && ask(making);
  });
}

function makingAt(program: Program, file: SourceFile, unit: Unit, id: SiteId): Making | undefined {
  const site = unit.chunk.sites[id];
  const call = site && exprOf(unit, site.expr);
  if (!site || call?.kind !== "call") return undefined;
  const { evaluator } = program;
  return {
    program,
    file,
    unit,
    callee: evaluator.typeOf(unit, call.callee),
    args: call.args,
    made: evaluator.typeOf(unit, site.expr),
  };
}

// ---- Functions ----

/** `pkg.load(...)` of a module; those of objects belong to their object. */
function callsAt(making: Making): TwinCall[] {
  const { callee, program, file } = making;
  if (callee.kind !== "function" || callee.function.owner || callee.uncertain) return [];
  const twins = program.stubs.of(callee.function)?.twins ?? [];
  const own = twins.filter(({ remedy, differs }) => remedy === undefined && differs === undefined);
  return own.flatMap((twin) => {
    const named = publicNamed(making, twin.name) ?? absentNamed(making, twin.name);
    if (!named || (named.type.kind !== "function" && named.type.kind !== "unknown")) return [];
    // An object that has to be made first.
    if (named.type.kind === "function" && named.type.function.owner && named.type.bound === undefined) return [];
    const { module, name } = named;
    const other = named.type.kind === "function" ? describedFunction(making, named.type) : undefined;
    const called = describedFunction(making, callee);
    const taken = argumentsOf(making, called, other ?? called, twin);
    const { unit } = callee.function;
    // In the same module it stands beside what is called.
    const isBeside = unit.file === file || module === unit.file.publicModule;
    return isBeside ? [] : [{ module, name, isAwaited: true, isVouched: true, ...taken }];
  });
}

/** A function of a package that is not there: the module is what stands before its last name. */
function absentNamed({ program, file }: Making, whole: string): Named | undefined {
  const [top] = whole.split(".", 1) as [string];
  const dot = whole.lastIndexOf(".");
  if (dot < 0 || program.modules.resolve(top, file) !== undefined) return undefined;
  return { module: whole.slice(0, dot), name: whole.slice(dot + 1), type: NOTHING };
}

// ---- Making ----

function makersAt(making: Making): Made[] {
  const { callee, made } = making;
  if (made.kind !== "instance") return [];
  if (callee.kind === "class") return makersOfClass(making, callee.class);
  if (callee.kind !== "function") return [];
  const { bound } = callee;
  const own = swapped(making.program.stubs.of(callee.function)?.twins).flatMap((twin) => functionMaker(making, twin) ?? []);
  if (own.length > 0 || bound?.kind !== "class" || bound.class !== made.class) return own;
  return makersOfClass(making, bound.class, scopeOf(callee.function).name);
}

/** Twins that can be put in the place of what they stand on without more ado. */
function swapped(twins: readonly TwinSpec[] = []): readonly TwinSpec[] {
  return twins.filter(({ remedy, differs }) => remedy === CLIENT_TWIN || (remedy === undefined && differs === undefined));
}

/** `Redis(...)`, or `Redis.from_url(...)`: `method`. */
function makersOfClass(making: Making, entity: ClassEntity, method?: string): Made[] {
  const { stubs } = making.program;
  const named = swapped(stubs.of(entity)?.twins).flatMap((twin) => {
    const found = publicNamed(making, twin.name);
    return found?.type.kind === "class" ? (classMaker(making, entity, found.type.class, found, twin, method) ?? []) : [];
  });
  return named.length > 0 ? named : alike(making, entity, method);
}

/** How people call the asynchronous twin of a class, and where they keep it. */
const NAMES_ALIKE = [(name: string) => `Async${name}`, (name: string) => `Aio${name}`, (name: string) => `${name}Async`];
const MODULES_ALIKE = ["asyncio", "aio", "async_client", "aioclient"];

/** Twins that no stub names: `AsyncClient` beside `Client`, `pkg.asyncio.Client` below `pkg.Client`. */
function alike(making: Making, entity: ClassEntity, method: string | undefined): Made[] {
  const { program, file } = making;
  const { modules, evaluator, stubs } = program;
  const { module, origin } = entity.unit.file;
  const isOwn = origin === "workspace" || origin === "package";
  if (!isOwn || stubs.classFor(entity) !== undefined || entity.qualifiedName.includes(".")) return [];
  const { qualifiedName: name } = entity;
  const around = module.split(".").map((_, index, parts) => parts.slice(0, parts.length - index).join("."));
  const places = around.flatMap((whole) => MODULES_ALIKE.map((part) => `${whole}.${part}`));
  const wanted: [string, string][] = [
    ...[...around].reverse().flatMap((whole) => NAMES_ALIKE.map((called): [string, string] => [whole, called(name)])),
    ...places.flatMap((place) =>
      [name, ...NAMES_ALIKE.map((called) => called(name))].map((each): [string, string] => [place, each]),
    ),
  ];
  for (const [place, called] of wanted) {
    const found = modules.resolve(place, file);
    if (!found?.file || found.file.origin === "stub" || found.file.origin === "typeshed") continue;
    const type = evaluator.moduleMember(found, called, file);
    if (type.kind !== "class" || type.class === entity || stubs.classFor(type.class) !== undefined) continue;
    const made = classMaker(making, entity, type.class, { module: place, name: called }, undefined, method);
    if (made) return [made];
  }
  return [];
}

interface Named {
  readonly module: string;
  readonly name: string;
  readonly type: Type;
}

/** What a stub names; undefined where the package is there and has no such thing. */
function publicNamed({ program, file }: Making, whole: string): Named | undefined {
  const { modules, evaluator } = program;
  const top = modules.resolve(whole.split(".", 1)[0] as string, file)?.file;
  const isInstalled = top !== undefined && top.origin !== "stub" && top.origin !== "typeshed";
  for (let dot = whole.lastIndexOf("."); dot > 0; dot = whole.lastIndexOf(".", dot - 1)) {
    const module = modules.resolve(whole.slice(0, dot), file);
    if (!module?.file || (isInstalled && module.file.origin === "stub")) continue;
    const [first, ...rest] = whole.slice(dot + 1).split(".");
    let type = evaluator.moduleMember(module, first as string, file);
    for (const part of rest) type = evaluator.member(type, part);
    return type.kind === "unknown" ? undefined : { module: module.name, name: whole.slice(dot + 1), type };
  }
  return undefined;
}

function classMaker(
  making: Making,
  client: ClassEntity,
  twin: ClassEntity,
  named: Pick<Named, "module" | "name">,
  spec: TwinSpec | undefined,
  method: string | undefined,
): Made | undefined {
  const isVouched = spec !== undefined;
  const pair = pairOf(making, instanceOf(client), instanceOf(twin), isVouched);
  const [before, after] = [described(making, client), described(making, twin)];
  if (method !== undefined) {
    const called = memberFunction(making, classType(before), method);
    const other = memberFunction(making, classType(after), method);
    if (!called || !other) return undefined;
    const result = making.program.evaluator.callResult(other, { types: [] });
    const given = awaitedIn(making, result);
    if (given.type.kind !== "instance" || given.type.class !== after) return undefined;
    const taken = argumentsOf(making, called, other, spec, memberFunction(making, instanceOf(after), "__init__"));
    const name = `${named.name}.${method}`;
    return { maker: makerOf(making, { ...named, name }, given.isAwaited, taken, spec, pair), pair };
  }
  const [called, other] = [before, after].map((entity) => memberFunction(making, instanceOf(entity), "__init__"));
  if (!called || !other) return undefined;
  if (!isVouched && !hasCoroutines(making, client, twin)) return undefined;
  const taken = argumentsOf(making, called, other, spec);
  const misfit = isVouched ? undefined : misfitOf({ type: called, args: making.args, skip: 1 }, other.function, true);
  return { maker: makerOf(making, named, false, misfit ? { ...taken, misfit } : taken, spec, pair), pair };
}

/** Something that the one does at once is awaited in the other: not just a class of a like name. */
function hasCoroutines({ program }: Making, client: ClassEntity, twin: ClassEntity): boolean {
  const { evaluator } = program;
  const { classes } = evaluator;
  const isFunction = (entity: ClassEntity, name: string): FunctionType | undefined => {
    const [place] = classes.memberPlaces(entity, name);
    const type = place && evaluator.typeOfDefs(place.unit, place.defs);
    return type?.kind === "function" ? type : undefined;
  };
  return classes
    .mro(client)
    .flatMap((base) => (base.qualifiedName === "object" ? [] : [...classes.definedNames(base)]))
    .some((name) => {
      const [own, other] = [isFunction(client, name), isFunction(twin, name)];
      return own !== undefined && other !== undefined && !isAsync(own.function) && isAsync(other.function);
    });
}

/** `psycopg.connect(...)`: the function has a twin of its own. */
function functionMaker(making: Making, spec: TwinSpec): Made | undefined {
  const { callee, made } = making;
  const named = publicNamed(making, spec.name);
  if (named?.type.kind !== "function" || callee.kind !== "function") return undefined;
  const other = describedFunction(making, named.type);
  const given = awaitedIn(making, making.program.evaluator.callResult(other, { types: [] }));
  if (given.type.kind !== "instance") return undefined;
  const pair = pairOf(making, made, given.type, true);
  const taken = argumentsOf(making, describedFunction(making, callee), other, spec);
  return { maker: makerOf(making, named, given.isAwaited, taken, spec, pair), pair };
}

function makerOf(
  making: Making,
  { module, name }: Pick<Named, "module" | "name">,
  isAwaited: boolean,
  taken: Taken,
  spec: TwinSpec | undefined,
  pair: Pair,
): TwinMaker {
  const twin = pair.twin ?? pair.client;
  return {
    module,
    name,
    isAwaited,
    isVouched: spec !== undefined,
    ...(spec?.differs === undefined ? {} : { differs: spec.differs }),
    ...taken,
    exit: exitOf(making, pair),
    closes: twin.kind === "instance" && ["close", "aclose", "__aexit__"].some((each) => has(making.program, twin.class, each)),
  };
}

function exitOf({ program }: Making, { client, twin, isVouched }: Pair): TwinMaker["exit"] {
  if (twin?.kind !== "instance" || client.kind !== "instance" || !has(program, twin.class, "__aenter__")) return "none";
  const exit = program.evaluator.member(client, "__exit__");
  const spec = exit.kind === "function" ? program.stubs.ofCall(exit) : undefined;
  return isVouched && (spec?.blocks.length ?? 0) === 0 ? "closes" : "more";
}

// ---- Arguments ----

type Taken = Pick<TwinMaker, "keywords" | "renamed" | "dropped" | "misfit" | "bound">;

/** How the twin takes the arguments of the call; `more`: what takes those that `**kwargs` of it hands on. */
function argumentsOf(
  making: Making,
  called: FunctionType,
  other: FunctionType,
  spec: TwinSpec | undefined,
  more?: FunctionType,
): Taken {
  const { args } = making;
  const skip = 1;
  const isBound = (type: FunctionType): boolean => type.bound !== undefined;
  const before = scopeOf(called.function).parameters.slice(isBound(called) ? skip : 0);
  const after = scopeOf(other.function).parameters.slice(isBound(other) ? skip : 0);
  const renamed: Record<string, string> = {};
  const dropped: string[] = [];
  const keywords: (string | undefined)[] = [];
  const filled = new Set<string>();
  // Whatever is unpacked lands in the same places.
  const isPlain = spec?.rename === undefined && spec?.drop === undefined && isFunction(called);
  const isAlike = isPlain && before.length === after.length && before.every((each, index) => isSameParameter(each, after[index]));
  let misfit: Misfit | undefined;
  const wanting = (kind: Misfit["kind"], parameter?: string): void => {
    misfit ??= { kind, ...(parameter === undefined ? {} : { parameter }) };
  };
  const isCollecting = (parameters: readonly Parameter[]): boolean => parameters.some(({ kind }) => kind === "var-keyword");
  const takesMore = isCollecting(after) && more !== undefined;
  const further = takesMore ? scopeOf(more.function).parameters.slice(1) : [];
  const positional = (parameters: readonly Parameter[]): readonly Parameter[] =>
    parameters.filter(({ kind }) => kind === "positional" || kind === "positional-only");
  for (const [index, argument] of args.entries()) {
    if (argument.star) {
      if (!isAlike) wanting("spread");
      continue;
    }
    const name = argument.name ?? positional(before)[index]?.name;
    const wanted = name === undefined ? undefined : (spec?.rename?.[name] ?? name);
    if (name === undefined || wanted === undefined) {
      wanting("lacking");
      continue;
    }
    if (spec?.drop?.includes(name)) {
      if (argument.name === undefined) wanting("lacking", name);
      else dropped.push(name);
      continue;
    }
    filled.add(wanted);
    if (argument.name === undefined && positional(after)[index]?.name === wanted) continue;
    const parameter = [...after, ...further].find((each) => each.name === wanted && each.kind !== "positional-only");
    // What both collect without a name: of a function the stub vouches for it, of a class plain data means the same.
    const isLoose = !parameter && isCollecting(before) && isCollecting(after) && !before.some((each) => each.name === name);
    const isTaken = isLoose ? isFunction(called) || isPlainData(making, argument) : parameter && !/^var-/.test(parameter.kind);
    if (!isTaken) wanting("lacking", name);
    if (argument.name === undefined) keywords[index] = wanted;
    else if (wanted !== name) renamed[name] = wanted;
  }
  // Behind an argument that is given by its name all are.
  const firstNamed = keywords.findIndex((name) => name !== undefined);
  for (const [index, argument] of args.entries()) {
    const isBehind = firstNamed >= 0 && index > firstNamed && argument.name === undefined;
    if (isBehind) keywords[index] ??= positional(before)[index]?.name;
  }
  const isOpen = args.some(({ star }) => star !== undefined);
  const needed = after.find(({ name, kind, default: given }) => given === undefined && !/^var-/.test(kind) && !filled.has(name));
  if (needed && !isOpen) wanting("needed", needed.name);
  const bound = boundIn(making, making.unit, args, before);
  return { keywords, renamed, dropped, ...(misfit ? { misfit } : {}), ...(bound === undefined ? {} : { bound }) };
}

function isFunction({ function: entity }: FunctionType): boolean {
  return !entity.owner || scopeOf(entity).name !== "__init__";
}

function isPlainData({ program, unit }: Making, { value }: Argument): boolean {
  return membersOf(program.evaluator.typeOf(unit, value)).every(
    (type) => type.kind === "none" || (type.kind === "instance" && type.class.unit.file.origin === "typeshed"),
  );
}

/** The parameter that is given something which works with the client's own kind: an object of its library, or a function. */
function boundIn(
  { program, made }: Making,
  unit: Unit,
  args: readonly Argument[],
  parameters: readonly Parameter[],
): string | undefined {
  const { evaluator, stubs } = program;
  const library = made.kind === "instance" ? topOf(made.class) : undefined;
  const isBound = (type: Type): boolean =>
    membersOf(type).some((member) => {
      if (member.kind === "class") return topOf(member.class) === library;
      if (member.kind === "instance") return topOf(member.class) === library && stubs.classFor(member.class) !== undefined;
      // A function of the library's own knows both kinds.
      if (member.kind === "function") return topOf(member.function) !== library;
      return member.kind === "callable" || member.kind === "partial";
    });
  // `Retry(...)`, `ClientCursor` of a library that is not there, by its name.
  const isOwn = (value: ExprId): boolean => {
    const expr = exprOf(unit, value);
    const symbol = evaluator.names.symbol(unit, expr.kind === "call" ? expr.callee : value) ?? "";
    return symbol.startsWith(`${library}.`) && /\.[A-Z]\w*[a-z]\w*$/.test(symbol);
  };
  const found = args.find(({ value }) => isLambda(unit, value) || isOwn(value) || isBound(evaluator.typeOf(unit, value)));
  if (!found) return undefined;
  return found.name ?? parameters[args.indexOf(found)]?.name ?? "";
}

function isLambda(unit: Unit, value: ExprId): boolean {
  return exprOf(unit, value).kind === "lambda";
}

function topOf({ unit }: ClassEntity | FunctionEntity): string {
  return unit.file.module.split(".", 1)[0] as string;
}

// ---- Uses ----

interface Use {
  readonly use: TwinUse;
  readonly pair: Pair | undefined;
}

function useOf(making: Making, pair: Pair, step: TwinStep): Use | undefined {
  switch (step.name) {
    case "__enter__":
      return entering(making, pair);
    case "__iter__":
      return iterating(making, pair);
    default:
      return pair.client.kind === "instance" ? memberUse(making, pair, pair.client, step) : undefined;
  }
}

function entering({ program }: Making, { client, twin, isVouched }: Pair): Use | undefined {
  const { evaluator } = program;
  const isManaged = client.kind === "manager" || (client.kind === "instance" && has(program, client.class, "__enter__"));
  const isTwin = twin?.kind === "manager" ? twin.async : twin?.kind === "instance" && has(program, twin.class, "__aenter__");
  if (!isManaged || !isTwin || twin === undefined) return undefined;
  const [given, other] = [evaluator.entered(client, false), evaluator.entered(twin, true)];
  return useWith(program, twin, "__aenter__", false, given, other, isVouched);
}

function iterating({ program }: Making, { client, twin, isVouched }: Pair): Use | undefined {
  const { evaluator } = program;
  if (twin?.kind !== "instance" || !has(program, twin.class, "__aiter__")) return undefined;
  const [given, other] = [evaluator.iterated(client, false), evaluator.iterated(twin, true)];
  return useWith(program, twin, "__aiter__", false, given, other, isVouched, true);
}

/** An attribute, a method that is called, or an item. */
function memberUse(making: Making, pair: Pair, described: Type & { kind: "instance" }, step: TwinStep): Use | undefined {
  const { program } = making;
  const { evaluator } = program;
  const { twin, isVouched } = pair;
  const called = callOf(making, step);
  if (step.call && !called) return undefined;
  const client = holding(making, described, step.name);
  const member = memberOf(making, client, step.name);
  const isCalled = member.kind === "function" && (step.call !== undefined || step.name === "__getitem__");
  if ((member.kind === "function") !== isCalled || (step.call && !isCalled)) return undefined;
  const args = called ? { unit: called.unit, args: called.args } : { types: [] };
  const given = isCalled ? evaluator.callResult(member, args) : member;
  const limits = isCalled && called ? limitsOf(making, member, called) : {};
  const ending = { ...limits, ...differenceOf(making, member) };
  const finish = ({ use, pair: next }: Use, misfit?: Misfit): Use => ({
    use: { ...use, ...ending, ...(misfit ? { misfit } : {}) },
    pair: next,
  });
  const inTwin = (other: Type & { kind: "instance" }, isSure: boolean): Use | undefined => {
    const name = nameIn(making, client.class, other.class, step.name);
    const equal = name === undefined ? NOTHING : memberOf(making, other, name);
    if (name === undefined || (equal.kind === "function") !== isCalled) return undefined;
    if (!isCalled || equal.kind !== "function") return useWith(program, other, name, false, given, equal, isVouched);
    const { type, isAwaited } = awaitedIn(making, evaluator.callResult(equal, args));
    // Only what says that it is a coroutine, or a plain function, can be told from the other.
    if (!isSure && !isAwaited && !isSettled(evaluator, type)) return undefined;
    if (!isSure && whyOther(program, member, equal, isAwaited)) return undefined;
    const misfit = fitOf(member, equal, called?.args ?? [], isSure);
    return finish(useWith(program, other, name, isAwaited, given, type, isVouched), misfit);
  };
  const own = twin?.kind === "instance" ? inTwin(twin, isVouched) : undefined;
  if (own) return own;
  // The stub vouches for all that blocks, and names what is otherwise.
  const spec = isVouched && isCalled ? program.stubs.ofCall(member) : undefined;
  const isWaiting = spec?.blocks.some(({ iterated }) => !iterated) ?? false;
  const isLazy = spec?.blocks.some(({ iterated }) => iterated) ?? false;
  if (twin?.kind === "instance" && isMissing(making, twin.class, step.name)) return undefined;
  if (spec && (isWaiting || spec.never) && !isLazy && !step.name.startsWith("__"))
    return finish(useWith(program, twin ?? client, step.name, isWaiting, given, undefined, true));
  const real = twin?.kind === "instance" && !isWaiting && !isLazy ? installed(making, twin.class) : undefined;
  return real ? inTwin(instanceOf(real), false) : undefined;
}

/** The object as our stub has it, or as it is installed where only that has the member. */
function holding(making: Making, described: Type & { kind: "instance" }, name: string): Type & { kind: "instance" } {
  if (has(making.program, described.class, name)) return described;
  const real = installed(making, described.class);
  return real && has(making.program, real, name) ? instanceOf(real) : described;
}

function memberOf(making: Making, of: Type & { kind: "instance" }, name: string): Type {
  return name === "__getitem__" ? itemOf(making, of) : making.program.evaluator.member(of, name);
}

/** Source of both sides that does not say the same of what they give. */
function whyOther(program: Program, member: FunctionType, other: FunctionType, isAwaited: boolean): boolean {
  if (!hasBody(member.function) || !hasBody(other.function) || !isAwaited) return false;
  return returnsOther(program, member.function, other.function) || !sameDecorators(member.function, other.function);
}

function isSettled(evaluator: Program["evaluator"], type: Type): boolean {
  return type.kind === "none" || evaluator.isAwaitable(type) === false;
}

function useWith(
  program: Program,
  twin: Type,
  name: string,
  isAwaited: boolean,
  given: Type,
  other: Type | undefined,
  isVouched: boolean,
  isElement = false,
): Use {
  const owner = twin.kind === "instance" ? fullName(twin.class) : "";
  const pair = pairIn(program, given, other, isVouched);
  const gives = pair
    ? { kind: "object" as const, of: nameOfType(pair.twin ?? pair.client) }
    : { kind: isValue(program, given, other, isAwaited || isElement) ? ("value" as const) : ("opaque" as const) };
  return { use: { owner, name, isAwaited, gives }, pair };
}

function nameOfType(type: Type): string {
  return type.kind === "instance" ? fullName(type.class) : type.kind;
}

/** What a use gives, and what it gives in the twin, are twins themselves. */
function pairIn(program: Program, given: Type, other: Type | undefined, isVouched: boolean): Pair | undefined {
  const client = soleOf(given);
  if (client === undefined) return undefined;
  const twin = other && soleOf(other);
  if (client.kind === "manager")
    return twin?.kind === "manager" && twin.async && !client.async ? { client, twin, isVouched } : undefined;
  if (client.kind !== "instance" || twin?.kind !== "instance" || client.class === twin.class) return undefined;
  const isIterable = has(program, client.class, "__iter__") && has(program, twin.class, "__aiter__");
  const isOwn = (entity: ClassEntity): boolean => entity.unit.file.origin !== "typeshed";
  return (isOwn(client.class) && isOwn(twin.class)) || isIterable ? { client, twin, isVouched } : undefined;
}

/** The one thing that something is, `None` left out. */
function soleOf(type: Type): Type | undefined {
  const members = membersOf(type).filter(({ kind }) => kind !== "none");
  return members.length === 1 ? members[0] : undefined;
}

/** The same on both sides, as far as anybody knows: data, or an object that does not wait. */
function isValue(program: Program, given: Type, other: Type | undefined, isResult: boolean): boolean {
  const isData = (type: Type): boolean =>
    membersOf(type).every((member) => {
      if (member.kind === "instance") return member.class.unit.file.origin === "typeshed" && !isLazyData(program, member.class);
      if (member.kind === "tuple") return member.items.every(isData);
      return member.kind === "none" || (isResult && (member.kind === "unknown" || member.kind === "typevar"));
    });
  const [one, another] = [soleOf(given), other && soleOf(other)];
  if (one?.kind === "instance" && another?.kind === "instance" && one.class === another.class) return true;
  return isData(given) && (other === undefined || isData(other));
}

/** Iterators run code that may wait. */
function isLazyData(program: Program, entity: ClassEntity): boolean {
  return has(program, entity, "__next__") || has(program, entity, "__anext__");
}

/** The twin's member of that name; closing goes by another name where the old one is on its way out. */
function nameIn(making: Making, client: ClassEntity, twin: ClassEntity, name: string): string | undefined {
  const { program } = making;
  if (isMissing(making, twin, name) && name !== "close") return undefined;
  if (name === "close") return closingIn(making, twin);
  if (has(program, twin, name)) return name;
  // Whatever is asked of it: on both sides.
  const isOpen = (entity: ClassEntity): boolean => has(program, entity, "__getattr__");
  return !has(program, client, name) && isOpen(client) && isOpen(twin) ? name : undefined;
}

function closingIn(making: Making, twin: ClassEntity): string | undefined {
  const { program } = making;
  const real = installed(making, twin) ?? twin;
  const isOld = (): boolean => {
    const close = program.evaluator.member(instanceOf(real), "close");
    return close.kind === "function" && decoratorsOf(close.function).some((name) => /deprecated/.test(name));
  };
  const names = ["close", "aclose"].filter((name) => has(program, twin, name) && has(program, real, name));
  return names.length > 1 && isOld() ? "aclose" : names[0];
}

/** The class that is installed has no such member: an older version. */
function isMissing(making: Making, twin: ClassEntity, name: string): boolean {
  const real = installed(making, twin);
  if (!real || real === twin || name.startsWith("__")) return false;
  const { program } = making;
  return !has(program, real, name) && !has(program, real, "__getattr__") && !program.evaluator.classes.hasUnknownBase(real);
}

/** The installed class that a stub describes. */
function installed({ program, file }: Making, { unit, qualifiedName }: ClassEntity): ClassEntity | undefined {
  if (unit.file.origin !== "stub") return undefined;
  const { modules, evaluator } = program;
  const module = modules.resolve(unit.file.module, file);
  if (!module?.file || module.file.origin === "stub" || qualifiedName.includes(".")) return undefined;
  const type = evaluator.moduleMember(module, qualifiedName, file);
  return type.kind === "class" ? type.class : undefined;
}

function differenceOf({ program }: Making, member: Type): Pick<TwinUse, "differs"> {
  const twins = member.kind === "function" ? (program.stubs.of(member.function)?.twins ?? []) : [];
  const advice = twins.find(({ differs, remedy }) => differs !== undefined && remedy !== CLIENT_TWIN);
  return advice?.differs !== undefined && swapped(twins).length === 0 ? { differs: advice.differs } : {};
}

interface Called {
  readonly unit: Unit;
  readonly args: readonly Argument[];
}

function callOf({ file }: Making, { call }: TwinStep): Called | undefined {
  const found = call && callAt(file, call.start, call.end);
  const { unit } = found?.around ?? {};
  const site = found && unit?.chunk.sites[found.site];
  const expr = site && unit ? exprOf(unit, site.expr) : undefined;
  return expr?.kind === "call" && unit ? { unit, args: expr.args } : undefined;
}

function limitsOf(making: Making, member: FunctionType, { unit, args }: Called): Pick<TwinUse, "bound"> {
  const bound = boundIn(making, unit, args, scopeOf(member.function).parameters.slice(1));
  return bound === undefined ? {} : { bound };
}

/** How the arguments of a method fit its twin. Of stubs, which leave much out, only what they rule out counts. */
function fitOf(member: FunctionType, other: FunctionType, args: readonly Argument[], isVouched: boolean): Misfit | undefined {
  if (hasBody(member.function) && hasBody(other.function))
    return misfitOf({ type: member, args, skip: 1 }, other.function, !isVouched);
  const isMisfit = ({ function: entity }: FunctionType): boolean => bindArguments(scopeOf(entity).parameters, args, 1).misfit;
  return isMisfit(other) && !isMisfit(member) ? { kind: "lacking" } : undefined;
}

// ---- Types ----

function pairOf(making: Making, client: Type, twin: Type, isVouched: boolean): Pair {
  const view = (type: Type): Type => (type.kind === "instance" ? instanceOf(described(making, type.class)) : type);
  return { client: view(client), twin: view(twin), isVouched };
}

/** The class as our stub has it, else itself. */
function described({ program }: Making, entity: ClassEntity): ClassEntity {
  return program.stubs.classFor(entity) ?? entity;
}

/** The function as our stub has it, else itself. */
function describedFunction({ program }: Making, type: FunctionType): FunctionType {
  const stub = program.stubs.stubFor(type.function);
  return stub ? { ...type, function: stub } : type;
}

function memberFunction({ program }: Making, of: Type, name: string): FunctionType | undefined {
  const member = program.evaluator.member(of, name);
  return member.kind === "function" ? member : undefined;
}

function itemOf({ program }: Making, type: Type & { kind: "instance" }): Type {
  return has(program, type.class, "__getitem__") ? program.evaluator.member(type, "__getitem__") : NOTHING;
}

const NOTHING: Type = { kind: "unknown", reason: "attribute" };

function has(program: Program, entity: ClassEntity, name: string): boolean {
  return program.evaluator.classes.memberPlaces(entity, name).some(({ owner }) => owner.qualifiedName !== "object");
}

function instanceOf(entity: ClassEntity): Type & { kind: "instance" } {
  return { kind: "instance", class: entity, args: [], exact: true };
}

function classType(entity: ClassEntity): Type {
  return { kind: "class", class: entity, args: [] };
}

function awaitedIn({ program }: Making, type: Type): { readonly type: Type; readonly isAwaited: boolean } {
  const isAwaited = type.kind === "awaitable";
  return { type: isAwaited ? program.evaluator.awaited(type) : type, isAwaited };
}
