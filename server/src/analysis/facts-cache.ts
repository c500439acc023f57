/**
 * Facts by the content they were read from: what was read once, in this process or in an earlier one, is not read again.
 * An entry says nothing of where the file stands, so that machines and checkouts can share a store.
 */
import { hashText } from "../base/hash.js";
import { CODING, decodeFacts, encodeFacts } from "../facts/coding.js";
import { FACTS_SCHEMA, type FileFacts } from "../facts/types.js";
import type { ReadAhead, Store } from "./ports.js";

/** In shorter texts there is nothing to save. In UTF-16 code units. */
const SHORTEST = 200;

export class FactsCache {
  /** As long as somebody holds them: of files that are the same, and of a file that is read again unchanged. */
  readonly #held = new Map<string, WeakRef<FileFacts>>();
  readonly #collected = new FinalizationRegistry<string>((key) => {
    if (this.#held.get(key)?.deref() === undefined) this.#held.delete(key);
  });

  /** How many texts had to be read, since nobody had before. */
  read = 0;

  constructor(private readonly store: Store | undefined) {}

  /** Has others read the files at `paths` into the store, from the last on. */
  readAhead(paths: readonly string[]): ReadAhead | undefined {
    return this.store?.readAhead?.(paths);
  }

  /** Facts of `text`; `read` makes them when nobody has yet. */
  facts(text: string, read: () => FileFacts): FileFacts {
    if (text.length < SHORTEST) return read();
    const key = `${hashText(text)}${hashText(text, 1)}`;
    const held = this.#held.get(key)?.deref();
    if (held) return held;
    const facts = this.#stored(key, text) ?? this.#packed(key, text, read());
    this.#held.set(key, new WeakRef(facts));
    this.#collected.register(facts, key);
    return facts;
  }

  /** What the store holds, unless it is of another text. */
  #stored(key: string, text: string): FileFacts | undefined {
    const entry = this.store?.read(key);
    if (!entry?.bytes?.length) return undefined;
    try {
      const [seal, texts] = JSON.parse(entry.text) as readonly [string, readonly string[]];
      return seal === sealOf(text) ? factsIn(entry.bytes, texts) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps facts, and gives them back as others will find them: packed, until somebody asks for some of them. */
  #packed(key: string, text: string, facts: FileFacts): FileFacts {
    this.read++;
    const numbers = new Map<string, number>();
    const bytes = encodeFacts(facts, "all", (name) => {
      let number = numbers.get(name);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(name, number);
      }
      return number;
    });
    const texts = [...numbers.keys()];
    this.store?.write(key, { text: JSON.stringify([sealOf(text), texts]), bytes });
    return factsIn(bytes, texts);
  }
}

function factsIn(bytes: Uint8Array, texts: readonly string[]): FileFacts {
  return decodeFacts(bytes, 0, "all", (number) => texts[number] as string);
}

/** What stands before the facts of a text: an entry of another schema is not read, nor one of another text under the same key. */
function sealOf(text: string): string {
  return `${FACTS_SCHEMA}.${CODING} ${text.length}`;
}
