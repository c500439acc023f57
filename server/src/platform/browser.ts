/**
 * The ports of analysis/ports.ts for a browser's worker: files in memory, a clock, turns, and the distribution from addresses.
 * Knows nothing of Python and of node.
 */
import { inflateSync } from "fflate";
import type { Clock, DirectoryEntry, Files } from "../analysis/ports.js";
import type { PackedKnowledge } from "../knowledge/archive.js";
import type { GrammarSource } from "../syntax/grammar.js";

/** Files in memory, by absolute path; folders are where files lie. */
export function createMemoryFiles(texts: ReadonlyMap<string, string>): Files {
  const folders = new Map<string, Map<string, DirectoryEntry>>();
  for (const path of texts.keys()) {
    let child = path;
    let kind: DirectoryEntry["kind"] = "file";
    while (child.length > 1) {
      const slash = child.lastIndexOf("/");
      const folder = slash <= 0 ? "/" : child.slice(0, slash);
      const name = child.slice(slash + 1);
      const entries = folders.get(folder) ?? new Map<string, DirectoryEntry>();
      entries.set(name, { name, kind });
      folders.set(folder, entries);
      child = folder;
      kind = "directory";
    }
  }
  return {
    read: (path, maxBytes) => {
      const text = texts.get(path);
      if (text === undefined) return undefined;
      return text.length > maxBytes ? { kind: "large", bytes: text.length } : { kind: "text", text };
    },
    list: (path) => {
      const entries = folders.get(path);
      return entries && [...entries.values()];
    },
    isFile: (path) => texts.has(path),
    isDirectory: (path) => folders.has(path),
    realPath: (path) => path,
  };
}

export const browserClock: Clock = { now: () => performance.now() };

/** What is to be done next, without the 4 ms that a timer waits after a few rounds. */
export function createTurns(): {
  next(action: () => void): () => void;
  after(milliseconds: number, action: () => void): () => void;
} {
  const waiting = new Map<number, () => void>();
  const channel = new MessageChannel();
  let last = 0;
  channel.port1.onmessage = ({ data }: MessageEvent<number>) => {
    const action = waiting.get(data);
    waiting.delete(data);
    action?.();
  };
  return {
    next: (action) => {
      const turn = ++last;
      waiting.set(turn, action);
      channel.port2.postMessage(turn);
      return () => void waiting.delete(turn);
    },
    after: (milliseconds, action) => {
      const timer = setTimeout(action, milliseconds);
      return () => clearTimeout(timer);
    },
  };
}

export interface Distribution {
  readonly grammar: GrammarSource;
  readonly knowledge: PackedKnowledge;
}

/** Fetches the files that scripts/build.mjs puts beside the bundle. Throws, naming the address, when one is not there. */
export async function fetchDistribution(base: string): Promise<Distribution> {
  const get = async (name: string): Promise<Uint8Array> => {
    const address = new URL(name, base).href;
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address} cannot be fetched: ${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  const [runtime, python, knowledge] = await Promise.all(
    ["web-tree-sitter.wasm", "tree-sitter-python.wasm", "knowledge.bin"].map(get),
  );
  return {
    grammar: { runtime: runtime as Uint8Array, python: python as Uint8Array },
    knowledge: knowledgeIn(knowledge as Uint8Array),
  };
}

function knowledgeIn(archive: Uint8Array): PackedKnowledge {
  const decoder = new TextDecoder();
  return {
    read: (offset, length) => {
      if (offset + length > archive.length) throw new Error("The knowledge is damaged; fetch it again.");
      return archive.subarray(offset, offset + length);
    },
    inflate: (bytes) => inflateSync(bytes),
    decode: (bytes) => decoder.decode(bytes),
  };
}
