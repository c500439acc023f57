/**
 * The things a program consists of: files, functions, classes. Entities keep their identity while their file is edited,
 * so that types and effects that name them stay valid; what they point to (`chunk`) is replaced.
 */
import { type Position, positionAt } from "../base/lines.js";
import { decoratorNames } from "../facts/expressions.js";
import { functionSurface, moduleSurface, nameAnswer, partHashes } from "../facts/surface.js";
import type { Chunk, ChunkSpans, Def, DefId, Expr, ExprId, FileFacts, Scope, ScopeId } from "../facts/types.js";
import { OUTER_SCOPE } from "../facts/types.js";
import type { SiteLink } from "./calls.js";
import { bindingCell, Cell, cellsOfUnit } from "./cells.js";
import type { Type } from "./types.js";

/** Where a file comes from: it decides what is reported and what may be inferred. */
export type Origin = "workspace" | "package" | "typeshed" | "stub";

/** What an edit changed of a file. */
export interface FileChange {
  /** Units whose facts are new, and those that are gone. */
  readonly fresh: readonly Unit[];
  readonly gone: readonly Unit[];
  /** What others see differently now. */
  readonly cells: readonly Cell[];
}

/** What is remembered by the number of an expression, a definition or a scope; `null` while it is being evaluated. */
type Memo = (Type | null | undefined)[];

/**
 * A chunk of a file with what was derived from it. A program has tens of thousands, of which most hold little: what may stay
 * empty is made when something is put into it.
 */
export class Unit {
  /** Of its body: all that its code runs. */
  readonly cell: Cell;
  /** Of what others see of a function. */
  readonly seen: Cell;
  /** Of a module: its bindings, by key, and the look-ups of its names, by name. */
  bindings: Map<string, Cell> | undefined;
  lookups: Map<string, Cell> | undefined;
  #exprTypes: Memo | undefined;
  #defTypes: Memo | undefined;
  annotationTypes: Map<ExprId, Type | null> | undefined;
  #shapes: Memo | undefined;
  #returns: Memo | undefined;
  #derived: DerivedOfClass[] | undefined;
  #links: (SiteLink | undefined)[] | undefined;
  /** Entities by scope, as far as somebody asked for them. */
  functions: (FunctionEntity | undefined)[] | undefined;
  classes: (ClassEntity | undefined)[] | undefined;
  /** All functions of the chunk, once somebody asked. */
  allFunctions: readonly FunctionEntity[] | undefined;

  constructor(
    readonly file: SourceFile,
    public index: number,
    public chunk: Chunk,
  ) {
    this.cell = new Cell(this, "body");
    this.seen = new Cell(this, "seen");
  }

  /** Types by expression. As long as the chunk has expressions: an array that grows takes room in advance. */
  get exprTypes(): Memo {
    this.#exprTypes ??= new Array(this.chunk.exprs.length);
    return this.#exprTypes;
  }

  /** Types by definition. */
  get defTypes(): Memo {
    this.#defTypes ??= new Array(this.chunk.defs.length);
    return this.#defTypes;
  }

  /** What the decorators of a function make of it, by its scope. */
  get shapes(): Memo {
    this.#shapes ??= new Array(this.chunk.scopes.length);
    return this.#shapes;
  }

  /** What calling a function gives, by its scope. */
  get returns(): Memo {
    this.#returns ??= new Array(this.chunk.scopes.length);
    return this.#returns;
  }

  /** What is read off the bases and methods of a class, by its scope. */
  get derived(): DerivedOfClass[] {
    this.#derived ??= [];
    return this.#derived;
  }

  /** What each site runs, as far as it was asked. */
  get links(): (SiteLink | undefined)[] {
    this.#links ??= new Array(this.chunk.sites.length);
    return this.#links;
  }

  /** Forgets what was derived from the unit's facts, or from what they refer to. */
  reset(): void {
    this.#exprTypes = this.#defTypes = this.#shapes = this.#returns = undefined;
    this.annotationTypes = undefined;
    this.#derived = undefined;
    this.#links = undefined;
    this.allFunctions = undefined;
  }
}

/** What is read off the bases and the methods of a class. */
export interface DerivedOfClass {
  bases?: readonly { readonly class: ClassEntity; readonly args: readonly Type[] }[] | undefined;
  /** Method resolution order. */
  order?: readonly ClassEntity[] | undefined;
  /** Attributes that methods assign. */
  attributes?: ReadonlyMap<string, readonly { readonly unit: Unit; readonly defs: readonly DefId[] }[]> | undefined;
  /** What its body and its methods define. */
  names?: ReadonlySet<string> | undefined;
}

export interface FunctionEntity {
  readonly kind: "function";
  readonly unit: Unit;
  /** Follows the function when scopes come and go before it. */
  scopeId: ScopeId;
  /** `Class.method`, `outer.<locals>.inner`. */
  readonly qualifiedName: string;
  /** The class whose body defines it. */
  readonly owner: ClassEntity | undefined;
}

export interface ClassEntity {
  readonly kind: "class";
  readonly unit: Unit;
  scopeId: ScopeId;
  readonly qualifiedName: string;
}

export class SourceFile {
  units: Unit[] = [];
  /** What its names mean, where nobody edits it. */
  readonly found = new Map<string, readonly { readonly unit: Unit; readonly defs: readonly DefId[] }[]>();
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
   * still the one of that name, so that entities live through edits.
   */
  replaceFacts(facts: FileFacts): FileChange {
    const before = this.facts;
    this.facts = facts;
    return this.#replaceInPlace(facts) ?? this.#replaceUnits(facts, before);
  }

  /** The usual edit: the same functions in the same order, few of them changed. */
  #replaceInPlace(facts: FileFacts): FileChange | undefined {
    if (this.units.length !== facts.chunks.length) return undefined;
    const fresh = this.units.filter((unit) => unit.chunk !== facts.chunks[unit.index]);
    if (fresh.some((unit) => unit.index === 0)) return undefined;
    const after = (unit: Unit): Chunk => facts.chunks[unit.index] as Chunk;
    const mayStay = fresh.every(
      (unit) => mayStandFor(unit.chunk, after(unit), unit.index) && !bindsGlobals(unit.chunk) && !bindsGlobals(after(unit)),
    );
    if (!mayStay) return undefined;
    return { fresh, gone: [], cells: fresh.flatMap((unit) => replaceFunction(unit, after(unit), facts.outers[unit.index])) };
  }

  #replaceUnits(facts: FileFacts, before: FileFacts): FileChange {
    const earlier = this.units;
    const byChunk = new Map<Chunk, Unit>();
    for (const unit of earlier) byChunk.set(unit.chunk, unit);
    const kept = facts.chunks.map((chunk) => {
      const unit = byChunk.get(chunk);
      byChunk.delete(chunk);
      return unit;
    });
    const left = [...byChunk.values()];
    const replaced: (readonly [Unit, Chunk])[] = [];
    const fresh: Unit[] = [];
    this.units = facts.chunks.map((chunk, index) => {
      let unit = kept[index];
      if (!unit) {
        const at = left.findIndex(
          (candidate) => (candidate.index === 0) === (index === 0) && mayStandFor(candidate.chunk, chunk, index),
        );
        unit = at < 0 ? new Unit(this, index, chunk) : (left.splice(at, 1)[0] as Unit);
        if (at >= 0) replaced.push([unit, chunk]);
        fresh.push(unit);
      }
      return unit;
    });
    const cells = new Set<Cell>(left.flatMap(cellsOfUnit));
    // Functions first: the scopes around them are counted in the module's earlier facts.
    for (const [unit, chunk] of replaced.reverse()) {
      const changed = unit.index === 0 ? replaceModule(unit, chunk) : replaceFunction(unit, chunk, before.outers[unit.index]);
      for (const cell of changed) cells.add(cell);
    }
    this.units.forEach((unit, index) => {
      unit.index = index;
    });
    for (const name of this.#readGlobals(new Set(fresh))) {
      const cell = this.moduleUnit.lookups?.get(name);
      if (cell) cells.add(cell);
    }
    for (const cell of this.#forgetMovedEntities()) cells.add(cell);
    return { fresh, gone: left, cells: [...cells] };
  }

  /** Reads which functions bind names of the module. Returns the names for which that is not what it was. */
  #readGlobals(fresh: ReadonlySet<Unit>): ReadonlySet<string> {
    const changed = new Set<string>();
    // What is packed has no code that could; its functions are read one by one, when somebody asks for them.
    if (this.origin === "typeshed" || this.origin === "stub") return changed;
    const globals = new Map<string, { unit: Unit; defs: readonly number[] }[]>();
    for (const unit of this.units) {
      for (const scope of unit.chunk.scopes) {
        for (const [name, defs] of Object.entries(scope.globals)) {
          const places = globals.get(name) ?? [];
          places.push({ unit, defs });
          globals.set(name, places);
          if (fresh.has(unit)) changed.add(name);
        }
      }
    }
    for (const [name, places] of this.globals) if (globals.get(name)?.length !== places.length) changed.add(name);
    this.globals = globals;
    return changed;
  }

  /** An entity stands for one qualified name: when the class around it is another one, so is the entity. */
  #forgetMovedEntities(): readonly Cell[] {
    const changed: Cell[] = [];
    for (const unit of this.units) {
      unit.classes?.forEach((entity, scopeId) => {
        if (!entity || qualifiedName(unit, scopeId) === entity.qualifiedName) return;
        delete unit.classes?.[scopeId];
        changed.push(unit.cell, unit.seen);
      });
    }
    for (const unit of this.units) {
      unit.functions?.forEach((entity, scopeId) => {
        if (!entity) return;
        const isSame = qualifiedName(unit, scopeId) === entity.qualifiedName && enclosingClass(unit, scopeId) === entity.owner;
        if (isSame) return;
        delete unit.functions?.[scopeId];
        changed.push(unit.cell, unit.seen);
      });
      unit.allFunctions = undefined;
    }
    return changed;
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

export function derivedOf({ unit, scopeId }: ClassEntity): DerivedOfClass {
  const { derived } = unit;
  let known = derived[scopeId];
  if (!known) {
    known = {};
    derived[scopeId] = known;
  }
  return known;
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

/** Gives a function's unit new facts; `outer` is the scope of the module chunk it stands in. Returns the cells that changed. */
function replaceFunction(unit: Unit, chunk: Chunk, outer: ScopeId | undefined): Cell[] {
  const [before, after] = [functionSurface(unit.chunk), functionSurface(chunk)];
  const cells: Cell[] = [unit.cell];
  const losesEntities = forgetInnerEntities(unit, chunk);
  if (before.hash !== after.hash || losesEntities || holdsPlaces(unit)) cells.push(unit.seen);
  const { moduleUnit } = unit.file;
  if (before.attributes !== after.attributes && outer)
    cells.push(bindingCell(moduleUnit, moduleSurface(moduleUnit.chunk).partOfScope[outer]));
  // Whoever reads an empty container of the module asked what the module's code puts into it.
  if (before.fills !== after.fills) cells.push(moduleUnit.cell);
  // Where the attributes of its class are assigned is counted in this chunk.
  for (const derived of Object.values(moduleUnit.derived)) derived.attributes = derived.names = undefined;
  unit.chunk = chunk;
  unit.reset();
  return cells;
}

/** `def rows(): return map(load, names)`: who asked for its result was given places in its code. */
function holdsPlaces({ returns, defTypes }: Unit): boolean {
  const holds = (type: Type | null | undefined): boolean =>
    type?.kind === "union" ? type.members.some(holds) : type?.kind === "instance" && type.lazy !== undefined;
  return returns.some(holds) || defTypes.some(holds);
}

/** Gives a module's unit new facts. Classes keep their entities. Returns the cells that changed. */
function replaceModule(unit: Unit, chunk: Chunk): Cell[] {
  const [before, after] = [moduleSurface(unit.chunk), moduleSurface(chunk)];
  const changed: Cell[] = [unit.cell];
  const functions: FunctionEntity[] = [];
  const classes: ClassEntity[] = [];
  const [hashes, now] = [partHashes(unit.chunk), partHashes(chunk)];
  for (const [key, { scopes }] of before.parts) {
    const isSame = now.get(key) === hashes.get(key);
    if (!isSame) changed.push(bindingCell(unit, key));
    const freshScopes = after.parts.get(key)?.scopes ?? [];
    // Where the text is the same its scopes are, in their order; of another text only a class of the same name stays.
    scopes.forEach((old, index) => {
      const fresh = freshScopes[index];
      if (fresh === undefined) return;
      const stays = isSame || isClassOfSameName(unit.chunk.scopes[old] as Scope, chunk.scopes[fresh] as Scope);
      if (!stays) return;
      const [functionEntity, classEntity] = [unit.functions?.[old], unit.classes?.[old]];
      if (functionEntity && isSame) functions[fresh] = functionEntity;
      if (classEntity) classes[fresh] = classEntity;
    });
  }
  for (const key of after.parts.keys()) if (!before.parts.has(key)) changed.push(bindingCell(unit, key));
  for (const [name, cell] of unit.lookups ?? []) if (nameAnswer(unit.chunk, name) !== nameAnswer(chunk, name)) changed.push(cell);
  for (const entities of [functions, classes]) {
    entities.forEach((entity, scopeId) => {
      entity.scopeId = scopeId;
    });
  }
  unit.functions = functions;
  unit.classes = classes;
  unit.chunk = chunk;
  unit.reset();
  return changed;
}

function isClassOfSameName(before: Scope, after: Scope): boolean {
  return before.kind === "class" && after.kind === "class" && before.name === after.name;
}

function bindsGlobals(chunk: Chunk): boolean {
  return chunk.scopes.some((scope) => Object.keys(scope.globals).length > 0);
}

/** The module chunk stands for itself; a function for the one of its name. */
function mayStandFor(before: Chunk, after: Chunk, index: number): boolean {
  return index === 0 || before.scopes[0]?.name === after.scopes[0]?.name;
}

/**
 * Entities of a function's inner scopes stay only while the scopes are the same ones, by name and kind. Answers whether
 * any is gone.
 */
function forgetInnerEntities(unit: Unit, after: Chunk): boolean {
  const isSame = (scopeId: ScopeId): boolean => {
    const [old, fresh] = [unit.chunk.scopes[scopeId], after.scopes[scopeId]];
    return (
      scopeId === 0 || (!!old && !!fresh && old.name === fresh.name && old.kind === fresh.kind && old.parent === fresh.parent)
    );
  };
  let isAnyGone = false;
  for (const entities of [unit.functions, unit.classes]) {
    entities?.forEach((entity, scopeId) => {
      if (!entity || isSame(scopeId)) return;
      delete entities[scopeId];
      isAnyGone = true;
    });
  }
  return isAnyGone;
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
  unit.functions ??= new Array(unit.chunk.scopes.length);
  let entity = unit.functions[scopeId];
  if (!entity) {
    const owner = enclosingClass(unit, scopeId);
    entity = { kind: "function", unit, scopeId, qualifiedName: qualifiedName(unit, scopeId), owner };
    unit.functions[scopeId] = entity;
  }
  return entity;
}

export function classAt(unit: Unit, scopeId: ScopeId): ClassEntity {
  unit.classes ??= [];
  let entity = unit.classes[scopeId];
  if (!entity) {
    entity = { kind: "class", unit, scopeId, qualifiedName: qualifiedName(unit, scopeId) };
    unit.classes[scopeId] = entity;
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
