/**
 * Everything a command asks of the process it runs in: files, streams, variables. One value, so that commands can be run
 * in a test as they are.
 */
import type { AnalysisHost } from "../analysis/host.js";
import type { Clock, Files, Log, Store } from "../analysis/ports.js";
import type { Palette } from "../report/text.js";
import type { Grammar } from "../syntax/grammar.js";
import type { Machine } from "./recording.js";

export interface Environment {
  readonly files: Files;
  readonly clock: Clock;
  /** Kept by the environment and printed by the command, after what it is about. */
  readonly log: Log & { take(): readonly string[] };
  /** Where the user stands, absolute, forward slashes. */
  readonly folder: string;
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Colours of standard output; none when it is no terminal or NO_COLOR is set. */
  readonly palette: Palette;
  /** Whether standard error is a terminal, where progress may be drawn. */
  readonly interactive: boolean;
  /** An absolute path of what the user typed. */
  resolve(path: string): string;
  print(text: string): void;
  printError(text: string): void;
  /** Writes a file; a byte order mark that the file had stays. Throws when it cannot be written. */
  write(path: string, text: string): void;
  /** The files as they were at a revision of Git, as far as it has the folders. Throws a UsageError when that cannot be. */
  filesAt(revision: string, folders: readonly string[]): Files;
  /** Names the engine by its content; undefined when it is not a build. */
  build(): string | undefined;
  /** Where things are kept for the next run; `folder`: absolute, where it is not the usual one. */
  openStore(folder?: string): Store;
  /** A host on a machine, which keeps facts in `store`. */
  createHost(machine: Machine, store: Store): Promise<{ readonly host: AnalysisHost; readonly grammar: Grammar }>;
}

/** The user asked for something that cannot be done: the message is printed without a stack, exit code 2. */
export class UsageError extends Error {}
