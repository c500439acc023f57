/**
 * A thread that notices when the server's own no longer turns. Nothing else can: who is caught in an endless loop answers no
 * request, not even the one to stop. The process is ended then, so that the editor can start another, and standard error says what
 * was being done. Seconds are counted by the thread's own ticks: a computer that slept is not taken for a server that hangs.
 */
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

/** Seconds without a turn after which the process is ended. No honest work takes as long, on however slow a machine. */
const PATIENCE = 180;
/** Milliseconds between two looks. */
const TICK = 1000;
/** Longest description that is kept, in bytes. */
const LONGEST = 400;

export interface WatchTask {
  readonly role: "watch";
  /** How many turns there were, and how many bytes of `doing` say what is being done. */
  readonly counts: Int32Array;
  readonly doing: Uint8Array;
  /** In seconds. */
  readonly patience: number;
}

export interface Watchdog {
  /** Says what begins now. */
  doing(what: string): void;
}

const NOBODY: Watchdog = { doing: () => {} };

/**
 * Starts a thread that runs `bundle` and ends this process after `patience` seconds without a turn. None for a patience of 0, nor where
 * no thread may be started.
 */
export function startWatchdog(bundle: string, patience: number = patienceIn(process.env)): Watchdog {
  if (patience === 0) return NOBODY;
  const counts = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const shared = new SharedArrayBuffer(LONGEST);
  const task: WatchTask = { role: "watch", counts, doing: new Uint8Array(shared), patience };
  try {
    const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
    const thread = new Worker(bundle, { workerData: task, resourceLimits, execArgv: [] });
    thread.on("error", () => {});
    thread.unref();
  } catch {
    return NOBODY;
  }
  setInterval(() => void Atomics.add(counts, TURNS, 1), TICK / 2).unref();
  const text = Buffer.from(shared);
  return { doing: (what) => void Atomics.store(counts, LENGTH, text.write(what)) };
}

/** `LOOPGUARD_PATIENCE`, in seconds, is for whoever holds the server in a debugger: 0 is for ever. */
function patienceIn({ LOOPGUARD_PATIENCE }: NodeJS.ProcessEnv): number {
  const seconds = Number(LOOPGUARD_PATIENCE ?? PATIENCE);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : PATIENCE;
}

const TURNS = 0;
const LENGTH = 1;

/** What the thread does, until its process ends. */
export function watch({ counts, doing, patience }: WatchTask): void {
  let seen = Atomics.load(counts, TURNS);
  let silent = 0;
  setInterval(() => {
    const turns = Atomics.load(counts, TURNS);
    silent = turns === seen ? silent + 1 : 0;
    seen = turns;
    const seconds = Math.round((silent * TICK) / 1000);
    const what = (): string => Buffer.from(doing.slice(0, Atomics.load(counts, LENGTH))).toString() || "nothing that has a name";
    if (seconds === Math.ceil(patience / 3)) say(`no turn for ${seconds} s. Begun last: ${what()}`);
    if (seconds < patience) return;
    say(`no turn for ${seconds} s, the server is ended. Please report what it was doing: ${what()}`);
    process.kill(process.pid, "SIGKILL");
  }, TICK);
}

/** Past the streams of node: those of a thread go through the one that hangs. */
function say(message: string): void {
  try {
    writeSync(2, `loopguard: ${message}\n`);
  } catch {
    // Nobody listens.
  }
}
