/**
 * The ports of analysis/ports.ts for node: files on disk, a clock, a log, and the files that stand beside the bundle.
 * Knows the operating system and nothing of Python.
 */
import { isUtf8 } from "node:buffer";
import { openSync, readdirSync, readFileSync, readSync, realpathSync, type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { inflateRawSync } from "node:zlib";
import type { Clock, DirectoryEntry, Files, FileText, Log } from "../analysis/ports.js";
import type { PackedKnowledge } from "../knowledge/archive.js";
import type { GrammarSource } from "../syntax/grammar.js";

/** A path as the core writes it: absolute, forward slashes, a drive letter in lower case. */
export function toCorePath(path: string): string {
  const absolute = resolve(path);
  if (process.platform !== "win32") return absolute;
  return absolute.replaceAll("\\", "/").replace(/^[A-Z]:/, (drive) => drive.toLowerCase());
}

export function createNodeFiles(log: Log): Files {
  return {
    read: (path, maxBytes) => readText(path, maxBytes, log),
    list: (path) => listDirectory(path, log),
    isFile: (path) => statusOf(path)?.isFile() ?? false,
    isDirectory: (path) => statusOf(path)?.isDirectory() ?? false,
    realPath: (path) => {
      try {
        return toCorePath(realpathSync.native(path));
      } catch {
        return path;
      }
    },
  };
}

function readText(path: string, maxBytes: number, log: Log): FileText | undefined {
  try {
    const status = statSync(path);
    // Opening a named pipe would wait for its writer.
    if (!status.isFile()) {
      log.warn(`${path} is no regular file.`);
      return undefined;
    }
    if (status.size > maxBytes) return { kind: "large", bytes: status.size };
    return decodeText(readFileSync(path));
  } catch (error) {
    log.warn(`${path} cannot be read: ${reasonOf(error)}`);
    return undefined;
  }
}

const BYTE_ORDER_MARK = 0xfeff;

/** Text of UTF-8, or of the encoding that the text names itself; a byte order mark is dropped. */
export function decodeText(bytes: Buffer): FileText {
  const text = isUtf8(bytes) ? bytes.toString("utf8") : decodeNamed(bytes);
  if (text === undefined) return { kind: "invalid" };
  return { kind: "text", text: text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text };
}

/** Text in the encoding that a comment in one of its first two lines names, as in `-*- coding: latin-1 -*-`. */
function decodeNamed(bytes: Buffer): string | undefined {
  const head = bytes
    .subarray(0, 500)
    .toString("latin1")
    .split(/\r\n?|\n/, 2);
  const named = head.map((line) => /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/.exec(line)?.[1]).find(Boolean);
  if (named === undefined) return undefined;
  try {
    // `latin-1`, `iso8859_15`, `cp1251`: Python is lenient where the standard of the web is not.
    const label = named
      .toLowerCase()
      .replaceAll("_", "-")
      .replace(/^latin-(\d)/, "latin$1")
      .replace(/^iso-?8859/, "iso-8859");
    return new TextDecoder(label.replace(/^cp(\d)/, "windows-$1"), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function listDirectory(path: string, log: Log): readonly DirectoryEntry[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      // A link counts as what it leads to; one that leads nowhere, or to itself, is neither.
      kind: kindOf(entry.isSymbolicLink() ? statusOf(join(path, entry.name)) : entry),
      ...(entry.isSymbolicLink() ? { link: true } : {}),
    }));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOENT" && code !== "ENOTDIR") log.warn(`${path} cannot be listed: ${reasonOf(error)}`);
    return undefined;
  }
}

function kindOf(status: Pick<Stats, "isFile" | "isDirectory"> | undefined): DirectoryEntry["kind"] {
  if (status?.isFile()) return "file";
  return status?.isDirectory() ? "directory" : "other";
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The system's reason in words, without the path and the system call that node appends. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "it does not exist";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a folder";
    case "ELOOP":
      return "its links lead in a circle";
    default:
      return message.replace(/, \w+ '.*'$/, "");
  }
}

export const nodeClock: Clock = { now: () => performance.now() };

/** Turns of this process: each starts an action, at the next one or after so many ms, and answers with what takes it back. */
export const nodeTurns = {
  next: (action: () => void): (() => void) => {
    const immediate = setImmediate(action);
    return () => clearImmediate(immediate);
  },
  after: (milliseconds: number, action: () => void): (() => void) => {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** What the bundle brings along: built by scripts/build.mjs into one folder. */
export interface Distribution {
  readonly grammar: GrammarSource;
  readonly knowledge: PackedKnowledge;
}

/** The folder of the built files: the bundle's own; `dist` of the project when the sources run unbundled. */
export function distributionFolder(): string {
  return statusOf(join(__dirname, "web-tree-sitter.wasm")) ? __dirname : resolve(__dirname, "..", "..", "..", "dist");
}

/** Reads the grammar and opens the knowledge. Throws, naming the file, when one of them is missing. */
export function readDistribution(folder: string = distributionFolder()): Distribution {
  const orExplain = <T>(name: string, use: (path: string) => T): T => {
    const path = join(folder, name);
    try {
      return use(path);
    } catch (error) {
      throw new Error(`${path} cannot be read: ${reasonOf(error)}. Install Loopguard again, or run \`npm run build\`.`);
    }
  };
  const read = (name: string): Uint8Array => orExplain(name, (path) => readFileSync(path));
  return {
    grammar: { runtime: read("web-tree-sitter.wasm"), python: read("tree-sitter-python.wasm") },
    knowledge: orExplain("knowledge.bin", openKnowledge),
  };
}

/** The file stays open: an upgrade may put another one in its place. */
function openKnowledge(path: string): PackedKnowledge {
  const file = openSync(path, "r");
  return {
    read: (offset, length) => {
      const bytes = Buffer.allocUnsafe(length);
      const count = readSync(file, bytes, 0, length, offset);
      if (count !== length) throw new Error(`${path} is damaged. Install Loopguard again, or run \`npm run build\`.`);
      return bytes;
    },
    inflate: inflateRawSync,
    decode: ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString("utf8"),
  };
}
