/**
 * Ports in memory: files as a record, a clock that stands still, a log that is kept.
 */
import { posix } from "node:path";
import type { Clock, DirectoryEntry, Files, Log } from "../../server/src/analysis/ports.js";

/** A file system of texts by absolute path; `links` lead from one path to another. */
export class MemoryFiles implements Files {
  readonly #texts: Map<string, string>;
  readonly #links: ReadonlyMap<string, string>;
  /** Paths read so far, in order, for tests of what is read at all. */
  readonly reads: string[] = [];

  constructor(texts: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
    this.#texts = new Map(Object.entries(texts));
    this.#links = new Map(Object.entries(links));
  }

  write(path: string, text: string): void {
    this.#texts.set(path, text);
  }

  remove(path: string): void {
    this.#texts.delete(path);
  }

  read(path: string, maxBytes: number): ReturnType<Files["read"]> {
    this.reads.push(path);
    const text = this.#texts.get(this.realPath(path));
    if (text === undefined) return undefined;
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) return { kind: "large", bytes };
    // A lone replacement character stands for bytes that are no UTF-8.
    return text.includes("\uFFFD") ? { kind: "invalid" } : { kind: "text", text };
  }

  list(path: string): readonly DirectoryEntry[] | undefined {
    const folder = `${this.realPath(path).replace(/\/$/, "")}/`;
    const entries = new Map<string, DirectoryEntry>();
    for (const file of [...this.#texts.keys(), ...this.#links.keys()]) {
      if (!file.startsWith(folder)) continue;
      const [name, ...below] = file.slice(folder.length).split("/") as [string, ...string[]];
      const isFile = below.length === 0 && this.isFile(file);
      const link = this.#links.has(`${folder}${name}`);
      entries.set(name, { name, kind: isFile ? "file" : "directory", ...(link ? { link } : {}) });
    }
    return entries.size > 0 ? [...entries.values()] : undefined;
  }

  isFile(path: string): boolean {
    return this.#texts.has(this.realPath(path));
  }

  isDirectory(path: string): boolean {
    return !this.isFile(path) && this.list(path) !== undefined;
  }

  realPath(path: string): string {
    let current = posix.normalize(path);
    for (const [from, to] of this.#links) {
      if (current === from || current.startsWith(`${from}/`)) current = to + current.slice(from.length);
    }
    return current;
  }
}

export const stillClock: Clock = { now: () => 0 };

/** A log that keeps what it is told. */
export class MemoryLog implements Log {
  readonly warnings: string[] = [];
  readonly messages: string[] = [];

  warn(message: string): void {
    this.warnings.push(message);
  }

  info(message: string): void {
    this.messages.push(message);
  }
}
