/**
 * Facts as few bytes, and back: what writes a shape and what reads it stand side by side. Ids are written as their distance from
 * the id that is expected next, so that equal code gives equal bytes wherever it stands; texts are written as numbers. A chunk
 * is read when something of it is asked for, and may be forgotten again while it is not. Knows the shapes of facts and nothing
 * of their meaning.
 */
import type {
  Argument,
  Chunk,
  ChunkSpans,
  Constant,
  Def,
  DefId,
  Expr,
  FileFacts,
  Fill,
  HandlerEnd,
  Parameter,
  Region,
  Scope,
  Site,
  TargetGuard,
} from "./types.js";

/** Raised whenever other bytes are written for the same facts. */
export const CODING = 3;

/**
 * What of facts is written. `meaning`: without positions, sites and what they stand in, for code that nobody is shown a place in
 * and nobody runs.
 */
export type Extent = "all" | "meaning";

/** The bytes of facts, of which all that `decodeFacts` does not restore is lost; `numberOf` numbers the texts. */
export function encodeFacts(facts: FileFacts, extent: Extent, numberOf: (text: string) => number): Uint8Array {
  const pen = new Pen(numberOf);
  pen.flag(facts.broken);
  pen.list(facts.chunks, (_, chunk, index) => {
    const inner = new Pen(numberOf);
    writeChunk(inner, chunk, extent);
    pen.number(2 * inner.length + (chunk.branches ? 1 : 0));
    pen.append(inner.bytes());
    if (extent === "all") writeSpans(pen, facts.spans[index] as ChunkSpans);
  });
  pen.ids(SCOPE, facts.outers);
  if (extent === "all") {
    pen.flag(facts.wasGood === true);
    pen.steps(facts.chunkSpans);
    pen.steps(facts.lineStarts);
  }
  return pen.bytes();
}

/** The facts whose bytes begin at `offset`; `textOf` says which text has a number. */
export function decodeFacts(bytes: Uint8Array, offset: number, extent: Extent, textOf: (number: number) => string): FileFacts {
  const packed: Packed = { bytes, extent, textOf };
  const reader = new Reader(packed, offset);
  const broken = reader.flag();
  const spans: ChunkSpans[] = [];
  const chunks = reader.list((): Chunk => {
    const head = reader.number();
    const length = Math.floor(head / 2);
    const at = reader.skip(length);
    if (extent === "all") {
      const spansLength = reader.number();
      spans.push(new PackedSpans(packed, reader.skip(spansLength), spansLength));
    } else spans.push(NO_SPANS);
    // Whoever chooses between branches copies the chunk: such a one is read at once.
    return head % 2 === 1 ? { ...readChunk(new Reader(packed, at)), branches: true } : new PackedChunk(packed, at, length);
  });
  const outers = reader.ids(SCOPE);
  if (extent === "meaning") return { chunks, spans, outers, chunkSpans: NONE, lineStarts: FIRST_LINE, broken };
  const wasGood = reader.flag();
  const facts = { chunks, spans, outers, chunkSpans: reader.steps(), lineStarts: reader.steps(), broken };
  return wasGood ? { ...facts, wasGood } : facts;
}

// What is empty is one object for all, since facts are never changed.
const NONE: readonly never[] = [];
const NO_NAMES = {};
const NO_SPANS: ChunkSpans = { sites: NONE, scopes: NONE, directives: NONE };
const FIRST_LINE: readonly number[] = [0];

type FieldOf<T> = T extends unknown ? keyof T : never;
type None<T extends never> = T;

/** Compiles only while each field of the facts is written below or left out on purpose: a new one needs its line in both. */
export type Forgotten =
  | None<Exclude<keyof FileFacts, "chunks" | "outers" | "broken" | "spans" | "chunkSpans" | "lineStarts" | "wasGood">>
  | None<Exclude<keyof Chunk, "scopes" | "exprs" | "defs" | "directives" | "branches" | "sites" | "regions">>
  | None<
      Exclude<
        keyof Scope,
        | ("kind" | "name" | "parent" | "parameters" | "decorators" | "returnValues" | "bases" | "bindings" | "exit")
        | ("attributes" | "globals" | "async" | "returns" | "stub" | "yields" | "typeParameters" | "stars" | "sites" | "fills")
      >
    >
  | None<Exclude<keyof Parameter, "name" | "kind" | "annotation" | "default">>
  | None<Exclude<keyof Argument, "name" | "value" | "star">>
  | None<
      Exclude<
        FieldOf<Expr>,
        | ("kind" | "name" | "scope" | "defs" | "of" | "callee" | "args" | "site" | "index" | "value" | "type" | "items" | "keys")
        | ("values" | "open" | "operator" | "left" | "right" | "operators" | "operands" | "condition" | "then" | "else" | "async")
        | ("element" | "from" | "tooDeep")
      >
    >
  | None<
      Exclude<
        FieldOf<Def>,
        | ("kind" | "value" | "annotation" | "operator" | "target" | "scope" | "index" | "module" | "whole" | "level" | "name")
        | ("chunk" | "of" | "star" | "async" | "type" | "negated" | "ways" | "global" | "bound")
      >
    >;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

// ---- Numbers and texts ----

const EXPR = 0;
const DEF = 1;
const SCOPE = 2;
const SITE = 3;
const CHUNK = 4;
const PARAMETER = 5;
/** What is counted: each has its own next id. */
type Counted = typeof EXPR | typeof DEF | typeof SCOPE | typeof SITE | typeof CHUNK | typeof PARAMETER;

/** The ids that are expected next. */
class Expected {
  protected readonly next = [0, 0, 0, 0, 0, 0];

  /** The first of all. */
  expectFirst(): void {
    this.next.fill(0);
  }

  expect(counted: Counted, id: number): void {
    this.next[counted] = id;
  }
}

/** Of a number that is exact, in bytes. */
const LONGEST_NUMBER = 8;

class Pen extends Expected {
  #bytes = new Uint8Array(64);
  length = 0;

  constructor(private readonly numberOf: (text: string) => number) {
    super();
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  /** A whole number from 0 on: seven bits a byte, the low ones first; the eighth says that more follow. */
  number(value: number): void {
    this.#reserve(LONGEST_NUMBER);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#bytes[this.length++] = (rest % 0x80) | 0x80;
    this.#bytes[this.length++] = rest;
  }

  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  flag(value: boolean): void {
    this.number(value ? 1 : 0);
  }

  text(value: string): void {
    this.number(this.numberOf(value));
  }

  word<T extends string>(words: readonly T[], value: T): void {
    this.head(words, value, 0);
  }

  /** A word, and numbers below 8 or so that say more about what follows. */
  head<T extends string>(words: readonly T[], value: T, flags: number): void {
    const index = words.indexOf(value);
    if (index < 0) throw new Error(`${value} has no number in the archive.`);
    this.number(index + words.length * flags);
  }

  id(counted: Counted, value: number): void {
    this.signed(value - (this.next[counted] as number));
    this.next[counted] = value + 1;
  }

  ids(counted: Counted, values: readonly number[]): void {
    this.number(values.length);
    for (const value of values) this.id(counted, value);
  }

  list<T>(values: readonly T[], write: (pen: Pen, value: T, index: number) => void): void {
    this.number(values.length);
    for (const [index, value] of values.entries()) write(this, value, index);
  }

  /** Numbers, each as its distance from the one before. */
  steps(values: readonly number[]): void {
    this.number(values.length);
    let before = 0;
    for (const value of values) {
      this.signed(value - before);
      before = value;
    }
  }

  named(value: Readonly<Record<string, readonly DefId[]>>): void {
    this.list(Object.entries(value), (_, [name, defs]) => {
      this.text(name);
      this.ids(DEF, defs);
    });
  }
}

/** What facts are read from: bytes, and the texts that have the numbers in them. */
interface Packed {
  readonly bytes: Uint8Array;
  readonly extent: Extent;
  readonly textOf: (number: number) => string;
}

class Reader extends Expected {
  private readonly bytes: Uint8Array;

  constructor(
    private readonly packed: Packed,
    private at: number,
  ) {
    super();
    this.bytes = packed.bytes;
  }

  get extent(): Extent {
    return this.packed.extent;
  }

  /** Passes over so many bytes, and says where they begin. */
  skip(length: number): number {
    this.at += length;
    return this.at - length;
  }

  number(): number {
    let byte = this.bytes[this.at++] as number;
    if (byte < 0x80) return byte;
    let value = byte - 0x80;
    for (let unit = 0x80; byte >= 0x80; unit *= 0x80) {
      byte = this.bytes[this.at++] as number;
      value += (byte % 0x80) * unit;
    }
    return value;
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  flag(): boolean {
    return this.number() === 1;
  }

  text(): string {
    return this.packed.textOf(this.number());
  }

  word<T extends string>(words: readonly T[]): T {
    return words[this.number()] as T;
  }

  id(counted: Counted): number {
    const value = this.signed() + (this.next[counted] as number);
    this.next[counted] = value + 1;
    return value;
  }

  ids(counted: Counted): readonly number[] {
    const count = this.number();
    if (count === 0) return NONE;
    const values = new Array<number>(count);
    for (let index = 0; index < count; index++) values[index] = this.id(counted);
    return values;
  }

  list<T>(read: (reader: Reader, index: number) => T): readonly T[] {
    const count = this.number();
    if (count === 0) return NONE;
    const values = new Array<T>(count);
    for (let index = 0; index < count; index++) values[index] = read(this, index);
    return values;
  }

  named(): Readonly<Record<string, readonly DefId[]>> {
    const count = this.number();
    if (count === 0) return NO_NAMES;
    const value = newNames(count);
    for (let index = 0; index < count; index++) {
      setName(value, this.text(), this.ids(DEF));
    }
    return value;
  }

  steps(): readonly number[] {
    const count = this.number();
    if (count === 0) return NONE;
    const values = new Array<number>(count);
    let value = 0;
    for (let index = 0; index < count; index++) {
      value += this.signed();
      values[index] = value;
    }
    return values;
  }
}

function setName(names: Record<string, readonly DefId[]>, name: string, defs: readonly DefId[]): void {
  // Of an object with the usual prototype that would be another prototype.
  if (name === "__proto__") Object.defineProperty(names, name, { value: defs, enumerable: true });
  else names[name] = defs;
}

/**
 * An object for so many names. With the usual prototype the engine would keep a layout for each set of names, which pays for
 * the few parameters of functions and costs most of the time for the members of classes.
 */
function newNames(count: number): Record<string, readonly DefId[]> {
  return count > 4 ? (Object.create(null) as Record<string, readonly DefId[]>) : {};
}

// ---- Chunks ----

function writeChunk(pen: Pen, chunk: Chunk, extent: Extent): void {
  pen.list(chunk.scopes, writeScope);
  pen.expectFirst();
  pen.list(chunk.exprs, writeExpr);
  pen.expectFirst();
  pen.list(chunk.defs, writeDef);
  pen.list(chunk.directives, (_, directive) => pen.text(directive));
  if (extent === "meaning") return;
  pen.expectFirst();
  pen.list(chunk.sites, writeSite);
  pen.list(chunk.regions, writeRegion);
  pen.expectFirst();
  for (const scope of chunk.scopes) {
    pen.ids(SITE, scope.sites);
    pen.flag(scope.fills !== undefined);
    if (scope.fills) pen.list(scope.fills, writeFill);
  }
}

function readChunk(reader: Reader): Chunk {
  const scopes = reader.list(readScope);
  reader.expectFirst();
  const exprs = reader.list(readExpr);
  reader.expectFirst();
  const defs = reader.list(readDef);
  const directives = reader.list(() => reader.text());
  if (reader.extent === "meaning") return { scopes, exprs, defs, sites: NONE, regions: NONE, directives };
  reader.expectFirst();
  const sites = reader.list(readSite);
  const regions = reader.list(readRegion);
  reader.expectFirst();
  for (const scope of scopes as readonly Mutable<Scope>[]) {
    scope.sites = reader.ids(SITE);
    if (reader.flag()) scope.fills = reader.list(readFill);
  }
  return { scopes, exprs, defs, sites, regions, directives };
}

/** What was read of bytes, and can be read again. */
abstract class PackedPart<Part> {
  #part: Part | undefined;
  /** It was asked for since it was last looked at. */
  wasAsked = false;

  constructor(
    private readonly packed: Packed,
    private readonly at: number,
    /** In bytes. */
    readonly length: number,
  ) {}

  protected part(): Part {
    this.wasAsked = true;
    if (this.#part === undefined) {
      this.#part = this.read(new Reader(this.packed, this.at));
      noteRead(this);
    }
    return this.#part;
  }

  protected abstract read(reader: Reader): Part;

  forget(): void {
    this.#part = undefined;
  }

  toJSON(): Part {
    return this.part();
  }
}

/** A chunk that is read when something of it is asked for: of a library's functions a program uses few. */
class PackedChunk extends PackedPart<Chunk> implements Chunk {
  protected read(reader: Reader): Chunk {
    return readChunk(reader);
  }

  get scopes(): Chunk["scopes"] {
    return this.part().scopes;
  }

  get exprs(): Chunk["exprs"] {
    return this.part().exprs;
  }

  get defs(): Chunk["defs"] {
    return this.part().defs;
  }

  get directives(): Chunk["directives"] {
    return this.part().directives;
  }

  get sites(): Chunk["sites"] {
    return this.part().sites;
  }

  get regions(): Chunk["regions"] {
    return this.part().regions;
  }
}

class PackedSpans extends PackedPart<ChunkSpans> implements ChunkSpans {
  protected read(reader: Reader): ChunkSpans {
    return { sites: reader.steps(), scopes: reader.steps(), directives: reader.steps() };
  }

  get sites(): ChunkSpans["sites"] {
    return this.part().sites;
  }

  get scopes(): ChunkSpans["scopes"] {
    return this.part().scopes;
  }

  get directives(): ChunkSpans["directives"] {
    return this.part().directives;
  }
}

function writeSpans(pen: Pen, { sites, scopes, directives }: ChunkSpans): void {
  const inner = new Pen(() => 0);
  for (const offsets of [sites, scopes, directives]) inner.steps(offsets);
  pen.number(inner.length);
  pen.append(inner.bytes());
}

// ---- What is read at the moment ----

/** In the order of reading. */
let readParts: PackedPart<unknown>[] = [];
/** Their bytes. */
let readBytes = 0;
/** What was left of them the last time, and how often it was not worth it to look again since. */
let stillAsked = 0;
let waited = 0;
/** So often at most: what a single large question asked for is not asked for again. */
const LONGEST_WAIT = 100;

function noteRead(part: PackedPart<unknown>): void {
  readParts.push(part);
  readBytes += part.length;
}

/**
 * Forgets what was read of packed facts and not asked for since the last time, until what is read takes at most `most` packed
 * bytes. To be called while nobody works with parts of chunks: who asks again is given other objects.
 */
export function forgetUnasked(most: number): void {
  if (readBytes <= most || (readBytes <= stillAsked * 1.25 && ++waited < LONGEST_WAIT)) return;
  const kept: PackedPart<unknown>[] = [];
  readBytes = 0;
  for (const part of readParts) {
    if (part.wasAsked) {
      part.wasAsked = false;
      kept.push(part);
      readBytes += part.length;
    } else part.forget();
  }
  readParts = kept;
  stillAsked = readBytes;
  waited = 0;
}

// ---- Sites, regions, fills ----

const SITE_KINDS: readonly Site["kind"][] = ["call", "enter", "exit", "iterate", "read", "operate", "await", "loop", "except"];

function writeSite(pen: Pen, { kind, expr, region, async, dropped, methods, attribute, partner }: Site): void {
  pen.head(SITE_KINDS, kind, bitsOf([async, dropped, methods, attribute !== undefined, partner !== undefined]));
  pen.id(EXPR, expr);
  pen.number(region + 1);
  if (methods) pen.list(methods, (_, method) => pen.text(method));
  if (attribute !== undefined) pen.text(attribute);
  if (partner !== undefined) pen.number(partner);
}

function readSite(reader: Reader): Site {
  const head = reader.number();
  const flags = Math.floor(head / SITE_KINDS.length);
  const kind = SITE_KINDS[head % SITE_KINDS.length] as Site["kind"];
  const site: Mutable<Site> = { kind, expr: reader.id(EXPR), region: reader.number() - 1 };
  if (flags & 1) site.async = true;
  if (flags & 2) site.dropped = true;
  if (flags & 4) site.methods = reader.list(() => reader.text());
  if (flags & 8) site.attribute = reader.text();
  if (flags & 16) site.partner = reader.number();
  return site;
}

const REGION_KINDS: readonly Region["kind"][] = ["if", "loop", "try", "except", "with", "finally"];
const LOOPS = ["for", "while", "comprehension"] as const;
const ENDS: readonly HandlerEnd[] = ["fall", "raise", "return", "break", "continue"];

function writeRegion(pen: Pen, region: Region): void {
  pen.word(REGION_KINDS, region.kind);
  pen.number(region.parent + 1);
  switch (region.kind) {
    case "if":
      pen.id(EXPR, region.condition);
      pen.flag(region.negated);
      break;
    case "with":
      pen.number(region.site);
      pen.flag(region.async);
      break;
    case "loop":
      pen.head(LOOPS, region.type, bitsOf([region.async, region.steady, region.breaks]));
      pen.id(EXPR, region.head);
      break;
    case "except":
      pen.number(region.of);
      pen.ids(EXPR, region.type === undefined ? [] : [region.type]);
      pen.list(region.ends, (_, end) => pen.word(ENDS, end));
      for (const number of [...region.defs, ...region.returns]) pen.number(number);
      break;
    case "finally":
      pen.number(region.of);
      break;
    case "try":
      break;
  }
}

function readRegion(reader: Reader): Region {
  const kind = reader.word(REGION_KINDS);
  const parent = reader.number() - 1;
  switch (kind) {
    case "if":
      return { kind, parent, condition: reader.id(EXPR), negated: reader.flag() };
    case "with":
      return { kind, parent, site: reader.number(), async: reader.flag() };
    case "loop": {
      const head = reader.number();
      const flags = Math.floor(head / LOOPS.length);
      const type = LOOPS[head % LOOPS.length] as (typeof LOOPS)[number];
      const loop = { kind, parent, type, async: (flags & 1) > 0, head: reader.id(EXPR), steady: (flags & 2) > 0 };
      return flags & 4 ? { ...loop, breaks: true } : loop;
    }
    case "except": {
      const of = reader.number();
      const [type] = reader.ids(EXPR);
      const ends = reader.list(() => reader.word(ENDS));
      const defs = [reader.number(), reader.number()] as const;
      const returns = [reader.number(), reader.number()] as const;
      return type === undefined ? { kind, parent, of, ends, defs, returns } : { kind, parent, of, type, ends, defs, returns };
    }
    case "finally":
      return { kind, parent, of: reader.number() };
    case "try":
      return { kind, parent };
  }
}

function writeFill(pen: Pen, { container, attribute, depth, key, item }: Fill): void {
  pen.number(4 * depth + bitsOf([attribute !== undefined, key !== undefined]));
  pen.id(EXPR, container);
  if (attribute !== undefined) pen.text(attribute);
  if (key !== undefined) pen.id(EXPR, key);
  pen.id(DEF, item);
}

function readFill(reader: Reader): Fill {
  const head = reader.number();
  const fill: Mutable<Fill> = { container: reader.id(EXPR), depth: Math.floor(head / 4), item: 0 };
  if (head & 1) fill.attribute = reader.text();
  if (head & 2) fill.key = reader.id(EXPR);
  fill.item = reader.id(DEF);
  return fill;
}

// ---- Scopes ----

const SCOPE_KINDS: readonly Scope["kind"][] = ["function", "class", "module", "lambda", "generator"];

function writeScope(pen: Pen, scope: Scope): void {
  const isLast = sameNames(scope.exit, lastOf(scope.bindings));
  const flags = [isLast, scope.async, scope.returns !== undefined, scope.stub, scope.yields, scope.typeParameters, scope.stars];
  pen.head(SCOPE_KINDS, scope.kind, bitsOf(flags));
  pen.text(scope.name);
  pen.signed(scope.parent);
  pen.list(scope.parameters, writeParameter);
  pen.ids(EXPR, scope.decorators);
  pen.ids(EXPR, scope.returnValues);
  pen.list(scope.bases, writeArgument);
  pen.named(scope.bindings);
  if (!isLast) pen.named(scope.exit);
  pen.list(scope.attributes, (_, [name, def]) => {
    pen.text(name);
    pen.id(DEF, def);
  });
  pen.named(scope.globals);
  if (scope.returns !== undefined) pen.id(EXPR, scope.returns);
  if (scope.yields) pen.ids(EXPR, scope.yields);
  if (scope.typeParameters) pen.ids(DEF, scope.typeParameters);
  if (scope.stars) pen.list(scope.stars, writeStar);
}

function readScope(reader: Reader): Scope {
  const head = reader.number();
  const flags = Math.floor(head / SCOPE_KINDS.length);
  const kind = SCOPE_KINDS[head % SCOPE_KINDS.length] as Scope["kind"];
  const name = reader.text();
  const parent = reader.signed();
  const parameters = reader.list(readParameter);
  const decorators = reader.ids(EXPR);
  const returnValues = reader.ids(EXPR);
  const bases = reader.list(readArgument);
  const bindings = reader.named();
  const exit = flags & 1 ? lastOf(bindings) : reader.named();
  const attributes = reader.list(() => [reader.text(), reader.id(DEF)] as const);
  const globals = reader.named();
  const scope: Mutable<Scope> = {
    ...{ kind, name, parent, parameters, decorators, returnValues, bases, bindings, exit, attributes, globals, sites: NONE },
  };
  if (flags & 2) scope.async = true;
  if (flags & 4) scope.returns = reader.id(EXPR);
  if (flags & 8) scope.stub = true;
  if (flags & 16) scope.yields = reader.ids(EXPR);
  if (flags & 32) scope.typeParameters = reader.ids(DEF);
  if (flags & 64) scope.stars = reader.list(readStar);
  return scope;
}

/** What a scope exposes, as a rule: of each name the last binding. */
function lastOf(bindings: Scope["bindings"]): Scope["exit"] {
  const names = Object.keys(bindings);
  const exit = newNames(names.length);
  for (const name of names) {
    const defs = bindings[name] as readonly DefId[];
    setName(exit, name, defs.length > 1 ? defs.slice(-1) : defs);
  }
  return exit;
}

function sameNames(one: Scope["exit"], other: Scope["exit"]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function bitsOf(flags: readonly unknown[]): number {
  return flags.reduce<number>((bits, flag, index) => bits + (flag ? 2 ** index : 0), 0);
}

function writeStar(pen: Pen, [level, module, under]: NonNullable<Scope["stars"]>[number]): void {
  pen.number(level);
  pen.text(module);
  pen.flag(under !== undefined);
  if (under) pen.list(under, writeGuard);
}

function readStar(reader: Reader): NonNullable<Scope["stars"]>[number] {
  const level = reader.number();
  const module = reader.text();
  return reader.flag() ? [level, module, reader.list(readGuard)] : [level, module];
}

function writeGuard(pen: Pen, [condition, negated]: TargetGuard): void {
  pen.id(EXPR, condition);
  pen.flag(negated);
}

function readGuard(reader: Reader): TargetGuard {
  return [reader.id(EXPR), reader.flag()];
}

const PARAMETER_KINDS: readonly Parameter["kind"][] = [
  "positional",
  "keyword-only",
  "positional-only",
  "var-positional",
  "var-keyword",
];

function writeParameter(pen: Pen, { name, kind, annotation, default: value }: Parameter): void {
  pen.head(PARAMETER_KINDS, kind, bitsOf([annotation !== undefined, value !== undefined]));
  pen.text(name);
  if (annotation !== undefined) pen.id(EXPR, annotation);
  if (value !== undefined) pen.id(EXPR, value);
}

function readParameter(reader: Reader): Parameter {
  const head = reader.number();
  const kind = PARAMETER_KINDS[head % PARAMETER_KINDS.length] as Parameter["kind"];
  const name = reader.text();
  switch (Math.floor(head / PARAMETER_KINDS.length)) {
    case 0:
      return { name, kind };
    case 1:
      return { name, kind, annotation: reader.id(EXPR) };
    case 2:
      return { name, kind, default: reader.id(EXPR) };
    default:
      return { name, kind, annotation: reader.id(EXPR), default: reader.id(EXPR) };
  }
}

const STARS: readonly (Argument["star"] & string)[] = ["*", "**"];

function writeArgument(pen: Pen, { name, value, star }: Argument): void {
  pen.number(name !== undefined ? 1 : star ? 2 : 0);
  if (name !== undefined) pen.text(name);
  else if (star) pen.word(STARS, star);
  pen.id(EXPR, value);
}

function readArgument(reader: Reader): Argument {
  switch (reader.number()) {
    case 0:
      return { value: reader.id(EXPR) };
    case 1:
      return { name: reader.text(), value: reader.id(EXPR) };
    default: {
      const star = reader.word(STARS);
      return { value: reader.id(EXPR), star };
    }
  }
}

// ---- Expressions ----

type Literal = Extract<Expr, { readonly kind: "literal" }>["type"];
type Sequence = Extract<Expr, { readonly kind: "sequence" }>["type"];
type Comprehension = Extract<Expr, { readonly kind: "comprehension" }>["type"];
type BooleanOperator = Extract<Expr, { readonly kind: "boolean" }>["operator"];

const LITERALS: readonly Literal[] = ["ellipsis", "str", "int", "bytes", "float", "complex", "slice"];
const SEQUENCES: readonly Sequence[] = ["tuple", "list", "set"];
const COMPREHENSIONS: readonly Comprehension[] = ["list", "set", "dict"];
const BOOLEAN_OPERATORS: readonly BooleanOperator[] = ["and", "or"];

const EXPR_KINDS: readonly Expr["kind"][] = [
  ...(["name", "constant", "literal", "local", "subscript", "binary", "sequence", "attribute", "call"] as const),
  ...(["compare", "boolean", "unary", "dict", "star", "conditional", "await", "lambda", "generator"] as const),
  ...(["comprehension", "yield", "unknown"] as const),
];

function writeExpr(pen: Pen, expr: Expr, index: number): void {
  pen.expect(EXPR, index - 1);
  pen.expect(SCOPE, 0);
  pen.word(EXPR_KINDS, expr.kind);
  switch (expr.kind) {
    case "name":
      pen.text(expr.name);
      pen.id(SCOPE, expr.scope);
      break;
    case "local":
      pen.text(expr.name);
      pen.ids(DEF, expr.defs);
      break;
    case "attribute":
      pen.id(EXPR, expr.of);
      pen.text(expr.name);
      break;
    case "call":
      pen.id(EXPR, expr.callee);
      pen.list(expr.args, writeArgument);
      pen.id(SITE, expr.site);
      break;
    case "await":
    case "star":
      pen.id(EXPR, expr.of);
      break;
    case "subscript":
      pen.id(EXPR, expr.of);
      pen.id(EXPR, expr.index);
      break;
    case "constant":
      writeConstant(pen, expr.value);
      break;
    case "literal":
      pen.word(LITERALS, expr.type);
      break;
    case "sequence":
      pen.word(SEQUENCES, expr.type);
      pen.ids(EXPR, expr.items);
      break;
    case "dict":
      pen.flag(expr.open === true);
      pen.ids(EXPR, expr.keys);
      pen.ids(EXPR, expr.values);
      break;
    case "binary":
      pen.text(expr.operator);
      pen.id(EXPR, expr.left);
      pen.id(EXPR, expr.right);
      break;
    case "compare":
      pen.list(expr.operators, (_, operator) => pen.text(operator));
      pen.ids(EXPR, expr.operands);
      break;
    case "unary":
      pen.text(expr.operator);
      pen.id(EXPR, expr.of);
      break;
    case "boolean":
      pen.word(BOOLEAN_OPERATORS, expr.operator);
      pen.id(EXPR, expr.left);
      pen.id(EXPR, expr.right);
      break;
    case "conditional":
      pen.id(EXPR, expr.condition);
      pen.id(EXPR, expr.then);
      pen.id(EXPR, expr.else);
      break;
    case "lambda":
      pen.id(SCOPE, expr.scope);
      break;
    case "generator":
      pen.id(SCOPE, expr.scope);
      pen.flag(expr.async);
      break;
    case "comprehension":
      pen.word(COMPREHENSIONS, expr.type);
      pen.ids(EXPR, expr.value === undefined ? [expr.element] : [expr.element, expr.value]);
      break;
    case "yield":
      pen.flag(expr.from);
      pen.ids(EXPR, expr.of === undefined ? [] : [expr.of]);
      break;
    case "unknown":
      pen.flag(expr.tooDeep === true);
      break;
  }
}

function readExpr(reader: Reader, index: number): Expr {
  reader.expect(EXPR, index - 1);
  reader.expect(SCOPE, 0);
  const kind = reader.word(EXPR_KINDS);
  switch (kind) {
    case "name":
      return { kind, name: reader.text(), scope: reader.id(SCOPE) };
    case "local":
      return { kind, name: reader.text(), defs: reader.ids(DEF) };
    case "attribute":
      return { kind, of: reader.id(EXPR), name: reader.text() };
    case "call":
      return { kind, callee: reader.id(EXPR), args: reader.list(readArgument), site: reader.id(SITE) };
    case "await":
    case "star":
      return { kind, of: reader.id(EXPR) };
    case "subscript":
      return { kind, of: reader.id(EXPR), index: reader.id(EXPR) };
    case "constant":
      return { kind, value: readConstant(reader) };
    case "literal":
      return { kind, type: reader.word(LITERALS) };
    case "sequence":
      return { kind, type: reader.word(SEQUENCES), items: reader.ids(EXPR) };
    case "dict":
      return reader.flag()
        ? { kind, keys: reader.ids(EXPR), values: reader.ids(EXPR), open: true }
        : { kind, keys: reader.ids(EXPR), values: reader.ids(EXPR) };
    case "binary":
      return { kind, operator: reader.text(), left: reader.id(EXPR), right: reader.id(EXPR) };
    case "compare":
      return { kind, operators: reader.list(() => reader.text()), operands: reader.ids(EXPR) };
    case "unary":
      return { kind, operator: reader.text(), of: reader.id(EXPR) };
    case "boolean":
      return { kind, operator: reader.word(BOOLEAN_OPERATORS), left: reader.id(EXPR), right: reader.id(EXPR) };
    case "conditional":
      // biome-ignore lint/suspicious/noThenProperty: nobody awaits an expression
      return { kind, condition: reader.id(EXPR), then: reader.id(EXPR), else: reader.id(EXPR) };
    case "lambda":
      return { kind, scope: reader.id(SCOPE) };
    case "generator":
      return { kind, scope: reader.id(SCOPE), async: reader.flag() };
    case "comprehension": {
      const type = reader.word(COMPREHENSIONS);
      const [element, value] = reader.ids(EXPR) as readonly [number, number?];
      return value === undefined ? { kind, type, element } : { kind, type, element, value };
    }
    case "yield": {
      const from = reader.flag();
      const [of] = reader.ids(EXPR);
      return of === undefined ? { kind, from } : { kind, of, from };
    }
    case "unknown":
      return reader.flag() ? { kind, tooDeep: true } : { kind };
  }
}

/** The constants that are written as their place here; behind them: a text, a whole number, another number. */
const CONSTANTS: readonly Constant[] = [null, true, false];
const TEXT = CONSTANTS.length;
const WHOLE = TEXT + 1;
const OTHER = TEXT + 2;

function writeConstant(pen: Pen, value: Constant): void {
  if (typeof value === "string") {
    pen.number(TEXT);
    pen.text(value);
  } else if (typeof value !== "number") pen.number(CONSTANTS.indexOf(value));
  else if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    pen.number(WHOLE);
    pen.signed(value);
  } else {
    pen.number(OTHER);
    pen.text(JSON.stringify(value));
  }
}

function readConstant(reader: Reader): Constant {
  const kind = reader.number();
  switch (kind) {
    case TEXT:
      return reader.text();
    case WHOLE:
      return reader.signed();
    case OTHER:
      return JSON.parse(reader.text()) as Constant;
    default:
      return CONSTANTS[kind] as Constant;
  }
}

// ---- Bindings ----

const DEF_KINDS: readonly Def["kind"][] = [
  ...(["parameter", "function", "from", "annotated", "select", "class", "assign", "import", "augmented"] as const),
  ...(["typevar", "typealias", "unpack", "iterate", "enter", "except", "narrow", "join", "outer", "unknown"] as const),
];

function writeDef(pen: Pen, def: Def): void {
  pen.word(DEF_KINDS, def.kind);
  switch (def.kind) {
    case "assign":
    case "typealias":
      pen.id(EXPR, def.value);
      break;
    case "annotated":
      pen.ids(EXPR, def.value === undefined ? [def.annotation] : [def.annotation, def.value]);
      break;
    case "augmented":
      pen.text(def.operator);
      pen.id(EXPR, def.target);
      pen.id(EXPR, def.value);
      break;
    case "parameter":
      pen.id(SCOPE, def.scope);
      pen.id(PARAMETER, def.index);
      break;
    case "import":
      pen.text(def.module);
      pen.flag(def.whole);
      break;
    case "from":
      pen.number(def.level);
      pen.text(def.module);
      pen.text(def.name);
      break;
    case "function":
      pen.id(SCOPE, def.scope);
      pen.ids(CHUNK, def.chunk === undefined ? [] : [def.chunk]);
      break;
    case "class":
      pen.id(SCOPE, def.scope);
      break;
    case "unpack":
      pen.id(DEF, def.of);
      pen.signed(def.index);
      pen.flag(def.star);
      break;
    case "iterate":
    case "enter":
      pen.id(EXPR, def.value);
      pen.flag(def.async);
      break;
    case "except":
      pen.id(EXPR, def.type);
      break;
    case "narrow":
      pen.text(def.name);
      pen.ids(DEF, def.of);
      pen.id(EXPR, def.type);
      pen.flag(def.negated);
      break;
    case "join":
      pen.ids(DEF, def.of);
      break;
    case "select":
      pen.list(def.ways, (_, { condition, defs }) => {
        pen.ids(EXPR, condition === undefined ? [] : [condition]);
        pen.ids(DEF, defs);
      });
      break;
    case "outer":
      pen.text(def.name);
      pen.id(SCOPE, def.scope);
      pen.flag(def.global);
      break;
    case "typevar":
      pen.text(def.name);
      pen.ids(EXPR, def.bound === undefined ? [] : [def.bound]);
      break;
    case "unknown":
      break;
  }
}

function readDef(reader: Reader): Def {
  const kind = reader.word(DEF_KINDS);
  switch (kind) {
    case "assign":
    case "typealias":
      return { kind, value: reader.id(EXPR) };
    case "annotated": {
      const [annotation, value] = reader.ids(EXPR) as readonly [number, number?];
      return value === undefined ? { kind, annotation } : { kind, annotation, value };
    }
    case "augmented":
      return { kind, operator: reader.text(), target: reader.id(EXPR), value: reader.id(EXPR) };
    case "parameter":
      return { kind, scope: reader.id(SCOPE), index: reader.id(PARAMETER) };
    case "import":
      return { kind, module: reader.text(), whole: reader.flag() };
    case "from":
      return { kind, level: reader.number(), module: reader.text(), name: reader.text() };
    case "function": {
      const scope = reader.id(SCOPE);
      const [chunk] = reader.ids(CHUNK);
      return chunk === undefined ? { kind, scope } : { kind, scope, chunk };
    }
    case "class":
      return { kind, scope: reader.id(SCOPE) };
    case "unpack":
      return { kind, of: reader.id(DEF), index: reader.signed(), star: reader.flag() };
    case "iterate":
    case "enter":
      return { kind, value: reader.id(EXPR), async: reader.flag() };
    case "except":
      return { kind, type: reader.id(EXPR) };
    case "narrow":
      return { kind, name: reader.text(), of: reader.ids(DEF), type: reader.id(EXPR), negated: reader.flag() };
    case "join":
      return { kind, of: reader.ids(DEF) };
    case "select":
      return {
        kind,
        ways: reader.list(() => {
          const [condition] = reader.ids(EXPR);
          const defs = reader.ids(DEF);
          return condition === undefined ? { defs } : { condition, defs };
        }),
      };
    case "outer":
      return { kind, name: reader.text(), scope: reader.id(SCOPE), global: reader.flag() };
    case "typevar": {
      const name = reader.text();
      const [bound] = reader.ids(EXPR);
      return bound === undefined ? { kind, name } : { kind, name, bound };
    }
    case "unknown":
      return { kind };
  }
}
