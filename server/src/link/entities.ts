/**
 * The things a program consists of: files, functions, classes. Entities keep their identity while their file is edited,
 * so that types and effects that name them stay valid; what they point to (`chunk`) is replaced.
 */
import { type Position, positionAt } from "../base/lines.js";
import { decoratorNames } from "../facts/expressions.js";
import type { Chunk, ChunkSpans, Def, DefId, Expr, ExprId, FileFacts, Scope, ScopeId } from "../facts/types.js";
import { OUTER_SCOPE } from "../facts/types.js";
import type { SiteLink } from "./calls.js";
import type { Type } from "./types.js";

/** Where a file comes from: it decides what is reported and what may be inferred. */
export type Origin = "workspace" | "package" | "typeshed" | "stub";

/** A chunk of a file with what was derived from it. */
export interface Unit {
  readonly file: SourceFile;
  index: number;
  chunk: Chunk;
  /** Memo of evaluated types, by expression and by definition; `null` while being evaluated. */
  exprTypes: (Type | null | undefined)[];
  defTypes: (Type | null | undefined)[];
  annotationTypes: Map<ExprId, Type | null>;
  /** What each site runs, as far as it was asked. */
  links: (SiteLink | undefined)[];
  readonly functions: Map<ScopeId, FunctionEntity>;
  readonly classes: Map<ScopeId, ClassEntity>;
  /** All functions of the chunk, once somebody asked. */
  allFunctions?: readonly FunctionEntity[] | undefined;
}

export interface FunctionEntity {
  readonly kind: "function";
  readonly unit: Unit;
  readonly scopeId: ScopeId;
  /** `Class.method`, `outer.<locals>.inner`. */
  readonly qualifiedName: string;
  /** The class whose body defines it. */
  readonly owner: ClassEntity | undefined;
}

export interface ClassEntity {
  readonly kind: "class";
  readonly unit: Unit;
  readonly scopeId: ScopeId;
  readonly qualifiedName: string;
}

export class SourceFile {
  units: Unit[] = [];
  /** Files whose types were derived from this one: they are derived again when its surface changes. */
  readonly dependents = new Set<SourceFile>();
  surface = "";
  /** Names that functions bind with `global`. */
  globals: ReadonlyMap<string, readonly { readonly unit: Unit; readonly defs: readonly number[] }[]> = new Map();

  /** Where people import its names from: `asyncio` for `asyncio.tasks`, `socket` for `_socket`. */
  publicModule: string;

  constructor(
    readonly path: string,
    readonly module: string,
    readonly origin: Origin,
    /** `__init__`: relative imports count from the package itself. */
    readonly isPackage: boolean,
    public facts: FileFacts,
    /** Folders its absolute imports are looked up in first. */
    readonly roots: readonly string[],
  ) {
    this.publicModule = module;
    this.replaceFacts(facts);
  }

  /**
   * Takes new facts. Units of unchanged chunks stay as they are, a changed chunk keeps its unit when its function is
   * still the one of that name, so that entities live through edits. Returns the units whose facts are new.
   */
  replaceFacts(facts: FileFacts): readonly Unit[] {
    this.facts = facts;
    return this.#replaceInPlace(facts) ?? this.#replaceUnits(facts);
  }

  /** The usual edit: the same functions in the same order, few of them changed. */
  #replaceInPlace(facts: FileFacts): readonly Unit[] | undefined {
    if (this.units.length !== facts.chunks.length) return undefined;
    const changed = this.units.filter((unit) => unit.chunk !== facts.chunks[unit.index]);
    if (changed.some((unit) => unit.index === 0)) return undefined;
    const after = (unit: Unit): Chunk => facts.chunks[unit.index] as Chunk;
    const mayStay = changed.every(
      (unit) => mayStandFor(unit.chunk, after(unit), unit.index) && !bindsGlobals(unit.chunk) && !bindsGlobals(after(unit)),
    );
    if (!mayStay) return undefined;
    for (const unit of changed) replaceChunk(unit, after(unit));
    return changed;
  }

  #replaceUnits(facts: FileFacts): readonly Unit[] {
    const byChunk = new Map<Chunk, Unit>();
    for (const unit of this.units) byChunk.set(unit.chunk, unit);
    const kept = facts.chunks.map((chunk) => {
      const unit = byChunk.get(chunk);
      byChunk.delete(chunk);
      return unit;
    });
    const left = [...byChunk.values()];
    const fresh: Unit[] = [];
    this.units = facts.chunks.map((chunk, index) => {
      let unit = kept[index];
      if (!unit) {
        const at = left.findIndex(
          (candidate) => (candidate.index === 0) === (index === 0) && mayStandFor(candidate.chunk, chunk, index),
        );
        unit = at < 0 ? newUnit(this, index, chunk) : (left.splice(at, 1)[0] as Unit);
        replaceChunk(unit, chunk);
        fresh.push(unit);
      }
      unit.index = index;
      return unit;
    });
    const globals = new Map<string, { unit: Unit; defs: readonly number[] }[]>();
    for (const unit of this.units) {
      for (const scope of unit.chunk.scopes) {
        for (const [name, defs] of Object.entries(scope.globals)) {
          const places = globals.get(name) ?? [];
          places.push({ unit, defs });
          globals.set(name, places);
        }
      }
    }
    this.globals = globals;
    this.#forgetMovedEntities();
    return fresh;
  }

  /** An entity stands for one qualified name: when the class around it is another one, so is the entity. */
  #forgetMovedEntities(): void {
    for (const unit of this.units) {
      for (const [scopeId, entity] of unit.classes) {
        if (qualifiedName(unit, scopeId) !== entity.qualifiedName) unit.classes.delete(scopeId);
      }
    }
    for (const unit of this.units) {
      for (const [scopeId, entity] of unit.functions) {
        const isSame = qualifiedName(unit, scopeId) === entity.qualifiedName && enclosingClass(unit, scopeId) === entity.owner;
        if (!isSame) unit.functions.delete(scopeId);
      }
      unit.allFunctions = undefined;
    }
  }

  /** Line and column at which a unit's chunk starts. */
  startOf(unit: Unit): Position {
    if (this.#startsOf !== this.facts) {
      this.#startsOf = this.facts;
      this.#starts = chunkStarts(this.facts);
    }
    return this.#starts[unit.index] as Position;
  }
  #starts: readonly Position[] = [];
  #startsOf: FileFacts | undefined;

  get moduleUnit(): Unit {
    return this.units[0] as Unit;
  }
}

function newUnit(file: SourceFile, index: number, chunk: Chunk): Unit {
  return {
    file,
    index,
    chunk,
    exprTypes: [],
    defTypes: [],
    annotationTypes: new Map(),
    links: [],
    functions: new Map(),
    classes: new Map(),
  };
}

export function resetUnit(unit: Unit): void {
  unit.exprTypes = [];
  unit.defTypes = [];
  unit.annotationTypes = new Map();
  unit.links = [];
  unit.allFunctions = undefined;
}

/** Where the chunks start. They stand in order, so one walk over the lines finds them all. */
function chunkStarts({ chunkSpans, lineStarts }: FileFacts): Position[] {
  const starts: Position[] = [];
  let line = 0;
  for (let index = 0; index < chunkSpans.length; index += 2) {
    const offset = chunkSpans[index] as number;
    if (offset < (lineStarts[line] as number)) line = positionAt(lineStarts, offset).line;
    while (line + 1 < lineStarts.length && (lineStarts[line + 1] as number) <= offset) line++;
    starts.push({ line, column: offset - (lineStarts[line] as number) });
  }
  return starts;
}

function replaceChunk(unit: Unit, chunk: Chunk): void {
  if (unit.chunk !== chunk) forgetInnerEntities(unit, chunk);
  unit.chunk = chunk;
  resetUnit(unit);
}

function bindsGlobals(chunk: Chunk): boolean {
  return chunk.scopes.some((scope) => Object.keys(scope.globals).length > 0);
}

/** The module chunk stands for itself; a function for the one of its name. */
function mayStandFor(before: Chunk, after: Chunk, index: number): boolean {
  return index === 0 || before.scopes[0]?.name === after.scopes[0]?.name;
}

/** Entities of inner scopes stay only while the scopes are the same ones, by name and kind. */
function forgetInnerEntities(unit: Unit, after: Chunk): void {
  const isSame = (scopeId: ScopeId): boolean => {
    const [old, fresh] = [unit.chunk.scopes[scopeId], after.scopes[scopeId]];
    return !!old && !!fresh && old.name === fresh.name && old.kind === fresh.kind && old.parent === fresh.parent;
  };
  const isRoot = (scopeId: ScopeId): boolean => scopeId === 0;
  for (const scopeId of unit.functions.keys()) if (!isRoot(scopeId) && !isSame(scopeId)) unit.functions.delete(scopeId);
  for (const scopeId of unit.classes.keys()) if (!isSame(scopeId)) unit.classes.delete(scopeId);
}

export function scopeOf(entity: FunctionEntity | ClassEntity): Scope {
  return entity.unit.chunk.scopes[entity.scopeId] as Scope;
}

/** Positions of a unit's chunk. */
export function spansOf(unit: Unit): ChunkSpans {
  return unit.file.facts.spans[unit.index] as ChunkSpans;
}

export function exprOf(unit: Unit, id: ExprId): Expr {
  return unit.chunk.exprs[id] as Expr;
}

/** The one binding behind a local name, seen through the heads of loops and the checks of its type. */
export function onlyDef(unit: Unit, defs: readonly DefId[]): Def | undefined {
  const found = new Set<DefId>();
  const seen = new Set<DefId>();
  const queue = [...defs];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const def = unit.chunk.defs[id];
    if (def?.kind === "join" || def?.kind === "narrow") queue.push(...def.of);
    else found.add(id);
  }
  const [only] = found;
  return found.size === 1 ? unit.chunk.defs[only as DefId] : undefined;
}

/** The entity of a function, lambda or generator scope. */
export function functionAt(unit: Unit, scopeId: ScopeId): FunctionEntity {
  let entity = unit.functions.get(scopeId);
  if (!entity) {
    const owner = enclosingClass(unit, scopeId);
    entity = { kind: "function", unit, scopeId, qualifiedName: qualifiedName(unit, scopeId), owner };
    unit.functions.set(scopeId, entity);
  }
  return entity;
}

export function classAt(unit: Unit, scopeId: ScopeId): ClassEntity {
  let entity = unit.classes.get(scopeId);
  if (!entity) {
    entity = { kind: "class", unit, scopeId, qualifiedName: qualifiedName(unit, scopeId) };
    unit.classes.set(scopeId, entity);
  }
  return entity;
}

/** The scope around `scopeId`, in this unit or, for a chunk's outermost scope, in the module unit. */
export function parentScope(unit: Unit, scopeId: ScopeId): { unit: Unit; scopeId: ScopeId } | undefined {
  if (scopeId === OUTER_SCOPE) return { unit: unit.file.moduleUnit, scopeId: unit.file.facts.outers[unit.index] ?? 0 };
  if (unit.index === 0 && scopeId === 0) return undefined;
  const parent = (unit.chunk.scopes[scopeId] as Scope).parent;
  return parent === OUTER_SCOPE ? parentScope(unit, OUTER_SCOPE) : { unit, scopeId: parent };
}

function enclosingClass(unit: Unit, scopeId: ScopeId): ClassEntity | undefined {
  const parent = parentScope(unit, scopeId);
  if (!parent) return undefined;
  return parent.unit.chunk.scopes[parent.scopeId]?.kind === "class" ? classAt(parent.unit, parent.scopeId) : undefined;
}

function qualifiedName(unit: Unit, scopeId: ScopeId): string {
  const parts: string[] = [];
  let at: { unit: Unit; scopeId: ScopeId } | undefined = { unit, scopeId };
  while (at) {
    const scope: Scope = at.unit.chunk.scopes[at.scopeId] as Scope;
    if (scope.kind === "module") break;
    if (parts.length > 0 && scope.kind !== "class") parts.unshift("<locals>");
    parts.unshift(scope.name);
    at = parentScope(at.unit, at.scopeId);
  }
  return parts.join(".");
}

/** Name under which people know the entity: `package.module.Class.method`. */
export function fullName(entity: FunctionEntity | ClassEntity): string {
  const { publicModule } = entity.unit.file;
  const name = entity.qualifiedName;
  return publicModule && publicModule !== "builtins" ? `${publicModule}.${name}` : name;
}

export function isAsync(entity: FunctionEntity): boolean {
  return scopeOf(entity).async === true;
}

export function isGenerator(entity: FunctionEntity): boolean {
  return scopeOf(entity).yields !== undefined;
}

/** Dotted texts of the decorators, as written. */
export function decoratorsOf(entity: FunctionEntity | ClassEntity): string[] {
  return decoratorNames(entity.unit.chunk, scopeOf(entity));
}
