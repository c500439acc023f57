/**
 * The packed knowledge: typeshed's modules and our stubs as facts, each deflated on its own and read when first asked
 * for, and the table that says which definition each stub speaks of. Layout: four bytes length of the index
 * (little-endian), the deflated index (JSON), then the deflated dictionary and modules at the offsets the index names.
 */
import { inflateSync, strFromU8, strToU8 } from "fflate";
import { FACTS_SCHEMA, type FileFacts } from "../facts/types.js";

export type Shelf = "typeshed" | "stubs";

export interface KnownModule {
  readonly facts: FileFacts;
  readonly isPackage: boolean;
}

/** `module:qualified.name` of a definition -> the stub that speaks of it, as `module:qualified.name` of the stub. */
export type EffectIndex = Readonly<Record<string, string>>;

/** Where something deflated stands behind the index, in bytes. */
type Place = readonly [offset: number, length: number];

interface ArchiveIndex {
  readonly schema: number;
  /** What modules have in common: each is deflated as if it followed upon that. */
  readonly dictionary: Place;
  readonly modules: Readonly<
    Record<Shelf, Readonly<Record<string, readonly [offset: number, length: number, isPackage: 0 | 1]>>>
  >;
  readonly effects: EffectIndex;
}

export class KnowledgeArchive {
  readonly #bytes: Uint8Array;
  readonly #index: ArchiveIndex;
  readonly #base: number;
  #dictionary: Uint8Array | undefined;
  readonly #modules = new Map<string, KnownModule>();
  readonly #parents = new Map<Shelf, ReadonlySet<string>>();

  /** Reads the index only. Throws when the archive was packed for another shape of facts. */
  constructor(bytes: Uint8Array) {
    const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
    this.#bytes = bytes;
    this.#base = 4 + length;
    this.#index = JSON.parse(strFromU8(inflateSync(bytes.subarray(4, this.#base)))) as ArchiveIndex;
    if (this.#index.schema !== FACTS_SCHEMA) throw new Error("The knowledge was packed by another version; build again.");
  }

  has(shelf: Shelf, name: string): boolean {
    return Object.hasOwn(this.#index.modules[shelf], name);
  }

  module(shelf: Shelf, name: string): KnownModule | undefined {
    const key = `${shelf}:${name}`;
    const known = this.#modules.get(key);
    if (known) return known;
    if (!this.has(shelf, name)) return undefined;
    const [offset, length, isPackage] = this.#index.modules[shelf][name] as readonly [number, number, 0 | 1];
    this.#dictionary ??= inflateSync(this.#part(this.#index.dictionary));
    const text = strFromU8(inflateSync(this.#part([offset, length]), { dictionary: this.#dictionary }));
    const facts = JSON.parse(text) as FileFacts;
    const module = { facts, isPackage: isPackage === 1 };
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

  #part([offset, length]: Place): Uint8Array {
    const start = this.#base + offset;
    return this.#bytes.subarray(start, start + length);
  }

  names(shelf: Shelf): readonly string[] {
    return Object.keys(this.#index.modules[shelf]);
  }

  /** Stub definition that speaks of the definition `key`. */
  effectOf(key: string): string | undefined {
    return Object.hasOwn(this.#index.effects, key) ? this.#index.effects[key] : undefined;
  }
}

/** `a.b.c` -> `a`, `a.b` */
function parentsOf(name: string): readonly string[] {
  const parts = name.split(".");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("."));
}

/** Deflates bytes, raw, as if they followed upon `dictionary`. */
export type Deflate = (bytes: Uint8Array, dictionary?: Uint8Array) => Uint8Array;

/** Packs an archive; the counterpart of `KnowledgeArchive`. `deflate`: whatever does it best where archives are made. */
export function packArchive(
  modules: Readonly<Record<Shelf, ReadonlyMap<string, KnownModule>>>,
  effects: EffectIndex,
  deflate: Deflate,
): Uint8Array {
  const texts = new Map([...modules.typeshed, ...modules.stubs].map(([, { facts }]) => [facts, strToU8(JSON.stringify(facts))]));
  const dictionary = dictionaryOf([...texts.values()]);
  const blobs = [deflate(dictionary)];
  let offset = blobs[0]?.length ?? 0;
  const shared: Place = [0, offset];
  const shelve = (shelf: Shelf): Record<string, readonly [number, number, 0 | 1]> => {
    const table: Record<string, readonly [number, number, 0 | 1]> = {};
    for (const [name, module] of modules[shelf]) {
      const blob = deflate(texts.get(module.facts) as Uint8Array, dictionary);
      blobs.push(blob);
      table[name] = [offset, blob.length, module.isPackage ? 1 : 0];
      offset += blob.length;
    }
    return table;
  };
  const index: ArchiveIndex = {
    schema: FACTS_SCHEMA,
    dictionary: shared,
    modules: { typeshed: shelve("typeshed"), stubs: shelve("stubs") },
    effects,
  };
  const head = deflate(strToU8(JSON.stringify(index)));
  const archive = new Uint8Array(4 + head.length + offset);
  new DataView(archive.buffer).setUint32(0, head.length, true);
  archive.set(head, 4);
  let at = 4 + head.length;
  for (const blob of blobs) {
    archive.set(blob, at);
    at += blob.length;
  }
  return archive;
}

/** As far back as deflate looks. */
const DICTIONARY_SIZE = 32_768;
/** Long enough for whole expressions, short enough to hear many modules. */
const SAMPLE_SIZE = 512;

/** Samples from the middle of texts, evenly spread over them. */
function dictionaryOf(texts: readonly Uint8Array[]): Uint8Array {
  const count = DICTIONARY_SIZE / SAMPLE_SIZE;
  const dictionary = new Uint8Array(DICTIONARY_SIZE);
  for (let index = 0; index < count; index++) {
    const text = texts[Math.floor((index * texts.length) / count)] ?? dictionary.subarray(0, 0);
    const start = Math.max(0, (text.length - SAMPLE_SIZE) >> 1);
    dictionary.set(text.subarray(start, start + SAMPLE_SIZE), index * SAMPLE_SIZE);
  }
  return dictionary;
}
