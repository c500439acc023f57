/**
 * One running server at most: starts it, stops it, watches over it, and passes the settings on.
 * Everything that can go wrong here ends in a message, the output channel and the status entry, never in an exception.
 */
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import {
  CloseAction,
  type CloseHandlerResult,
  DidChangeConfigurationNotification,
  ErrorAction,
  type ErrorHandlerResult,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
  type StaticFeature,
  TransportKind,
} from "vscode-languageclient/node";
import { SHOW_CALLERS } from "./callers";
import { pythonDocuments } from "./documents";
import { EXPLAIN_PATH } from "./path";
import { chosenSettings } from "./settings";
import type { ServerStatus, Status } from "./status";
import type { FileFindings } from "./tree";

/** Who wants to know what the server says and how it fares. */
export interface Listener {
  serverSays(status: Status): void;
  /** A server has come up, for the first time or again. */
  serverStarted(): void;
  take(findings: FileFindings): void;
}

/** A server that dies more often than this within the window is left alone until the user restarts it. */
const maximumCrashes = 4;
const crashWindowMilliseconds = 3 * 60 * 1000;

export class Session {
  private client: LanguageClient | undefined;
  /** Starts and stops run one after the other: a restart during a start must not leave two servers. */
  private queue: Promise<void> = Promise.resolve();
  private readonly crashes: number[] = [];
  /** Set when the user has been told that the server is off: opening the next file must not tell them again. */
  private failed = false;
  private readonly listeners: Listener[] = [];

  constructor(
    private readonly serverPath: string,
    private readonly output: vscode.LogOutputChannel,
  ) {}

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** Starts the server unless it runs, or has failed: then only `restart` brings it back. */
  start(): Promise<void> {
    return this.enqueue(async () => {
      if (!this.failed) await this.startNow();
    });
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.stopNow());
  }

  restart(): Promise<void> {
    return this.enqueue(async () => {
      await this.stopNow();
      this.crashes.length = 0;
      this.failed = false;
      await this.startNow();
    });
  }

  /** Runs a command of the server, starting it when needed. Undefined when it failed; the user has been told then. */
  async executeOnServer<Result>(command: string): Promise<Result | undefined> {
    await (this.failed ? this.restart() : this.start());
    const client = this.client;
    if (client?.state !== State.Running) return undefined;
    try {
      return (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [] })) as Result;
    } catch (error) {
      this.report(`the server could not carry out ${command}: ${textOf(error)}`);
      return undefined;
    }
  }

  /** Asks a running server, starting it when needed. Undefined when that failed; the user has been told then. */
  async request<Result>(method: string, params: unknown): Promise<Result | undefined> {
    await this.start();
    return this.requestIfRunning<Result>(method, params);
  }

  /** The same, but nothing is started for it. */
  async requestIfRunning<Result>(method: string, params: unknown): Promise<Result | undefined> {
    const client = this.client;
    if (client?.state !== State.Running) return undefined;
    try {
      return await client.sendRequest<Result>(method, params);
    } catch (error) {
      this.output.warn(`${method}: ${textOf(error)}`);
      return undefined;
    }
  }

  /** Tells a running server that something it asked about has changed. */
  settingsChanged(): void {
    const client = this.client;
    if (client?.state === State.Running) sendSettings(client).catch((error) => this.output.warn(textOf(error)));
  }

  private enqueue(step: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(step).catch((error) => this.report(textOf(error)));
    return this.queue;
  }

  private async startNow(): Promise<void> {
    if (this.client !== undefined) return;
    if (!existsSync(this.serverPath)) {
      this.fail(`the server is missing: ${this.serverPath} does not exist. Reinstall the extension.`);
      return;
    }
    this.tell({ state: "starting" });
    const client = this.createClient();
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      // A crash during the start is also seen by the error handler; only the first report is worth reading.
      if (this.client === client) {
        this.client = undefined;
        this.fail(`the server did not start: ${textOf(error)}`);
      }
    }
  }

  private async stopNow(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      // The process is ended all the same; a slow goodbye is no concern of the user.
      this.output.warn(`Stopping the server: ${textOf(error)}`);
    }
    this.tell({ state: "stopped" });
  }

  private tell(status: Status): void {
    for (const listener of this.listeners) listener.serverSays(status);
  }

  private createClient(): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: pythonDocuments,
      diagnosticCollectionName: "loopguard",
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // Texts of the server may lead to this one command, and to no other.
      markdown: { isTrusted: { enabledCommands: [EXPLAIN_PATH] } },
      // Failures of the start are told once, by this class.
      initializationFailedHandler: () => false,
      errorHandler: {
        error: (error, _message, count) => this.connectionFailed(error, count),
        closed: () => this.connectionClosed(client),
      },
      middleware: {
        workspace: {
          configuration: (params, token, next) =>
            params.items.every((item) => item.section === "loopguard")
              ? params.items.map((item) => chosenSettings(resourceOf(item.scopeUri)))
              : next(params, token),
          didChangeConfiguration: () => sendSettings(client),
        },
      },
    };
    const client = new QuietClient(
      "loopguard",
      "Loopguard",
      { module: this.serverPath, args: ["lsp"], transport: TransportKind.stdio },
      options,
    );
    client.registerFeature(offersCommands);
    client.onNotification("loopguard/status", (status: ServerStatus) => {
      if (this.client === client) this.tell(status);
    });
    client.onNotification("loopguard/findings", (findings: FileFindings) => {
      if (this.client === client) for (const listener of this.listeners) listener.take(findings);
    });
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) return;
      if (newState === State.Starting) this.tell({ state: "starting" });
      if (newState !== State.Running) return;
      this.tell({ state: "idle" });
      for (const listener of this.listeners) listener.serverStarted();
    });
    return client;
  }

  private connectionFailed(error: Error, count: number | undefined): ErrorHandlerResult {
    this.output.error(`Connection to the server: ${error.message}`);
    const action = count !== undefined && count <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown;
    return { action, handled: true };
  }

  private connectionClosed(client: LanguageClient): CloseHandlerResult {
    const giveUp = { action: CloseAction.DoNotRestart, handled: true, message: "The server stays off." };
    if (this.client !== client) return giveUp;
    if (client.state !== State.Running) {
      this.client = undefined;
      this.fail("the server ended while it was starting; its last words are in the output.");
      return giveUp;
    }
    const now = Date.now();
    this.crashes.push(now);
    while (now - (this.crashes[0] ?? now) > crashWindowMilliseconds) this.crashes.shift();
    if (this.crashes.length > maximumCrashes) {
      this.client = undefined;
      this.fail(`the server stopped ${this.crashes.length} times within three minutes and stays off.`);
      return giveUp;
    }
    const message = "The server stopped unexpectedly and is started again.";
    this.tell({ state: "error", message });
    return { action: CloseAction.Restart, handled: true, message };
  }

  /** The server is gone: says so where the user looks, and offers the way back. */
  private fail(reason: string): void {
    this.failed = true;
    this.tell({ state: "error", message: reason });
    this.report(reason);
  }

  private report(reason: string): void {
    this.output.error(reason);
    void this.offerHelp(reason);
  }

  private async offerHelp(reason: string): Promise<void> {
    const restart = "Restart";
    const showOutput = "Show Output";
    const answer = await vscode.window.showErrorMessage(`Loopguard: ${reason}`, restart, showOutput);
    if (answer === restart) await this.restart();
    if (answer === showOutput) this.output.show();
  }
}

/** Writes its errors to the output channel only: the session tells the user, once and with a way out. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** Tells the server of the commands that this extension carries out: lenses, hovers and actions then lead to them. */
const offersCommands: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    const commands = [SHOW_CALLERS, EXPLAIN_PATH];
    capabilities.experimental = { ...capabilities.experimental, commands: { commands } };
  },
  initialize: () => {},
  getState: () => ({ kind: "static" }),
  clear: () => {},
};

function sendSettings(client: LanguageClient): Promise<void> {
  return client.sendNotification(DidChangeConfigurationNotification.type, { settings: { loopguard: chosenSettings() } });
}

function resourceOf(uri: string | undefined | null): vscode.Uri | undefined {
  return typeof uri === "string" ? vscode.Uri.parse(uri) : undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
