/**
 * What the two halves of finding asynchronous twins share: the call that is asked about, an object with its twin, and small
 * questions about their types.
 */
import type { Argument, ExprId, Parameter } from "../facts/types.js";
import { type ClassEntity, exprOf, type FunctionEntity, type SourceFile, type Unit } from "../link/entities.js";
import type { Program } from "../link/program.js";
import { CLIENT_TWIN, type TwinSpec } from "../link/specs.js";
import { type FunctionType, membersOf, type Type } from "../link/types.js";

/** The call that makes a client. */
export interface Making {
  readonly program: Program;
  readonly file: SourceFile;
  readonly unit: Unit;
  readonly callee: Type;
  readonly args: readonly Argument[];
  readonly made: Type;
}

/** An object and its twin; undefined: a stub vouches for it, and describes it no further. */
export interface Pair {
  readonly client: Type;
  readonly twin: Type | undefined;
  readonly isVouched: boolean;
}

export function pairOf(making: Making, client: Type, twin: Type, isVouched: boolean): Pair {
  const view = (type: Type): Type => (type.kind === "instance" ? instanceOf(described(making, type.class)) : type);
  return { client: view(client), twin: view(twin), isVouched };
}

/** The class as our stub has it, else itself. */
export function described({ program }: Making, entity: ClassEntity): ClassEntity {
  return program.stubs.classFor(entity) ?? entity;
}

/** The function as our stub has it, else itself. */
export function describedFunction({ program }: Making, type: FunctionType): FunctionType {
  const stub = program.stubs.stubFor(type.function);
  return stub ? { ...type, function: stub } : type;
}

export function memberFunction({ program }: Making, of: Type, name: string): FunctionType | undefined {
  const member = program.evaluator.member(of, name);
  return member.kind === "function" ? member : undefined;
}

export function itemOf({ program }: Making, type: Type & { kind: "instance" }): Type {
  return has(program, type.class, "__getitem__") ? program.evaluator.member(type, "__getitem__") : NOTHING;
}

export const NOTHING: Type = { kind: "unknown", reason: "attribute" };

export function has(program: Program, entity: ClassEntity, name: string): boolean {
  return program.evaluator.classes.memberPlaces(entity, name).some(({ owner }) => owner.qualifiedName !== "object");
}

export function instanceOf(entity: ClassEntity): Type & { kind: "instance" } {
  return { kind: "instance", class: entity, args: [], exact: true };
}

export function classType(entity: ClassEntity): Type {
  return { kind: "class", class: entity, args: [] };
}

export function awaitedIn({ program }: Making, type: Type): { readonly type: Type; readonly isAwaited: boolean } {
  const isAwaited = type.kind === "awaitable";
  return { type: isAwaited ? program.evaluator.awaited(type) : type, isAwaited };
}

/** The parameter that is given something which works with the client's own kind: an object of its library, or a function. */
export function boundIn(
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

/** Twins that can be put in the place of what they stand on without more ado. */
export function swapped(twins: readonly TwinSpec[] = []): readonly TwinSpec[] {
  return twins.filter(({ remedy, differs }) => remedy === CLIENT_TWIN || (remedy === undefined && differs === undefined));
}
