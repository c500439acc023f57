/**
 * The packed knowledge: typeshed's modules and our stubs as facts, and the table that says which definition each stub
 * speaks of. Nothing of it is read before it is asked for. Modules that are neighbours by name are deflated together, as
 * the bytes of `facts/coding.ts`, behind the texts they use; texts of many modules stand in the index.
 *
 * Layout: four bytes length of the index (little-endian), the index (JSON, as it is: whatever carries the archive
 * deflates it), then the deflated parts at the offsets that the index names.
 */
import { CODING, decodeFacts, encodeFacts } from "../facts/coding.js";
import { FACTS_SCHEMA, type FileFacts } from "../facts/types.js";

export interface KnownModule {
  readonly facts: FileFacts;
  /** `__init__`: relative imports count from the package itself. */
  readonly isPackage: boolean;
}

export type Shelf = "typeshed" | "stubs";

/** `module:qualified.name` of a definition -> the stub that speaks of it, as `module:qualified.name` of the stub. */
export type EffectIndex = Readonly<Record<string, string>>;

/** Where something deflated stands behind the index, in bytes. */
type Place = readonly [offset: number, length: number];

interface ArchiveIndex {
  readonly format: string;
  /** Texts of many modules, joined: they have the first numbers. */
  readonly texts: string;
  readonly effects: Place;
  readonly blocks: readonly PlacedBlock[];
  /** Where each module begins: the number of the byte, counted through the modules of all blocks. */
  readonly modules: Readonly<Record<Shelf, Readonly<Record<string, number>>>>;
}

/** `textBytes` of it are its own texts, joined, with the numbers behind the common ones; its modules follow. */
type PlacedBlock = readonly [offset: number, length: number, textBytes: number, start: number];

/** What no text has in it. */
const BETWEEN = "\0";

/** Nobody is shown a place in the knowledge, and nobody runs it. */
const MEANING = "meaning";

/** What an archive must have been packed for. */
const FORMAT = `${FACTS_SCHEMA}.${CODING}`;

/** The archive as the host has it, and what the host does best with bytes. */
export interface PackedKnowledge {
  /** A part of it, in bytes; called when something is asked for. Throws when there is none. */
  readonly read: (offset: number, length: number) => Uint8Array;
  /** Undoes raw deflate. */
  readonly inflate: (bytes: Uint8Array) => Uint8Array;
  /** Text of UTF-8. */
  readonly decode: (bytes: Uint8Array) => string;
}

/** A block, inflated: its modules, of which the first begins at `start`. */
interface Block {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly texts: readonly string[];
}

/** The archive, read. */
interface Opened {
  readonly index: ArchiveIndex;
  readonly texts: readonly string[];
  /** Where the parts begin. */
  readonly end: number;
}

export class KnowledgeArchive {
  #opened: Opened | undefined;
  #effects: EffectIndex | undefined;
  readonly #blocks = new Map<PlacedBlock, Block>();
  readonly #modules = new Map<string, KnownModule>();
  readonly #parents = new Map<Shelf, ReadonlySet<string>>();

  /** Questions throw when the archive cannot be read, or was packed for other facts. */
  constructor(private readonly packed: PackedKnowledge) {}

  has(shelf: Shelf, name: string): boolean {
    return Object.hasOwn(this.#open().index.modules[shelf], name);
  }

  module(shelf: Shelf, name: string): KnownModule | undefined {
    const key = `${shelf}:${name}`;
    const known = this.#modules.get(key);
    if (known) return known;
    if (!this.has(shelf, name)) return undefined;
    const { index, texts: common } = this.#open();
    const at = index.modules[shelf][name] as number;
    const { start, bytes, texts } = this.#block(at);
    const textOf = (number: number): string =>
      (number < common.length ? common[number] : texts[number - common.length]) as string;
    const facts = decodeFacts(bytes, at - start + 1, MEANING, textOf);
    const module = { facts, isPackage: bytes[at - start] === 1 };
    this.#modules.set(key, module);
    return module;
  }

  /** Whether a module of the package `name` is there, whether or not the package is itself. */
  hasBelow(shelf: Shelf, name: string): boolean {
    let parents = this.#parents.get(shelf);
    if (!parents) {
      parents = new Set(this.names(shelf).flatMap(parentsOf));
      this.#parents.set(shelf, parents);
    }
    return parents.has(name);
  }

  names(shelf: Shelf): readonly string[] {
    return Object.keys(this.#open().index.modules[shelf]);
  }

  /** Stub definition that speaks of the definition `key`. */
  effectOf(key: string): string | undefined {
    this.#effects ??= this.#parsed<EffectIndex>(this.#part(this.#open().index.effects));
    return Object.hasOwn(this.#effects, key) ? this.#effects[key] : undefined;
  }

  #open(): Opened {
    if (this.#opened) return this.#opened;
    const { buffer, byteOffset } = this.packed.read(0, 4);
    const length = new DataView(buffer, byteOffset, 4).getUint32(0, true);
    const index = this.#parsed<ArchiveIndex>(this.packed.read(4, length));
    if (index.format !== FORMAT) throw new Error("The knowledge was packed by another version; build again.");
    this.#opened = { index, texts: index.texts.split(BETWEEN), end: 4 + length };
    return this.#opened;
  }

  #part([offset, length]: Place): Uint8Array {
    return this.packed.inflate(this.packed.read(this.#open().end + offset, length));
  }

  #parsed<T>(bytes: Uint8Array): T {
    return JSON.parse(this.packed.decode(bytes)) as T;
  }

  /** The block of the module that begins at `at`. */
  #block(at: number): Block {
    const place = this.#open().index.blocks.findLast(([, , , start]) => start <= at) as PlacedBlock;
    const known = this.#blocks.get(place);
    if (known) return known;
    const [offset, length, textBytes, start] = place;
    const bytes = this.#part([offset, length]);
    const texts = this.packed.decode(bytes.subarray(0, textBytes)).split(BETWEEN);
    const block = { start, bytes: bytes.subarray(textBytes), texts };
    this.#blocks.set(place, block);
    return block;
  }
}

/** `a.b.c` -> `a`, `a.b` */
function parentsOf(name: string): readonly string[] {
  const parts = name.split(".");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("."));
}

// ---- Packing ----

/** What does it best where archives are made: the counterparts of `PackedKnowledge`. */
export interface Packing {
  readonly deflate: (bytes: Uint8Array) => Uint8Array;
  readonly encode: (text: string) => Uint8Array;
}

type Modules = Readonly<Record<Shelf, ReadonlyMap<string, KnownModule>>>;

const SHELVES: readonly Shelf[] = ["typeshed", "stubs"];
/** A text of that many modules is common. */
const COMMON = 3;
/** Bytes of modules in a block, before it is deflated: longer ones become smaller, shorter ones are sooner read. */
const BLOCK_SIZE = 32_768;

/** Packs an archive; the counterpart of `KnowledgeArchive`. */
export function packArchive(modules: Modules, effects: EffectIndex, { deflate, encode }: Packing): Uint8Array {
  const parts: Uint8Array[] = [];
  let end = 0;
  const place = (bytes: Uint8Array): Place => {
    const part = deflate(bytes);
    parts.push(part);
    end += part.length;
    return [end - part.length, part.length];
  };
  const common = commonTexts(modules);
  const blocks: PlacedBlock[] = [];
  const shelves: Record<Shelf, Record<string, number>> = { typeshed: {}, stubs: {} };
  let block = new OpenBlock(common, 0);
  const close = (): void => {
    const texts = encode(block.texts());
    blocks.push([...place(joined([texts, ...block.modules])), texts.length, block.start]);
    block = new OpenBlock(common, block.end);
  };
  for (const shelf of SHELVES) {
    for (const [name, module] of [...modules[shelf]].sort(([one], [other]) => (one < other ? -1 : 1))) {
      shelves[shelf][name] = block.end;
      block.add(module);
      if (block.end - block.start >= BLOCK_SIZE) close();
    }
  }
  close();
  const texts = joinedTexts([...common.keys()]);
  const index: ArchiveIndex = {
    format: FORMAT,
    texts,
    effects: place(encode(JSON.stringify(effects))),
    blocks,
    modules: shelves,
  };
  const head = encode(JSON.stringify(index));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length, true);
  return joined([length, head, ...parts]);
}

class OpenBlock {
  readonly modules: Uint8Array[] = [];
  /** Where its last module ends. */
  end: number;
  readonly #texts = new Map<string, number>();

  constructor(
    private readonly common: ReadonlyMap<string, number>,
    readonly start: number,
  ) {
    this.end = start;
  }

  add(module: KnownModule): void {
    const bytes = bytesOf(module, (text) => this.common.get(text) ?? this.#number(text));
    this.modules.push(bytes);
    this.end += bytes.length;
  }

  texts(): string {
    return joinedTexts([...this.#texts.keys()]);
  }

  #number(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const number = this.common.size + this.#texts.size;
    this.#texts.set(text, number);
    return number;
  }
}

function joinedTexts(texts: readonly string[]): string {
  const unfit = texts.find((text) => text.includes(BETWEEN));
  if (unfit !== undefined) throw new Error(`${JSON.stringify(unfit)} cannot stand in the archive.`);
  return texts.join(BETWEEN);
}

/** A byte that tells whether it is a package, and its facts. */
function bytesOf({ facts, isPackage }: KnownModule, numberOf: (text: string) => number): Uint8Array {
  const encoded = encodeFacts(facts, MEANING, numberOf);
  const bytes = new Uint8Array(1 + encoded.length);
  bytes[0] = isPackage ? 1 : 0;
  bytes.set(encoded, 1);
  return bytes;
}

/** The texts of many modules and their numbers, the most used ones first: they get the shortest numbers. */
function commonTexts(modules: Modules): ReadonlyMap<string, number> {
  const uses = new Map<string, { count: number; modules: number; last?: KnownModule }>();
  for (const module of SHELVES.flatMap((shelf) => [...modules[shelf].values()])) {
    bytesOf(module, (text) => {
      const use = uses.get(text) ?? { count: 0, modules: 0 };
      if (use.last !== module) use.modules++;
      uses.set(text, { count: use.count + 1, modules: use.modules, last: module });
      return 0;
    });
  }
  const common = [...uses].filter(([, use]) => use.modules >= COMMON).sort(([, one], [, other]) => other.count - one.count);
  return new Map(common.map(([text], number) => [text, number]));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
