/**
 * The packed knowledge: typeshed's modules and our stubs as facts, each deflated on its own and read when first asked
 * for, and the table that says which definition each stub speaks of. Layout: four bytes length of the index
 * (little-endian), the deflated index (JSON), then the deflated modules at the offsets the index names.
 */
import { deflateSync, inflateSync, strFromU8, strToU8 } from "fflate";
import { FACTS_SCHEMA, type FileFacts } from "../facts/types.js";

export type Shelf = "typeshed" | "stubs";

export interface KnownModule {
  readonly facts: FileFacts;
  readonly isPackage: boolean;
}

/** `module:qualified.name` of a definition -> the stub that speaks of it, as `module:qualified.name` of the stub. */
export type EffectIndex = Readonly<Record<string, string>>;

interface ArchiveIndex {
  readonly schema: number;
  readonly modules: Readonly<
    Record<Shelf, Readonly<Record<string, readonly [offset: number, length: number, isPackage: 0 | 1]>>>
  >;
  readonly effects: EffectIndex;
}

export class KnowledgeArchive {
  readonly #bytes: Uint8Array;
  readonly #index: ArchiveIndex;
  readonly #base: number;
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
    const start = this.#base + offset;
    const facts = JSON.parse(strFromU8(inflateSync(this.#bytes.subarray(start, start + length)))) as FileFacts;
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

/** Packs an archive; the counterpart of `KnowledgeArchive`. */
export function packArchive(
  modules: Readonly<Record<Shelf, ReadonlyMap<string, KnownModule>>>,
  effects: EffectIndex,
): Uint8Array {
  const blobs: Uint8Array[] = [];
  let offset = 0;
  const shelve = (shelf: Shelf): Record<string, readonly [number, number, 0 | 1]> => {
    const table: Record<string, readonly [number, number, 0 | 1]> = {};
    for (const [name, module] of modules[shelf]) {
      const blob = deflateSync(strToU8(JSON.stringify(module.facts)), { level: 9 });
      blobs.push(blob);
      table[name] = [offset, blob.length, module.isPackage ? 1 : 0];
      offset += blob.length;
    }
    return table;
  };
  const index: ArchiveIndex = {
    schema: FACTS_SCHEMA,
    modules: { typeshed: shelve("typeshed"), stubs: shelve("stubs") },
    effects,
  };
  const head = deflateSync(strToU8(JSON.stringify(index)), { level: 9 });
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
