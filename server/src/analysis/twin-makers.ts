/**
 * Which calls take the place of one that makes an object, or that runs a function of a module: those that a stub names, and
 * classes of a like name that are there. Says how the arguments fit.
 */
import type { Argument, Parameter } from "../facts/types.js";
import { type ClassEntity, isAsync, scopeOf } from "../link/entities.js";
import type { TwinSpec } from "../link/specs.js";
import { type FunctionType, membersOf, type Type } from "../link/types.js";
import { isSameParameter, type Misfit, misfitOf } from "./siblings.js";
import {
  awaitedIn,
  boundIn,
  classType,
  described,
  describedFunction,
  has,
  instanceOf,
  type Making,
  memberFunction,
  NOTHING,
  type Pair,
  pairOf,
  swapped,
} from "./twin-types.js";
import type { TwinCall, TwinMaker } from "./twins.js";

export interface Made {
  readonly maker: TwinMaker;
  readonly pair: Pair;
}

// ---- Functions ----

/** `pkg.load(...)` of a module; those of objects belong to their object. */
export function callsAt(making: Making): TwinCall[] {
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

export function makersAt(making: Making): Made[] {
  const { callee, made } = making;
  if (made.kind !== "instance") return [];
  if (callee.kind === "class") return makersOfClass(making, callee.class);
  if (callee.kind !== "function") return [];
  const { bound } = callee;
  const own = swapped(making.program.stubs.of(callee.function)?.twins).flatMap((twin) => functionMaker(making, twin) ?? []);
  if (own.length > 0 || bound?.kind !== "class" || bound.class !== made.class) return own;
  return makersOfClass(making, bound.class, scopeOf(callee.function).name);
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
