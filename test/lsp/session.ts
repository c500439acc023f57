/**
 * A client for tests: the real server on streams in this process, or as a process of its own, driven message by message.
 */
import { equal } from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { PassThrough, type Readable, type Writable } from "node:stream";
import {
  createMessageConnection,
  type InitializeParams,
  type InitializeResult,
  type MessageConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import type { Files } from "../../server/src/analysis/ports.js";
import { FramedReader } from "../../server/src/lsp/framing.js";
import { startServer } from "../../server/src/lsp/server.js";
import { nodeTurns } from "../../server/src/platform/node.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { MemoryFiles } from "../support/memory.js";

/** What a capable editor says of itself, as far as the server asks. */
export const FULL_CAPABILITIES = {
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true },
  },
  textDocument: {
    publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true, dataSupport: true },
    hover: { contentFormat: ["markdown", "plaintext"] },
    codeAction: {
      dataSupport: true,
      isPreferredSupport: true,
      resolveSupport: { properties: ["edit"] },
      codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor.rewrite"] } },
    },
  },
  window: { workDoneProgress: true },
} satisfies InitializeParams["capabilities"];

/** Long enough for a busy machine, short enough to fail a test in time. */
const PATIENCE = 8000;

export class TestSession {
  readonly connection: MessageConnection;
  readonly published: PublishDiagnosticsParams[] = [];
  readonly notifications: { method: string; params: unknown }[] = [];
  readonly requests: { method: string; params: unknown }[] = [];
  /** What the client answers to `workspace/configuration`, by scope; undefined is the scope of no folder. */
  settings = new Map<string | undefined, unknown>();
  exitCode: number | undefined;
  readonly #events = new EventEmitter();

  constructor(
    readonly toServer: Writable,
    readonly fromServer: Readable,
  ) {
    this.connection = createMessageConnection(new StreamMessageReader(fromServer), new StreamMessageWriter(toServer));
    this.connection.onNotification((method, params) => {
      this.notifications.push({ method, params });
      if (method === "textDocument/publishDiagnostics") this.published.push(params as unknown as PublishDiagnosticsParams);
      this.#events.emit("news");
    });
    this.connection.onRequest((method, params) => {
      this.requests.push({ method, params });
      this.#events.emit("news");
      if (method !== "workspace/configuration") return null;
      const { items } = params as unknown as { items: { scopeUri?: string }[] };
      return items.map(({ scopeUri }) => this.settings.get(scopeUri) ?? null);
    });
    this.connection.onUnhandledProgress((progress) => {
      this.notifications.push({ method: "$/progress", params: progress });
      this.#events.emit("news");
    });
    this.connection.listen();
  }

  exited(code: number | undefined): void {
    this.exitCode ??= code ?? -1;
    this.#events.emit("news");
  }

  /** Says hello, with and without capabilities, and waits for the answer. */
  async initialize(params: Partial<InitializeParams> = {}): Promise<InitializeResult> {
    const result: InitializeResult = await this.request("initialize", {
      processId: null,
      rootUri: null,
      capabilities: FULL_CAPABILITIES,
      ...params,
    });
    await this.notify("initialized", {});
    return result;
  }

  request<Result>(method: string, params?: unknown): Promise<Result> {
    return params === undefined ? this.connection.sendRequest(method) : this.connection.sendRequest(method, params);
  }

  notify(method: string, params?: unknown): Promise<void> {
    return params === undefined ? this.connection.sendNotification(method) : this.connection.sendNotification(method, params);
  }

  open(uri: string, text: string, version = 1): Promise<void> {
    return this.notify("textDocument/didOpen", { textDocument: { uri, languageId: "python", version, text } });
  }

  /** Edits of one notification, each `[line, column, line, column, text]`, or a whole text. */
  change(uri: string, version: number, ...edits: (string | readonly [number, number, number, number, string])[]): Promise<void> {
    const contentChanges = edits.map((edit) => {
      if (typeof edit === "string") return { text: edit };
      const [startLine, startColumn, endLine, endColumn, text] = edit;
      const range = { start: { line: startLine, character: startColumn }, end: { line: endLine, character: endColumn } };
      return { range, text };
    });
    return this.notify("textDocument/didChange", { textDocument: { uri, version }, contentChanges });
  }

  /** Bytes that no client should send. */
  raw(bytes: string): void {
    this.toServer.write(bytes);
  }

  /** Waits until `find` finds something. Throws, naming `what`, when it takes too long. */
  async until<Found>(what: string, find: () => Found | undefined | false): Promise<Found> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > deadline) throw new Error(`No ${what}. Last heard: ${JSON.stringify(this.notifications.slice(-5))}`);
      await this.#news();
    }
  }

  /** Something was heard, or a moment has passed: what is waited for may show elsewhere. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#events.off("news", done);
        resolve();
      };
      const timer = setTimeout(done, 50);
      this.#events.on("news", done);
    });
  }

  /** The last diagnostics of a document, once there are any that fit. */
  diagnostics(
    uri: string,
    fits: (published: PublishDiagnosticsParams) => boolean = () => true,
  ): Promise<PublishDiagnosticsParams> {
    return this.until(`diagnostics of ${uri}`, () => {
      const last = this.published.filter((published) => published.uri === uri).at(-1);
      return last && fits(last) ? last : undefined;
    });
  }

  publishedFor(uri: string): PublishDiagnosticsParams[] {
    return this.published.filter((published) => published.uri === uri);
  }

  /** Lines of the server's log. */
  log(): string[] {
    return this.notifications
      .filter(({ method }) => method === "window/logMessage")
      .map(({ params }) => (params as { message: string }).message);
  }

  /** Leaves as a client should; the server must end with 0. */
  async leave(): Promise<void> {
    equal(await this.request("shutdown"), null);
    await this.notify("exit");
    await this.until("exit", () => this.exitCode !== undefined);
    equal(this.exitCode, 0);
    this.connection.dispose();
  }
}

export interface InProcessOptions {
  readonly host: AnalysisHost;
  readonly grammar: Grammar;
  readonly files?: Files;
  readonly rulePage?: (rule: string) => string | undefined;
}

/** Starts the server in this process. */
export function startInProcess({ host, grammar, files, rulePage }: InProcessOptions): TestSession {
  const toServer = new PassThrough();
  const fromServer = new PassThrough();
  const session = new TestSession(toServer, fromServer);
  const writer = new StreamMessageWriter(fromServer);
  const reader = new FramedReader(
    {
      onData: (listener) => void toServer.on("data", listener),
      onClose: (listener) => void toServer.on("end", listener),
      onError: (listener) => void toServer.on("error", listener),
    },
    writer,
  );
  startServer({
    reader,
    writer,
    version: "test",
    clock: { now: () => performance.now() },
    turns: nodeTurns,
    createWorkshop: () => ({ host, files: files ?? new MemoryFiles({}), grammar }),
    rulePage: rulePage ?? (() => undefined),
    watchParent: () => {},
    exit: (code) => session.exited(code),
  });
  return session;
}

/** Starts a built server as a process. */
export function startProcess(
  command: string,
  args: readonly string[],
): { session: TestSession; child: ChildProcess; errors(): string } {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  const session = new TestSession(child.stdin, child.stdout);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  child.on("exit", (code) => session.exited(code ?? undefined));
  return { session, child, errors: () => errors };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
