/**
 * What the core asks of the machine it runs on. Implemented by platform/node.ts and platform/browser.ts, and by tests in
 * memory. Reading is synchronous: the linker asks for a module in the middle of an answer; a browser host loads what it
 * has into memory beforehand and leaves the rest unknown.
 *
 * Paths are absolute with forward slashes (`/home/u/a.py`, `c:/project/a.py`); a document that is no file goes by its URI.
 */

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "other";
  /** It is a link, and leads to what `kind` says. */
  readonly link?: true;
}

/** A file system. No method throws: what cannot be read is `undefined`, with the reason given to the log. */
export interface Files {
  /**
   * Text of a file, decoded as UTF-8 (a BOM is dropped) or as a comment in it says; `invalid` when it is neither, `large`
   * beyond `maxBytes`.
   */
  read(path: string, maxBytes: number): FileText | undefined;
  /** Entries of a directory, links followed; undefined when it is none or may not be read. */
  list(path: string): readonly DirectoryEntry[] | undefined;
  isFile(path: string): boolean;
  isDirectory(path: string): boolean;
  /** The path with links resolved, to see that two paths are one place; the path itself when that fails. */
  realPath(path: string): string;
}

export type FileText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "invalid" }
  | { readonly kind: "large"; readonly bytes: number };

/** What is kept under a key: a text, and bytes where there are any. */
export interface Entry {
  readonly text: string;
  readonly bytes?: Uint8Array;
}

/**
 * What is kept from one run to the next: what was written, whole, or nothing, at any time. Keys are hexadecimal. No method
 * throws.
 */
export interface Store {
  read(key: string): Entry | undefined;
  write(key: string, entry: Entry): void;
  /** Has the facts of these files read into the store beside what goes on; absent where nobody can. */
  readonly readAhead?: (paths: readonly string[]) => ReadAhead | undefined;
}

/** Others who read files while somebody goes through them from the first to the last: they come from the other end. */
export interface ReadAhead {
  /** So many files need not be read any more. */
  passed(count: number): void;
  stop(): void;
}

/** Milliseconds that only go forward. */
export interface Clock {
  now(): number;
}

export interface Log {
  /** What a user should see when he looks why something is missing. */
  warn(message: string): void;
  info(message: string): void;
}
