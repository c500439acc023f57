/**
 * Every place at which the program mentions a function: the calls that run it and nothing else, and all the other ways in
 * which somebody may come to use it. Asked before a change of what calling it means, which has to reach all of them.
 */
import type { Chunk, Expr, ExprId, SiteId } from "../facts/types.js";
import {
  type ClassEntity,
  decoratorsOf,
  exprOf,
  type FunctionEntity,
  functionAt,
  isAsync,
  isGenerator,
  type SourceFile,
  scopeOf,
  spansOf,
  type Unit,
} from "../link/entities.js";
import { functionsOf, type Program } from "../link/program.js";
import { membersOf, type Place, type Type } from "../link/types.js";
import type { Callers } from "./callers.js";
import { placeOfShape, siteLocation } from "./detect.js";
import type { Location } from "./findings.js";
import { type TraitWay, traitsOf } from "./traits.js";

/** A function as a text has it. Offsets are UTF-16 code units of its file. */
export interface MentionedFunction {
  readonly path: string;
  /** Qualified name: `Class.method`. */
  readonly name: string;
  /** Where its name begins in its `def`; the place of a lambda or of a generator expression. */
  readonly nameStart: number;
  /** coroutine: any `async def`; expression: a lambda or a generator expression. */
  readonly kind: "function" | "coroutine" | "generator" | "expression";
  /** Dotted texts of its decorators. */
  readonly decorators: readonly string[];
  /** Where its decorators say that it runs. */
  readonly place?: Place;
  /** A method that stands for one of a base class, or that a class below replaces; a clause. */
  readonly overriding?: string;
}

/** A call of the function that can be nothing else. */
export interface MentionedCall {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** The function around it; undefined in the code of a module or a class. */
  readonly caller?: MentionedFunction;
  /** The file is one of those that are reported on, so that it may be edited. */
  readonly isOurs: boolean;
  /** `app/main.py:12` */
  readonly place: string;
}

export interface Mentions {
  readonly function: MentionedFunction;
  readonly isOurs: boolean;
  /** What it does as a whole. */
  readonly traits: readonly TraitWay[];
  readonly calls: readonly MentionedCall[];
  /** Why somebody else may use it: clauses, the first is enough. */
  readonly others: readonly string[];
}

export interface MentionKnowledge {
  readonly program: Program;
  readonly callers: Callers;
  readonly isReported: (file: SourceFile) => boolean;
  readonly placeText: (location: Location) => string;
}

/** The innermost `def` of a file around an offset. */
export function functionAround(file: SourceFile, offset: number): FunctionEntity | undefined {
  let found: { readonly entity: FunctionEntity; readonly size: number } | undefined;
  for (const unit of file.units) {
    const base = file.facts.chunkSpans[unit.index * 2] ?? 0;
    const { scopes } = spansOf(unit);
    for (const entity of functionsOf(unit)) {
      const [start, end] = [base + (scopes[entity.scopeId * 4] ?? 0), base + (scopes[entity.scopeId * 4 + 1] ?? 0)];
      if (scopeOf(entity).kind !== "function" || offset < start || offset > end) continue;
      if (!found || end - start <= found.size) found = { entity, size: end - start };
    }
  }
  return found?.entity;
}

/** Where a function is mentioned in the files that were read. */
export function mentionsOf(knowledge: MentionKnowledge, entity: FunctionEntity): Mentions {
  const { program, callers, isReported } = knowledge;
  const { name } = scopeOf(entity);
  const calls: MentionedCall[] = [];
  const others: string[] = [];
  const seen = new Set<string>();
  const units = program.modules.files().flatMap((file) => (file.origin === "workspace" ? file.units : []));
  const names = namesOf(name, units);
  for (const unit of units) {
    const { written } = namesIn(unit.chunk);
    if (![...names].some((each) => written.has(each))) continue;
    const found = program.evaluator.deriving(unit.cell, () => mentionsIn(knowledge, unit, entity, names));
    for (const site of found.calls) {
      seen.add(keyOf(unit, site));
      calls.push(callAt(knowledge, unit, site));
    }
    others.push(...found.others);
  }
  for (const file of program.modules.files()) {
    if (file.origin === "workspace") others.push(...exportedBy(knowledge, file, entity));
  }
  // Whatever runs it without naming it.
  for (const kind of ["runs", "makes", "loop", "thread", "process", "startup", "task"] as const) {
    for (const { unit, site } of callers.of(kind, entity)) {
      if (!seen.has(keyOf(unit, site))) others.push(`it is also run at ${knowledge.placeText(siteLocation(unit, site))}`);
    }
  }
  // Many types have to be known for this: only where nothing else keeps the function as it is.
  for (const unit of others.length > 0 ? [] : units) {
    if (!namesIn(unit.chunk).written.has("getattr")) continue;
    others.push(...program.evaluator.deriving(unit.cell, () => computedIn(knowledge, unit, entity)));
  }
  const traits = program.evaluator.deriving(entity.unit.cell, () => traitsOf(program, entity));
  return { function: described(program, entity), isOurs: isReported(entity.unit.file), traits, calls, others };
}

function keyOf({ file, index }: Unit, site: SiteId): string {
  return `${file.path}:${index}:${site}`;
}

function described(program: Program, entity: FunctionEntity): MentionedFunction {
  const { unit, scopeId, qualifiedName } = entity;
  const { kind } = scopeOf(entity);
  const place = placeOfShape(program, entity);
  const overriding = overridingOf(program, entity);
  return {
    path: unit.file.path,
    name: qualifiedName,
    nameStart: (unit.file.facts.chunkSpans[unit.index * 2] ?? 0) + (spansOf(unit).scopes[scopeId * 4 + 2] ?? 0),
    kind: kind !== "function" ? "expression" : isAsync(entity) ? "coroutine" : isGenerator(entity) ? "generator" : "function",
    decorators: decoratorsOf(entity),
    ...(place === undefined ? {} : { place }),
    ...(overriding === undefined ? {} : { overriding }),
  };
}

/** Why a method is one of several that a call may mean. */
function overridingOf(program: Program, { owner, ...entity }: FunctionEntity): string | undefined {
  if (!owner) return undefined;
  const { name } = entity.unit.chunk.scopes[entity.scopeId] as { readonly name: string };
  const { classes } = program.evaluator;
  if (classes.hasUnknownBase(owner)) return `\`${owner.qualifiedName}\` has a base class that is not known`;
  const above = classes.mro(owner).find((link) => link !== owner && classes.definedNames(link).has(name));
  if (above) return `it overrides \`${above.qualifiedName}.${name}\``;
  const receiver = { kind: "instance", class: owner, args: [], exact: false } as const;
  const [below] = program.hierarchy.definers(receiver, name);
  return below && `\`${below.qualifiedName}.${name}\` overrides it`;
}

function callAt({ program, isReported, placeText }: MentionKnowledge, unit: Unit, site: SiteId): MentionedCall {
  const { file } = unit;
  const base = file.facts.chunkSpans[unit.index * 2] ?? 0;
  const { sites } = spansOf(unit);
  const scopeId = unit.chunk.scopes.findIndex((scope) => scope.sites.includes(site));
  const scope = unit.chunk.scopes[scopeId];
  const isBody = scope !== undefined && scope.kind !== "module" && scope.kind !== "class";
  return {
    path: file.path,
    start: base + (sites[site * 2] ?? 0),
    end: base + (sites[site * 2 + 1] ?? 0),
    ...(isBody ? { caller: described(program, functionAt(unit, scopeId)) } : {}),
    isOurs: isReported(file),
    place: placeText(siteLocation(unit, site)),
  };
}

/** What one unit does with the function. */
function mentionsIn(
  { program, placeText }: MentionKnowledge,
  unit: Unit,
  entity: FunctionEntity,
  names: ReadonlySet<string>,
): { readonly calls: readonly SiteId[]; readonly others: readonly string[] } {
  const { name } = scopeOf(entity);
  const { exprs } = unit.chunk;
  const calls: SiteId[] = [];
  const others: string[] = [];
  const siteOf = sitesByCallee(exprs);
  const at = (id: ExprId): string => {
    const site = siteOf.get(id);
    const start = { line: unit.file.startOf(unit).line, column: 0 };
    return placeText(site === undefined ? { file: unit.file.path, start, end: start } : siteLocation(unit, site));
  };
  exprs.forEach((expr, id) => {
    if (expr.kind === "constant") {
      if (typeof expr.value === "string" && isNameInText(expr.value, entity)) others.push(`its name stands in a text: ${at(id)}`);
      return;
    }
    if (expr.kind === "call" && isReachedByName(unit, expr, name))
      others.push(`it may be reached by its name: ${at(expr.callee)}`);
    if ((expr.kind !== "name" && expr.kind !== "local" && expr.kind !== "attribute") || !names.has(expr.name)) return;
    const type = program.evaluator.typeOf(unit, id);
    const isIt = membersOf(type).some((member) => member.kind === "function" && member.function === entity);
    if (!isIt) {
      if (expr.name === name && mayBeIt(program, unit, expr, type, entity))
        others.push(`\`.${name}\` of a value of unknown type may be it: ${at(id)}`);
      return;
    }
    const site = siteOf.get(id);
    if (site === undefined) others.push(`it is handed on as a value: ${at(id)}`);
    else if (!isAlone(program, unit, site, entity)) others.push(`a call may run something else as well: ${at(id)}`);
    else calls.push(site);
  });
  return { calls, others };
}

function sitesByCallee(exprs: readonly Expr[]): ReadonlyMap<ExprId, SiteId> {
  const sites = new Map<ExprId, SiteId>();
  // Decorators and defaults of the chunk's own function run in the chunk around it.
  for (const expr of exprs) if (expr.kind === "call" && expr.site >= 0) sites.set(expr.callee, expr.site);
  return sites;
}

/** The site runs the function and surely nothing else. */
function isAlone(program: Program, unit: Unit, site: SiteId, entity: FunctionEntity): boolean {
  const { targets, unknown } = program.calls.link(unit, site);
  return unknown === undefined && targets.length > 0 && targets.every(({ type }) => type.function === entity && !type.uncertain);
}

/** An attribute of that name whose object nobody knows, or knows as a protocol only, or that was too much to look up. */
function mayBeIt(program: Program, unit: Unit, expr: Expr, type: Type, { owner }: FunctionEntity): boolean {
  if (membersOf(type).some((member) => member.kind === "unknown" && (member.reason === "budget" || member.reason === "cycle")))
    return true;
  if (expr.kind !== "attribute" || !owner) return false;
  const isProtocol = (of: ClassEntity | undefined): boolean => of !== undefined && program.evaluator.signatures.isProtocol(of);
  if (membersOf(type).some((member) => member.kind === "function" && isProtocol(member.function.owner))) return true;
  return membersOf(program.evaluator.typeOf(unit, expr.of)).some(
    (member) => member.kind === "unknown" || member.kind === "typevar" || (member.kind === "instance" && member.class === owner),
  );
}

/** `"app.helpers.load"`, `"app.helpers:load"`: how loaders, patches and schedulers name a function. */
function isNameInText(text: string, { qualifiedName, unit }: FunctionEntity): boolean {
  if (!text.endsWith(qualifiedName) || text.length === qualifiedName.length) return false;
  const before = text.slice(0, -qualifiedName.length);
  const last = unit.file.module.slice(unit.file.module.lastIndexOf(".") + 1);
  return before.endsWith(`${last}.`) || before.endsWith(`${last}:`);
}

/** What takes the name of an attribute as a text. */
const BY_NAME = new Set(["getattr", "setattr", "delattr", "hasattr", "object", "methodcaller", "attrgetter"]);

/** `getattr(store, "load")`, `patch.object(store, "load")` */
function isReachedByName(unit: Unit, { callee, args }: Expr & { readonly kind: "call" }, name: string): boolean {
  const called = exprOf(unit, callee);
  if ((called.kind !== "name" && called.kind !== "attribute") || !BY_NAME.has(called.name)) return false;
  return args.some(({ value }) => {
    const argument = exprOf(unit, value);
    return argument.kind === "constant" && argument.value === name;
  });
}

/** `__all__ = ["load"]`: who imports it from there may be no part of the program. */
function exportedBy(
  { program, placeText }: MentionKnowledge,
  file: SourceFile,
  { qualifiedName, unit }: FunctionEntity,
): string[] {
  const { moduleUnit } = file;
  const [top] = qualifiedName.split(".") as [string];
  const { bindings } = moduleUnit.chunk.scopes[0] as { readonly bindings: Readonly<Record<string, readonly number[]>> };
  const isNamed = (Object.hasOwn(bindings, "__all__") ? (bindings.__all__ as readonly number[]) : []).some((id) => {
    const def = moduleUnit.chunk.defs[id];
    const value = def?.kind === "assign" || def?.kind === "augmented" ? exprOf(moduleUnit, def.value) : undefined;
    return (
      value?.kind === "sequence" &&
      value.items.some((item) => {
        const text = exprOf(moduleUnit, item);
        return text.kind === "constant" && text.value === top;
      })
    );
  });
  if (!isNamed) return [];
  const type = program.evaluator.deriving(moduleUnit.cell, () => {
    const found = program.evaluator.names.inModule(file, top);
    return program.evaluator.typeOfFound(found);
  });
  const isIt = membersOf(type).some((member) => {
    const entity = member.kind === "function" ? member.function : member.kind === "class" ? member.class : undefined;
    return entity?.unit.file === unit.file && entity.qualifiedName === top;
  });
  const start = { line: 0, column: 0 };
  return isIt ? [`\`__all__\` offers \`${top}\` to others: ${placeText({ file: file.path, start, end: start })}`] : [];
}

/** `getattr(handlers, kind)`: whatever the object or the module has by a name that is computed. */
function computedIn({ program, placeText }: MentionKnowledge, unit: Unit, { owner, unit: home }: FunctionEntity): string[] {
  const { evaluator } = program;
  return unit.chunk.exprs.flatMap((expr) => {
    if (expr.kind !== "call" || expr.site < 0 || evaluator.names.symbol(unit, expr.callee) !== "builtins.getattr") return [];
    const [object, name] = expr.args;
    if (!object || !name || exprOf(unit, name.value).kind === "constant") return [];
    const hasIt = membersOf(evaluator.typeOf(unit, object.value)).some((member) => {
      if (member.kind === "module") return !owner && member.module.file === home.file;
      if (!owner || (member.kind !== "instance" && member.kind !== "class")) return false;
      const { classes } = evaluator;
      return classes.isSubclass(member.class, owner) || classes.isSubclass(owner, member.class);
    });
    return hasIt ? [`it may be reached by a name that is computed: ${placeText(siteLocation(unit, expr.site))}`] : [];
  });
}

/** Paths of the workspace's files that write a name: as one, as an attribute, in an import or at the end of a text. */
export function filesNaming(program: Program, name: string): readonly string[] {
  const isNamed = ({ chunk }: Unit): boolean =>
    namesIn(chunk).written.has(name) || chunk.defs.some((def) => def.kind === "from" && def.name === name);
  return program.modules.files().flatMap((file) => (file.origin === "workspace" && file.units.some(isNamed) ? [file.path] : []));
}

// ---- What a chunk mentions, once for all questions ----

interface ChunkNames {
  /** Names and attributes as written, and the last parts of texts that may name something. */
  readonly written: ReadonlySet<string>;
  /** `from store import load as read`: the name it had, and the one it got. */
  readonly renamed: readonly (readonly [from: string, to: string])[];
}

const known = new WeakMap<Chunk, ChunkNames>();

function namesIn(chunk: Chunk): ChunkNames {
  let names = known.get(chunk);
  if (!names) {
    names = readNames(chunk);
    known.set(chunk, names);
  }
  return names;
}

function readNames({ exprs, scopes, defs }: Chunk): ChunkNames {
  const written = new Set<string>();
  for (const expr of exprs) {
    if (expr.kind === "name" || expr.kind === "local" || expr.kind === "attribute") written.add(expr.name);
    else if (expr.kind === "constant" && typeof expr.value === "string" && expr.value.length < LONGEST_NAME)
      written.add(expr.value.slice(Math.max(expr.value.lastIndexOf("."), expr.value.lastIndexOf(":")) + 1));
  }
  const renamed: (readonly [string, string])[] = [];
  for (const { bindings } of scopes) {
    for (const [to, ids] of Object.entries(bindings)) {
      for (const id of ids) {
        const def = defs[id];
        if (def?.kind === "from" && def.name !== to) renamed.push([def.name, to]);
      }
    }
  }
  return { written, renamed };
}

/** No dotted name is longer. */
const LONGEST_NAME = 300;

/** The name and all that imports make of it. */
function namesOf(name: string, units: readonly Unit[]): ReadonlySet<string> {
  const renamed = units.flatMap(({ chunk }) => namesIn(chunk).renamed);
  const names = new Set([name]);
  for (const each of names) for (const [from, to] of renamed) if (from === each) names.add(to);
  return names;
}
