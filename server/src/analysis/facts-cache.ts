/**
 * Facts by the content they were read from: what was read once, in this process or in an earlier one, is not read again.
 * An entry says nothing of where the file stands, so that machines and checkouts can share a store.
 */
import { hashText } from "../base/hash.js";
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
    let facts = this.#stored(key, text);
    if (!facts) {
      this.read++;
      facts = read();
      this.store?.write(key, `${sealOf(text)}\n${JSON.stringify(facts)}`);
    }
    this.#held.set(key, new WeakRef(facts));
    this.#collected.register(facts, key);
    return facts;
  }

  /** What the store holds, unless it is of another text. */
  #stored(key: string, text: string): FileFacts | undefined {
    const entry = this.store?.read(key);
    const end = entry?.indexOf("\n") ?? -1;
    if (entry === undefined || end < 0) return undefined;
    if (entry.slice(0, end) !== sealOf(text)) return undefined;
    try {
      return JSON.parse(entry.slice(end + 1)) as FileFacts;
    } catch {
      return undefined;
    }
  }
}

/** What stands before the facts of a text: an entry of another schema is not read, nor one of another text under the same key. */
function sealOf(text: string): string {
  return `${FACTS_SCHEMA} ${text.length}`;
}
