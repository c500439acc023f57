/**
 * Tells the client what the server is doing: `loopguard/status` for clients that show it, and `$/progress` while the
 * workspace is indexed. Says nothing twice.
 */
import { type Connection, WorkDoneProgress, WorkDoneProgressCreateRequest } from "vscode-languageserver";
import type { Clock } from "../analysis/ports.js";

interface Status {
  readonly state: "idle" | "indexing" | "error";
  /** 0 to 100. */
  readonly percent?: number;
  readonly message?: string;
  /** How many findings are published. */
  readonly findings?: number;
}

/** Progress is for people: more than ten reports a second help nobody. */
const PAUSE = 100;

export class StatusReporter {
  #last = "";
  #lastReport = Number.NEGATIVE_INFINITY;
  #failure: string | undefined;
  #indexing = false;
  /** The progress on the client's screen; undefined before it agreed and after the end. */
  #token: string | undefined;
  #runs = 0;

  constructor(
    private readonly connection: Connection,
    private readonly showsProgress: boolean,
    private readonly clock: Clock,
  ) {}

  indexing(state: "started" | "done" | number): void {
    if (state === "done") this.#done();
    else if (state === "started") this.#started();
    else this.#report(state);
  }

  #report(share: number): void {
    const now = this.clock.now();
    if (now - this.#lastReport < PAUSE) return;
    this.#lastReport = now;
    const percentage = Math.min(100, Math.floor(share * 100));
    this.#send({ state: "indexing", percent: percentage });
    if (this.#token !== undefined) {
      void this.connection.sendProgress(WorkDoneProgress.type, this.#token, {
        kind: "report",
        percentage,
        message: `${percentage} %`,
      });
    }
  }

  idle(findings: number): void {
    if (this.#indexing) return;
    if (this.#failure === undefined) this.#send({ state: "idle", findings });
    else this.#send({ state: "error", message: this.#failure, findings });
  }

  failed(message: string): void {
    this.#failure = message;
    this.#send({ state: "error", message });
  }

  #started(): void {
    this.#end();
    this.#failure = undefined;
    this.#indexing = true;
    this.#send({ state: "indexing", percent: 0 });
    if (this.showsProgress) void this.#createProgress(`loopguard/indexing/${++this.#runs}`, this.#runs);
  }

  #done(): void {
    this.#indexing = false;
    this.#end();
  }

  async #createProgress(token: string, run: number): Promise<void> {
    try {
      await this.connection.sendRequest(WorkDoneProgressCreateRequest.type, { token });
    } catch {
      // The client shows none; indexing goes on without.
      return;
    }
    // What is over, or was started anew, is not worth showing.
    if (!this.#indexing || run !== this.#runs) return;
    this.#token = token;
    void this.connection.sendProgress(WorkDoneProgress.type, token, {
      kind: "begin",
      title: "Loopguard: indexing",
      percentage: 0,
    });
  }

  #end(): void {
    if (this.#token === undefined) return;
    void this.connection.sendProgress(WorkDoneProgress.type, this.#token, { kind: "end" });
    this.#token = undefined;
  }

  #send(status: Status): void {
    const text = JSON.stringify(status);
    if (text === this.#last) return;
    this.#last = text;
    this.connection.sendNotification("loopguard/status", status).catch(() => {
      // The client is gone; the end of the stream says so, too.
    });
  }
}
