/**
 * The async way that stands beside what a call runs: `aload` of the class or the module that has `load`, because a stub
 * names it or because it is called so. Says how far the two agree; what to make of it is for fixes. Knows no positions.
 */
import type { RuleName } from "../base/rules.js";
import type { Argument, Expr, ExprId, Parameter, SiteId } from "../facts/types.js";
import { bindArguments } from "../link/arguments.js";
import type { Target } from "../link/calls.js";
import {
  type ClassEntity,
  decoratorsOf,
  exprOf,
  type FunctionEntity,
  fullName,
  isAsync,
  isGenerator,
  type SourceFile,
  scopeOf,
  spansOf,
  type Unit,
} from "../link/entities.js";
import { functionsOf, type Program } from "../link/program.js";
import type { TwinSpec } from "../link/specs.js";
import { type FunctionType, membersOf, sameType, type Type } from "../link/types.js";

/** An async function that takes the place of the one that a call runs. */
export interface AsyncSibling {
  /** What stands in the place of the called function's last name: `aload`. */
  readonly name: string;
  /** Of a function that is called by its plain name: the module to import from; absent: it is one of the same file. */
  readonly module?: string;
  /** The import that brings the called function in could bring this one as well: from the same module, by its own name. */
  readonly isImportable?: boolean;
  readonly isMethod: boolean;
  /** A stub names it: same arguments, same result, awaited. Otherwise only its name and its signature say so. */
  readonly isVouched: boolean;
  /** What differs all the same, as the stub says. */
  readonly differs?: string;
  /** Why it cannot be called with the same arguments. */
  readonly misfit?: Misfit;
  /** Annotations that are not equal, or results that are known to be of different classes. */
  readonly returnsOther: boolean;
  readonly isDecoratedOtherwise: boolean;
  /** A class overrides what is called and not the sibling: the sibling would do what its base does. */
  readonly overriddenBy?: string;
  /** Its body implements nothing. */
  readonly isStub: boolean;
  /** It runs the synchronous one in the end. */
  readonly callsBack: boolean;
  /** It is the function around the call, or leads to it: it would wait for itself. */
  readonly leadsBack: boolean;
  /** The rules by which it, or a coroutine that it awaits, blocks the loop. */
  readonly blocks: readonly RuleName[];
}

/**
 * `lacking`: an argument that the sibling does not take, or takes as something else; `needed`: a parameter without a
 * default that the call does not fill; `default`: another default; `spread`: the arguments are not written out.
 */
export interface Misfit {
  readonly kind: "lacking" | "needed" | "default" | "spread";
  readonly parameter?: string;
}

/** More functions than this are not followed to see whether one leads back. */
const MAX_FOLLOWED = 400;

/** The async siblings of what the call between two offsets runs, those that a stub names first. */
export function siblingsOf(program: Program, file: SourceFile, start: number, end: number): AsyncSibling[] {
  const call = callAt(file, start, end);
  if (!call) return [];
  return program.evaluator.deriving(call.around.unit.cell, () => siblingsAt(program, call.around, call.site));
}

/** The call between two offsets, and the function it stands in. */
export function callAt(
  file: SourceFile,
  start: number,
  end: number,
): { readonly around: FunctionEntity; readonly site: SiteId } | undefined {
  for (const unit of file.units) {
    const base = file.facts.chunkSpans[unit.index * 2] ?? 0;
    const { sites } = spansOf(unit);
    for (const around of functionsOf(unit)) {
      for (const site of scopeOf(around).sites) {
        if (unit.chunk.sites[site]?.kind !== "call") continue;
        if (base + (sites[site * 2] ?? 0) === start && base + (sites[site * 2 + 1] ?? 0) === end) return { around, site };
      }
    }
  }
  return undefined;
}

/** A call of a function by its name, of a module or of an object. */
interface Called {
  readonly program: Program;
  readonly around: FunctionEntity;
  readonly name: string;
  readonly callee: Expr;
  /** What stands before the last dot. */
  readonly of: Type | undefined;
}

function siblingsAt(program: Program, around: FunctionEntity, id: SiteId): AsyncSibling[] {
  const { unit } = around;
  const site = unit.chunk.sites[id];
  const call = site && exprOf(unit, site.expr);
  const callee = call?.kind === "call" ? exprOf(unit, call.callee) : undefined;
  if (callee?.kind !== "attribute" && callee?.kind !== "name" && callee?.kind !== "local") return [];
  const of = callee.kind === "attribute" ? program.evaluator.typeOf(unit, callee.of) : undefined;
  const link = program.calls.link(unit, id);
  const targets = link.targets.filter(({ role, iterated }) => role === "call" && !iterated);
  if (link.unknown !== undefined || targets.length === 0 || !targets.every((target) => isPlain(target))) return [];
  const [first] = targets as [Target];
  // `from stores import load as read`.
  const name = callee.kind === "attribute" ? callee.name : scopeOf(first.type.function).name;
  if (targets.some(({ type }) => scopeOf(type.function).name !== name)) return [];
  const called: Called = { program, around, name, callee, of };
  const found: AsyncSibling[] = [];
  for (const candidate of candidatesFor(called, first)) {
    const views = targets.map((target) => viewOf(called, target, candidate));
    if (views.every((view): view is AsyncSibling => view !== undefined)) found.push(joined(views));
  }
  return found;
}

/** An ordinary function or a method that is called through its object or its class. */
function isPlain({ type, args }: Target): boolean {
  const { function: entity, bound, binding } = type;
  if (isAsync(entity) || isGenerator(entity) || scopeOf(entity).kind !== "function" || args === undefined) return false;
  if (type.manager !== undefined || type.captured !== undefined || binding?.endsWith("property")) return false;
  return !entity.owner || bound !== undefined || binding === "static";
}

interface Candidate {
  readonly name: string;
  /** The twin in a stub that names it. */
  readonly twin?: TwinSpec;
}

function candidatesFor(called: Called, target: Target): Candidate[] {
  const named = twinsOf(called, target).map((twin) => ({ name: lastOf(twin.name), twin }));
  const alike = namesLike(called.name).filter((name) => !named.some((other) => other.name === name));
  return [...named, ...alike.map((name) => ({ name }))];
}

/** How people call the async sibling of a function. */
function namesLike(name: string): string[] {
  const [, lead = "", rest = ""] = /^(_*)(.*)$/.exec(name) ?? [];
  const names = [`${lead}a${rest}`, `${lead}async_${rest}`, `${lead}${rest}_async`];
  const plain = /^sync_(.+)$|^(.+)_sync$/.exec(rest)?.slice(1).find(Boolean);
  if (plain !== undefined) names.push(`${lead}${plain}`, `${lead}async_${plain}`, `${lead}${plain}_async`, `${lead}a${plain}`);
  return names;
}

/** Twins that the object or the module itself has; the others are another library's, or another class's. */
function twinsOf({ program, name }: Called, { type }: Target): TwinSpec[] {
  const twins = program.stubs.ofCall(type)?.twins ?? [];
  return twins.filter((twin) => {
    if (twin.remedy !== undefined || twin.rename !== undefined || twin.drop !== undefined) return false;
    const owner = twin.name.slice(0, Math.max(0, twin.name.lastIndexOf(".")));
    if (lastOf(twin.name) === name) return false;
    if (!type.function.owner) return isSameModule(owner, type.function.unit.file.publicModule);
    const receiver = receiverOf(type);
    return receiver !== undefined && program.evaluator.classes.mro(receiver).some((base) => isSameClass(owner, base));
  });
}

/** A stub may name a class by a module that only passes it on. */
function isSameClass(name: string, entity: ClassEntity): boolean {
  const module = name.slice(0, Math.max(0, name.length - entity.qualifiedName.length - 1));
  return name === `${module}.${entity.qualifiedName}` && isSameModule(module, entity.unit.file.publicModule);
}

function isSameModule(named: string, module: string): boolean {
  return named === module || (named !== "" && module.startsWith(`${named}.`));
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** The class in which a method is looked for. */
function receiverOf({ bound, function: entity }: FunctionType): ClassEntity | undefined {
  return bound?.kind === "instance" || bound?.kind === "class" ? bound.class : entity.owner;
}

/** A candidate as a sibling of one of the functions that the call may run; undefined: it has none of that name. */
function viewOf(called: Called, target: Target, { name, twin }: Candidate): AsyncSibling | undefined {
  const { program, around, of } = called;
  const { type } = target;
  const sync = type.function;
  const member = sync.owner ? memberOf(called, type, name) : functionBeside(called, sync, name);
  const sibling = member?.kind === "function" ? member.function : undefined;
  const isVouched = twin !== undefined;
  if (sibling && isGenerator(sibling)) return undefined;
  // What a stub says is worth more than a look at the source, unless it has to say what differs.
  if (!sibling || !isAsync(sibling)) {
    if (!isVouched || twin.differs !== undefined || (sibling && sibling.unit.file.origin === "workspace")) return undefined;
  }
  if (!isVouched && (!sibling || !isLike(type, member as FunctionType, name))) return undefined;
  const all = sibling ? program.hierarchy.of(member as FunctionType).map((each) => each.function) : [];
  const checked = all.filter((each) => hasBody(each) && hasBody(sync));
  const misfit = checked.map((each) => misfitOf(target, each, !isVouched)).find((each) => each !== undefined);
  const overriding = sibling && overridingOf(program, sync, sibling);
  const run = new Set(all.flatMap((each) => [...runBy(program, each)]));
  const { publicModule } = sync.unit.file;
  return {
    name,
    ...(of === undefined && sync.unit.file !== around.unit.file ? { module: publicModule } : {}),
    ...(sibling && isImportable(called, sibling, name) ? { isImportable: true } : {}),
    isMethod: of !== undefined,
    isVouched,
    ...(twin?.differs === undefined ? {} : { differs: twin.differs }),
    ...(misfit === undefined ? {} : { misfit }),
    returnsOther: !isVouched && all.some((each) => returnsOther(program, sync, each)),
    isDecoratedOtherwise: !isVouched && all.some((each) => !sameDecorators(sync, each)),
    ...(overriding === undefined ? {} : { overriddenBy: fullName(overriding) }),
    isStub: !isVouched && all.every((each) => scopeOf(each).stub === true),
    callsBack: run.has(sync),
    leadsBack: run.has(around) || run.size > MAX_FOLLOWED,
    blocks: [...new Set([...run].flatMap((each) => (isAsync(each) ? rulesOf(program, each) : [])))],
  };
}

function memberOf({ program, of }: Called, type: FunctionType, name: string): Type | undefined {
  if (of?.kind === "super") return program.evaluator.member(of, name);
  const receiver = receiverOf(type);
  const [place] = receiver ? program.evaluator.classes.memberPlaces(receiver, name) : [];
  const member = place && program.evaluator.typeOfDefs(place.unit, place.defs);
  return member?.kind === "function" && type.bound ? { ...member, bound: type.bound } : member;
}

/** A function of the module through which the call goes, or in which the called function stands. */
function functionBeside({ program, around, of }: Called, sync: FunctionEntity, name: string): Type | undefined {
  const { evaluator } = program;
  if (sync.qualifiedName.includes(".")) return undefined;
  if (of?.kind === "module") return evaluator.moduleMember(of.module, name, around.unit.file);
  if (of) return undefined;
  const found = evaluator.names.inModule(sync.unit.file, name);
  return found.length > 0 ? evaluator.typeOfFound(found) : undefined;
}

/** `from stores import load`, where `stores` has the sibling, too, wherever both are defined. */
function isImportable({ program, around, callee }: Called, sibling: FunctionEntity, name: string): boolean {
  const { evaluator } = program;
  if (callee.kind !== "name") return false;
  const { unit } = around;
  const defs = evaluator.names
    .inModule(unit.file, callee.name)
    .flatMap((found) => found.defs.map((id) => found.unit.chunk.defs[id]));
  const [def] = defs;
  if (def?.kind !== "from" || defs.length > 1) return false;
  const module = evaluator.names.moduleOf(def, unit.file);
  // A package that is still being imported, for this file perhaps, may not have it yet.
  const package_ = /^(.*\/)__init__\.pyi?$/.exec(module?.file?.path ?? "")?.[1];
  if (package_ !== undefined && unit.file.path.startsWith(package_)) return false;
  const member = module && evaluator.moduleMember(module, name, unit.file);
  return member?.kind === "function" && member.function === sibling;
}

/** A function of that very name, held in the same way and as it was written. */
function isLike(sync: FunctionType, sibling: FunctionType, name: string): boolean {
  const isHeldAlike = sync.binding === sibling.binding && (sibling.function.owner === undefined) === !sync.function.owner;
  const isBeside = sync.function.owner !== undefined || sync.function.unit.file === sibling.function.unit.file;
  const isAsWritten =
    sibling.uncertain === undefined &&
    sibling.captured === undefined &&
    sibling.manager === undefined &&
    sibling.cached === undefined &&
    sibling.place === undefined &&
    sibling.overloads === undefined;
  return isHeldAlike && isBeside && isAsWritten && sync.cached === undefined && scopeOf(sibling.function).name === name;
}

export function hasBody({ unit }: FunctionEntity): boolean {
  return unit.file.origin === "workspace" || unit.file.origin === "package";
}

/** All that is said against one of them is said of all. */
function joined(views: readonly AsyncSibling[]): AsyncSibling {
  const [first] = views as [AsyncSibling];
  const misfit = views.find((view) => view.misfit)?.misfit;
  const overriddenBy = views.find((view) => view.overriddenBy !== undefined)?.overriddenBy;
  const differs = views.find((view) => view.differs !== undefined)?.differs;
  return {
    ...first,
    isVouched: views.every(({ isVouched }) => isVouched),
    isImportable: views.every(({ isImportable }) => isImportable === true),
    ...(differs === undefined ? {} : { differs }),
    ...(misfit === undefined ? {} : { misfit }),
    returnsOther: views.some(({ returnsOther }) => returnsOther),
    isDecoratedOtherwise: views.some(({ isDecoratedOtherwise }) => isDecoratedOtherwise),
    ...(overriddenBy === undefined ? {} : { overriddenBy }),
    isStub: views.some(({ isStub }) => isStub),
    callsBack: views.some(({ callsBack }) => callsBack),
    leadsBack: views.some(({ leadsBack }) => leadsBack),
    blocks: [...new Set(views.flatMap(({ blocks }) => blocks))],
  };
}

// ---- How far the two agree ----

/** Why a function does not take the arguments of a call as the one that the call runs does. */
export function misfitOf(
  { type, args = [], skip }: Pick<Target, "type" | "args" | "skip">,
  sibling: FunctionEntity,
  comparesDefaults: boolean,
): Misfit | undefined {
  const [before, after] = [scopeOf(type.function).parameters, scopeOf(sibling).parameters];
  if (args.some(({ star }) => star !== undefined)) {
    const isEqual = before.length === after.length && before.every((each, index) => isSameParameter(each, after[index]));
    if (!isEqual) return { kind: "spread" };
  }
  const [given, taken] = [bindArguments(before, args, skip), bindArguments(after, args, skip)];
  const nameIn = (names: ReadonlyMap<string, Argument>, wanted: Argument): string | undefined =>
    [...names].find(([, argument]) => argument === wanted)?.[0];
  for (const argument of args) {
    const name = nameIn(given.byName, argument);
    if (name !== nameIn(taken.byName, argument)) return { kind: "lacking", ...(name === undefined ? {} : { parameter: name }) };
    // What `**options` collects is not what a parameter takes.
    const isNamed = (parameters: readonly Parameter[]): boolean => parameters.some((each) => each.name === name);
    if (name !== undefined && isNamed(before) !== isNamed(after)) return { kind: "lacking", parameter: name };
  }
  if (given.rest.length !== taken.rest.length) return { kind: "lacking" };
  const needed = after
    .slice(skip)
    .find((each) => !/^var-/.test(each.kind) && each.default === undefined && !taken.byName.has(each.name));
  if (!taken.open && needed) return { kind: "needed", parameter: needed.name };
  if (taken.misfit) return { kind: "lacking" };
  if (!comparesDefaults) return undefined;
  for (const parameter of before) {
    const other = after.find(({ name }) => name === parameter.name);
    if (!other || given.byName.has(parameter.name)) continue;
    const isEqual =
      parameter.default === undefined || other.default === undefined
        ? parameter.default === other.default
        : sameText(type.function.unit, parameter.default, sibling.unit, other.default);
    if (!isEqual && !/^var-/.test(parameter.kind) && !isReceiver(before, parameter, skip))
      return { kind: "default", parameter: parameter.name };
  }
  return undefined;
}

function isReceiver(parameters: readonly Parameter[], parameter: Parameter, skip: number): boolean {
  return parameters.indexOf(parameter) < skip;
}

export function isSameParameter(one: Parameter, other: Parameter | undefined): boolean {
  return other !== undefined && one.name === other.name && one.kind === other.kind;
}

export function returnsOther(program: Program, sync: FunctionEntity, sibling: FunctionEntity): boolean {
  const [before, after] = [scopeOf(sync).returns, scopeOf(sibling).returns];
  if (before === undefined && after === undefined) {
    const given = program.evaluator.returnType(sibling);
    return areApart(program.evaluator.returnType(sync), given.kind === "awaitable" ? given.of : given);
  }
  if (before === undefined || after === undefined) return true;
  if (sameText(sync.unit, before, sibling.unit, after)) return false;
  const { annotations } = program.evaluator;
  const [type, other] = [annotations.annotation(sync.unit, before), annotations.annotation(sibling.unit, after)];
  return !isKnown(type) || !isKnown(other) || !(areWithin(type, other) && areWithin(other, type));
}

function isKnown(type: Type): boolean {
  return membersOf(type).every((member) => {
    if (member.kind === "instance") return member.args.every(isKnown);
    return member.kind === "none" || (member.kind === "tuple" && member.items.every(isKnown));
  });
}

function areWithin(type: Type, other: Type): boolean {
  return membersOf(type).every((member) => membersOf(other).some((each) => sameType(member, each)));
}

/** Both are known, and of different classes. */
function areApart(one: Type, other: Type): boolean {
  const classesOf = (type: Type): (ClassEntity | string | undefined)[] =>
    membersOf(type).map((member) =>
      member.kind === "instance" ? member.class : member.kind === "none" || member.kind === "tuple" ? member.kind : undefined,
    );
  const [left, right] = [classesOf(one), classesOf(other)];
  if (left.includes(undefined) || right.includes(undefined)) return false;
  return left.some((each) => !right.includes(each)) || right.some((each) => !left.includes(each));
}

/** Decorators that say nothing of what a call does. */
const NOTES = /(^|\.)(override|abstractmethod|overload)$/;

export function sameDecorators(sync: FunctionEntity, sibling: FunctionEntity): boolean {
  const namesOf = (entity: FunctionEntity): string[] => decoratorsOf(entity).filter((name) => !NOTES.test(name));
  const [before, after] = [namesOf(sync), namesOf(sibling)];
  return before.length === after.length && before.every((name, index) => name === after[index]);
}

/** A class below the sibling's has another one of what is called than the sibling was written beside. */
function overridingOf(program: Program, sync: FunctionEntity, sibling: FunctionEntity): FunctionEntity | undefined {
  const [below, above] = [sync.owner, sibling.owner];
  if (!below || !above || below === above || !hasBody(sync)) return undefined;
  const { classes } = program.evaluator;
  const isOverride = classes.isSubclass(below, above) && classes.memberPlaces(above, scopeOf(sync).name).length > 0;
  return isOverride ? sync : undefined;
}

// ---- What the sibling runs ----

/** The function and all that it runs in the end, as far as the program's own code goes. */
function runBy(program: Program, from: FunctionEntity): ReadonlySet<FunctionEntity> {
  const seen = new Set([from]);
  for (const entity of seen) {
    if (seen.size > MAX_FOLLOWED) break;
    if (entity.unit.file.origin !== "workspace") continue;
    for (const site of scopeOf(entity).sites) {
      for (const { type } of program.calls.link(entity.unit, site).targets) seen.add(type.function);
    }
  }
  return seen;
}

function rulesOf(program: Program, entity: FunctionEntity): RuleName[] {
  return [...program.propagation.effectsOf(entity).values()].flatMap(({ rule, inThread }) => (inThread ? [] : [rule]));
}

// ---- Texts ----

/** Two expressions are written alike. */
function sameText(unit: Unit, id: ExprId, other: Unit, otherId: ExprId): boolean {
  const [a, b] = [exprOf(unit, id), exprOf(other, otherId)];
  const same = (one: ExprId, another: ExprId): boolean => sameText(unit, one, other, another);
  const sameAll = (some: readonly ExprId[], others: readonly ExprId[]): boolean =>
    some.length === others.length && some.every((each, index) => same(each, others[index] as ExprId));
  if (isName(a) && isName(b)) return a.name === b.name;
  switch (a.kind) {
    case "attribute":
      return b.kind === a.kind && a.name === b.name && same(a.of, b.of);
    case "subscript":
      return b.kind === a.kind && same(a.of, b.of) && same(a.index, b.index);
    case "constant":
      return b.kind === a.kind && a.value === b.value;
    case "literal":
      return b.kind === a.kind && a.type === "ellipsis" && b.type === "ellipsis";
    case "sequence":
      return b.kind === a.kind && a.type === b.type && sameAll(a.items, b.items);
    case "dict":
      return b.kind === a.kind && sameAll(a.keys, b.keys) && sameAll(a.values, b.values);
    case "unary":
      return b.kind === a.kind && a.operator === b.operator && same(a.of, b.of);
    case "binary":
      return b.kind === a.kind && a.operator === b.operator && same(a.left, b.left) && same(a.right, b.right);
    case "call": {
      if (b.kind !== "call" || !same(a.callee, b.callee) || a.args.length !== b.args.length) return false;
      return a.args.every(({ value, name, star }, index) => {
        const argument = b.args[index] as Argument;
        return name === argument.name && star === argument.star && same(value, argument.value);
      });
    }
    default:
      return false;
  }
}

function isName(expr: Expr): expr is Expr & { kind: "name" | "local" } {
  return expr.kind === "name" || expr.kind === "local";
}
