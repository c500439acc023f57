/**
 * What is read off each unit of the program, kept until the unit has been read again, so that nothing flickers while
 * code is being edited.
 */
import type { SourceFile, Unit } from "../link/entities.js";
import type { Program } from "../link/program.js";

/** Units read again at one question; the others wait for a quiet moment, so that an edit of a hub keeps nobody waiting. */
export const UNITS_AT_ONCE = 20;

export class Readings<T> {
  readonly #known = new Map<Unit, T>();
  readonly #stale = new Set<Unit>();

  constructor(
    private readonly program: Program,
    private readonly read: (unit: Unit) => T,
    /** Told of what was read before and what is read now; undefined where there was no unit or is none any more. */
    private readonly onRead: (unit: Unit, before: T | undefined, after: T | undefined) => void,
  ) {}

  /** What is read off these units may have changed, or they are gone. */
  forget(units: Iterable<Unit>): void {
    for (const unit of units) if (this.#known.has(unit)) this.#stale.add(unit);
  }

  /** Reads a file, and what an edit made stale elsewhere. */
  collect(file: SourceFile): void {
    for (const unit of file.units) if (!this.#known.has(unit) || this.#stale.has(unit)) this.#read(unit);
    this.refresh();
  }

  /** Reads what an edit made stale, as much of it as fits into one question. Answers whether something is left. */
  refresh(): boolean {
    let left = UNITS_AT_ONCE;
    for (const unit of this.#stale) {
      if (left-- === 0) return true;
      this.#read(unit);
    }
    return false;
  }

  /** What is read off a unit; undefined until it is read, again after an edit. */
  of(unit: Unit): T | undefined {
    return this.#stale.has(unit) ? undefined : this.#known.get(unit);
  }

  /** What was read last, unit by unit. */
  values(): ReadonlyMap<Unit, T> {
    return this.#known;
  }

  #read(unit: Unit): void {
    this.#stale.delete(unit);
    const before = this.#known.get(unit);
    const { file } = unit;
    const isAlive = this.program.modules.known(file.path) === file && file.units[unit.index] === unit;
    const after = isAlive ? this.program.evaluator.deriving(unit.cell, () => this.read(unit)) : undefined;
    if (after !== undefined) this.#known.set(unit, after);
    else this.#known.delete(unit);
    this.onRead(unit, before, after);
  }
}
