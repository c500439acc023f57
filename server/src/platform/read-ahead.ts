/**
 * Threads that read facts into a store beside the analysis. They are told of nothing but where to stop: what they have read is
 * found in the store, as if an earlier run had read it. When one fails, there is only less to be found.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ReadAhead } from "../analysis/ports.js";

/** More do not pay: the store's folder is one, and somebody works on this machine. */
const MOST_READERS = 3;

/** What a thread is given. */
export interface ReaderTask {
  readonly role: "reader";
  /** Folder of the store. */
  readonly folder: string;
  readonly paths: readonly string[];
  /** How many paths, from the first, need not be read any more, and how many, from the last, are taken. */
  readonly counts: Int32Array;
}

/** Starts threads that run `bundle`; none where there is one processor. */
export function startReaders(
  bundle: string,
  folder: string,
  paths: readonly string[],
  processors: number = availableParallelism(),
): ReadAhead {
  const counts = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const task: ReaderTask = { role: "reader", folder, paths, counts };
  const readers = Array.from({ length: Math.min(processors - 1, MOST_READERS) }, () => startReader(bundle, task) ?? []).flat();
  return {
    passed: (count) => void Atomics.store(counts, PASSED, count),
    stop: () => {
      Atomics.store(counts, PASSED, paths.length);
      for (const reader of readers) void reader.terminate();
    },
  };
}

/** Undefined where this process may start no thread. */
function startReader(bundle: string, task: ReaderTask): Worker | undefined {
  try {
    const reader = new Worker(bundle, { workerData: task, resourceLimits: { maxYoungGenerationSizeMb: 16 } });
    reader.on("error", () => {});
    reader.unref();
    return reader;
  } catch {
    return undefined;
  }
}

const PASSED = 0;
const TAKEN = 1;

/** The paths that are left for this thread, each once among all threads. */
export function* pathsLeft({ paths, counts }: ReaderTask): Generator<string, void, void> {
  for (;;) {
    const index = paths.length - 1 - Atomics.add(counts, TAKEN, 1);
    // The next one is being read by who goes the other way.
    if (index <= Atomics.load(counts, PASSED) + 1) return;
    yield paths[index] as string;
  }
}
