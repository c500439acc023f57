/**
 * When to analyse: the edited file on the next turn (A), the files an edit made stale after a quiet moment or a save (B),
 * everything else in slices while nothing better is to do (C): what edits put off, and the index. Edits always go first. Knows no protocol; what is
 * published is the publisher's business.
 */
import type { AnalysisHost, IndexProgress } from "../analysis/host.js";
import type { Clock } from "../analysis/ports.js";

/** Later: after what is already waiting, or after a while. Both answer how to call it off. */
export interface Turns {
  next(action: () => void): () => void;
  after(milliseconds: number, action: () => void): () => void;
}

export interface SchedulerOptions {
  readonly host: AnalysisHost;
  readonly clock: Clock;
  readonly turns: Turns;
  /** Looks at a file and sends what changed. */
  publish(path: string): void;
  /** Whether files that are not open are looked at, too. */
  everywhere(): boolean;
  openPaths(): readonly string[];
  /** Edits that were read but not yet applied: their result is worth waiting for. */
  queuedChanges(): number;
  /** `started` when indexing begins, a share (0 to 1) while it goes on, `done` when the workspace is known. */
  progress(state: "started" | "done" | number): void;
  /** Something was published or withdrawn, and everything is up to date for now. */
  settled(): void;
  failed(what: string, error: unknown): void;
}

/** Longest that analysis may keep the thread while it works in slices. */
const SLICE = 8;
const QUIET = 150;
/** Longest that a flood of edits may keep phase A waiting. */
const PATIENCE = 100;
/** After this long even a typist who never pauses gets a slice of the other phases in between. */
const STARVING = 1000;

export class Scheduler {
  /** Phase A: edited or opened, in the order in which that happened. */
  readonly #edited = new Set<string>();
  #editedSince = 0;
  /** Phase B: to look at again. */
  readonly #stale = new Set<string>();
  #indexing: Generator<IndexProgress, void, void> | undefined;
  #indexed = false;
  /** Edits may have put off work. */
  #isBehind = false;
  #waiters: (() => void)[] = [];
  /** Until settings are known nothing is published: what the first of them decide would be told wrong. */
  #held = true;
  #disposed = false;
  #cancelTurn: (() => void) | undefined;
  /** Set while the next edit is likely to come soon. */
  #cancelQuiet: (() => void) | undefined;
  /** When phases B and C had their last slice, or when they began to wait for quiet. */
  #lastSlice = 0;

  constructor(private readonly options: SchedulerOptions) {}

  /** A document was opened or changed: it is looked at on the next turn. */
  edited(path: string): void {
    if (this.#edited.size === 0) this.#editedSince = this.options.clock.now();
    this.#edited.delete(path);
    this.#edited.add(path);
    this.#waitForQuiet();
    this.#wake();
  }

  /** A save, or files that changed on disk: no more edits are expected. */
  saved(): void {
    this.#cancelQuiet?.();
    this.#cancelQuiet = undefined;
    this.#collectStale();
    this.#wake();
  }

  /** Look at these files again, when there is time. */
  refresh(paths: Iterable<string>): void {
    for (const path of paths) this.#stale.add(path);
    this.#wake();
  }

  /** From now on files that are not open are looked at, too. */
  lookEverywhere(): void {
    // While the index is being made its end does this.
    if (this.#indexed) this.refresh([...this.options.openPaths(), ...this.options.host.reportedFiles()]);
  }

  /** A document that is gone; the caller says by `saved` or `refresh` what follows from that. */
  closed(path: string): void {
    this.#edited.delete(path);
    this.#stale.delete(path);
  }

  /** Folders or settings changed: a running index is given up and made anew, and everything is looked at again. */
  foldersChanged(): void {
    this.#indexing?.return();
    this.#indexing = this.options.host.index();
    this.#indexed = false;
    this.options.progress("started");
    this.refresh(this.options.openPaths());
  }

  /** Settings are known: from now on findings are published. */
  release(): void {
    this.#held = false;
    this.#wake();
  }

  /** Resolves when the workspace is indexed and nothing stale is left. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Indexes anew and looks at every file that is reported on; resolves when that is done. */
  async checkEverything(): Promise<void> {
    this.foldersChanged();
    await this.idle();
    this.refresh(this.options.host.reportedFiles());
    await this.idle();
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancelTurn?.();
    this.#cancelQuiet?.();
    this.#indexing?.return();
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return !this.#held && this.#indexed && !this.#isBehind && this.#edited.size === 0 && this.#stale.size === 0;
  }

  #wake(): void {
    if (this.#held || this.#disposed || this.#cancelTurn) return;
    this.#cancelTurn = this.options.turns.next(() => {
      this.#cancelTurn = undefined;
      this.#guarded(() => this.#turn());
      const more = this.#stale.size > 0 || this.#isBehind || this.#indexing !== undefined;
      if (this.#edited.size > 0 || (more && this.#mayWork())) this.#wake();
      else if (!more) this.#settle();
    });
  }

  /** Whether phases B and C may take a slice. A step of theirs can be long, and a typist would wait for it. */
  #mayWork(): boolean {
    return this.#cancelQuiet === undefined || this.options.clock.now() - this.#lastSlice > STARVING;
  }

  /** Whatever fails, the next turn comes, and who waits for the end is told. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.options.failed("Analysis", error);
    }
  }

  #settle(): void {
    this.#guarded(() => this.options.settled());
    if (this.#isIdle()) for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #turn(): void {
    if (this.#edited.size > 0) {
      const { queuedChanges, clock } = this.options;
      // Each message takes a turn of its own, so the queue moves on while this waits.
      if (queuedChanges() > 0 && clock.now() - this.#editedSince < PATIENCE) return;
      const edited = [...this.#edited].reverse();
      this.#edited.clear();
      for (const path of edited) this.#publish(path);
    } else if (!this.#mayWork()) return;
    else if (this.#stale.size > 0) this.#slice(() => this.#publishStale());
    else if (this.#isBehind) this.#slice(() => this.#catchUp());
    else if (this.#indexing) this.#slice(() => this.#indexNext());
  }

  /** Repeats a step that answers whether there is more, until the slice is over. */
  #slice(step: () => boolean): void {
    const end = this.options.clock.now() + SLICE;
    while (step() && this.options.clock.now() < end) {
      // The step did the work.
    }
    this.#lastSlice = this.options.clock.now();
  }

  #publishStale(): boolean {
    // Open files first: somebody looks at them.
    const path = this.options.openPaths().find((open) => this.#stale.has(open)) ?? this.#stale.values().next().value;
    if (path === undefined) return false;
    this.#stale.delete(path);
    this.#publish(path);
    return this.#stale.size > 0;
  }

  #publish(path: string): void {
    try {
      this.options.publish(path);
    } catch (error) {
      this.options.failed(`Analysis of ${path}`, error);
    }
  }

  /** What was put off may change findings, too. */
  #catchUp(): boolean {
    try {
      if (this.options.host.catchUp()) return true;
    } catch (error) {
      this.options.failed("Analysis", error);
    }
    this.#isBehind = false;
    this.#takeChanged();
    return false;
  }

  #indexNext(): boolean {
    try {
      const step = this.#indexing?.next();
      if (step && !step.done) {
        this.options.progress(step.value.total > 0 ? step.value.done / step.value.total : 0);
        return true;
      }
    } catch (error) {
      this.options.failed("Indexing", error);
    }
    this.#indexing = undefined;
    this.#indexed = true;
    this.#guarded(() => this.options.progress("done"));
    this.#collectStale();
    if (this.options.everywhere()) for (const path of this.options.host.reportedFiles()) this.#stale.add(path);
    return false;
  }

  #waitForQuiet(): void {
    if (!this.#cancelQuiet) this.#lastSlice = this.options.clock.now();
    this.#cancelQuiet?.();
    this.#cancelQuiet = this.options.turns.after(QUIET, () => {
      this.#cancelQuiet = undefined;
      this.#collectStale();
      this.#wake();
    });
  }

  #collectStale(): void {
    this.#isBehind = true;
    this.#takeChanged();
  }

  #takeChanged(): void {
    try {
      const { host, openPaths, everywhere } = this.options;
      const changed = host.takeChanged();
      const reported = everywhere() ? undefined : new Set(openPaths());
      for (const path of changed) if (reported?.has(path) ?? true) this.#stale.add(path);
    } catch (error) {
      this.options.failed("Analysis", error);
    }
  }
}
