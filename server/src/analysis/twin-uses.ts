/**
 * What a use of an object is in its asynchronous twin: awaited or plain, under which name, and what it gives. Judged by types: by
 * stubs where they describe both sides, else by the source that is installed.
 */
import type { Argument } from "../facts/types.js";
import { bindArguments } from "../link/arguments.js";
import { type ClassEntity, decoratorsOf, exprOf, fullName, scopeOf, type Unit } from "../link/entities.js";
import type { Program } from "../link/program.js";
import { CLIENT_TWIN } from "../link/specs.js";
import { type FunctionType, membersOf, type Type } from "../link/types.js";
import { callAt, hasBody, type Misfit, misfitOf, returnsOther, sameDecorators } from "./siblings.js";
import { awaitedIn, boundIn, has, instanceOf, itemOf, type Making, NOTHING, type Pair, swapped } from "./twin-types.js";
import type { TwinStep, TwinUse } from "./twins.js";

export interface Use {
  readonly use: TwinUse;
  readonly pair: Pair | undefined;
}

export function useOf(making: Making, pair: Pair, step: TwinStep): Use | undefined {
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
