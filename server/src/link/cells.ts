/**
 * Cells: what is derived together and forgotten together. Of a function what others see of it, and its body; of a module each
 * binding of a name, each look-up of a name, and the rest of its code. While a cell is derived, the cells it reads note it as a
 * dependent, so that an edit forgets what was derived from the answers that it changed, and nothing else.
 */
import { functionMarks, MARKED, moduleSurface } from "../facts/surface.js";
import type { DefId, ExprId } from "../facts/types.js";
import type { ClassEntity, FunctionEntity, SourceFile, Unit } from "./entities.js";

/** `look-up`: what a name means in a module, found or not; `binding`: of a name of the module, with all it holds. */
export type CellKind = "body" | "seen" | "binding" | "look-up";

export class Cell {
  /** Most cells have one dependent, and who asks often asks several times in a row. */
  #latest: Cell | undefined;
  #others: Set<Cell> | undefined;
  /** What libraries are known to be is not edited: nobody needs to note that he read it. */
  readonly #isFixed: boolean;

  constructor(
    readonly unit: Unit,
    readonly kind: CellKind,
    /** Of a binding: `load#0`. */
    readonly key: string = "",
  ) {
    this.#isFixed = !isEdited(unit.file);
  }

  /** Notes that `cell` was derived from this one. */
  noteDependent(cell: Cell): void {
    if (this.#latest === cell || this.#isFixed || cell === this) return;
    if (this.#latest) {
      if (this.#others) this.#others.add(this.#latest);
      else this.#others = new Set([this.#latest]);
    }
    this.#latest = cell;
  }

  /** The cells that were derived from this one; who still reads it will say so again. */
  takeDependents(): readonly Cell[] {
    const dependents = [...(this.#others ?? [])];
    if (this.#latest) dependents.push(this.#latest);
    this.#latest = this.#others = undefined;
    return dependents;
  }
}

/** Whether anybody edits the file: what libraries are known to be stays as it is. */
export function isEdited({ origin }: SourceFile): boolean {
  return origin === "workspace" || origin === "package";
}

/** The cell of a module's binding; that of its body where code binds nothing others can name. */
export function bindingCell(unit: Unit, key: string | undefined): Cell {
  if (key === undefined) return unit.cell;
  unit.bindings ??= new Map();
  let cell = unit.bindings.get(key);
  if (!cell) {
    cell = new Cell(unit, "binding", key);
    unit.bindings.set(key, cell);
  }
  return cell;
}

/** The cell that a definition is evaluated in. */
export function cellOfDef(unit: Unit, id: DefId): Cell {
  if (!isEdited(unit.file)) return unit.cell;
  if (unit.index > 0) return isSeen(unit, id, MARKED.def) ? unit.seen : unit.cell;
  const def = unit.chunk.defs[id];
  if (def?.kind === "function" && def.chunk !== undefined) return (unit.file.units[def.chunk] ?? unit).seen;
  return bindingCell(unit, moduleSurface(unit.chunk).partOfDef[id]);
}

/** The cell that an expression is evaluated in. */
export function cellOfExpr(unit: Unit, id: ExprId): Cell {
  if (!isEdited(unit.file)) return unit.cell;
  if (unit.index > 0) return isSeen(unit, id, MARKED.expr) ? unit.seen : unit.cell;
  return bindingCell(unit, moduleSurface(unit.chunk).partOfExpr[id]);
}

/** The cell that holds a function or a class. */
export function cellOf({ unit, scopeId }: FunctionEntity | ClassEntity): Cell {
  if (!isEdited(unit.file)) return unit.cell;
  if (unit.index > 0) return isSeen(unit, scopeId, MARKED.scope) ? unit.seen : unit.cell;
  return bindingCell(unit, moduleSurface(unit.chunk).partOfScope[scopeId]);
}

function isSeen(unit: Unit, id: number, mark: number): boolean {
  return ((functionMarks(unit.chunk)[id] ?? 0) & mark) !== 0;
}

/** The cell of what a name means in a module, also when the module has no such name. */
export function cellOfName(file: SourceFile, name: string): Cell {
  const unit = file.moduleUnit;
  if (!isEdited(file)) return unit.cell;
  unit.lookups ??= new Map();
  let cell = unit.lookups.get(name);
  if (!cell) {
    cell = new Cell(unit, "look-up");
    unit.lookups.set(name, cell);
  }
  return cell;
}

/** Whether a class is defined in what the cell stands for. */
export function holdsClass({ unit, kind, key }: Cell): boolean {
  const { scopes } = unit.chunk;
  if (unit.index > 0) return scopes.some((scope) => scope.kind === "class");
  const part = kind === "binding" ? moduleSurface(unit.chunk).parts.get(key) : undefined;
  return part?.scopes.some((scopeId) => scopes[scopeId]?.kind === "class") ?? false;
}

/** All cells of a file. */
export function cellsOf({ units }: SourceFile): Cell[] {
  return units.flatMap(cellsOfUnit);
}

export function cellsOfUnit({ cell, seen, bindings, lookups }: Unit): Cell[] {
  return [cell, seen, ...(bindings?.values() ?? []), ...(lookups?.values() ?? [])];
}
