/**
 * The language server on one connection: its life from `initialize` to `exit`, its documents and folders, and which part
 * does what. The analysis comes from the host it is given; streams, processes and exits are the host program's business.
 */
import {
  type CancellationToken,
  CodeActionKind,
  type CodeLens,
  type CodeLensParams,
  CodeLensRefreshRequest,
  type Connection,
  createConnection,
  createProtocolConnection,
  DidChangeConfigurationNotification,
  type DidChangeTextDocumentParams,
  DidChangeWatchedFilesNotification,
  type DidChangeWatchedFilesParams,
  DidChangeWorkspaceFoldersNotification,
  type DidOpenTextDocumentParams,
  DocumentDiagnosticReportKind,
  ErrorCodes,
  type ExecuteCommandParams,
  FileChangeType,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  type MessageReader,
  MessageType,
  type MessageWriter,
  PositionEncodingKind,
  RegistrationRequest,
  ResponseError,
  ShowMessageNotification,
  type ShowMessageParams,
  TextDocumentSyncKind,
} from "vscode-languageserver";
import type { AnalysisHost } from "../analysis/host.js";
import type { Clock, Files, Log } from "../analysis/ports.js";
import { PYPROJECT } from "../analysis/pyproject.js";
import type { Grammar } from "../syntax/grammar.js";
import { type Client, clientOf, toFolders } from "./client.js";
import { type Addresses, isUri, pathOf, toSettingsDiagnostic, toTextChange } from "./convert.js";
import { OpenDocuments } from "./documents.js";
import { guardMessages } from "./gate.js";
import { createHandlers, FIX_ALL } from "./handlers.js";
import { createHierarchyHandlers, TELL_CALLERS } from "./hierarchy.js";
import { LensWatch } from "./lenses.js";
import { FINDINGS, Overview, PATH, pathAnswer, WATCH_FINDINGS } from "./overview.js";
import { Publisher } from "./publisher.js";
import { Scheduler, type Turns } from "./scheduler.js";
import { configurationFor, type Folder, readSettings, reportsWorkspace, type Settings, sentSettings } from "./settings.js";
import { StatusReporter } from "./status.js";

/** What the server works with, made when a client has said hello. */
export interface Workshop {
  readonly host: AnalysisHost;
  readonly files: Files;
  readonly grammar: Grammar;
}

export interface ServerOptions {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  readonly version: string;
  readonly clock: Clock;
  readonly turns: Turns;
  createWorkshop(log: Log): Workshop;
  /** Address of a rule's page, when it was shipped. */
  rulePage(rule: string): string | undefined;
  /** Ends the server when the process that started it is gone. */
  watchParent(processId: number): void;
  /** Is told what begins, in case that it never ends. */
  doing?(what: string): void;
  /** Ends the program: 0 after an orderly shutdown. */
  exit(code: number): void;
}

export const CHECK_WORKSPACE = "loopguard.server.checkWorkspace";

/** Longest wait for a client that was asked for its settings. */
const SETTINGS_PATIENCE = 2000;

/** Speaks with one client until it leaves. */
export function startServer(options: ServerOptions): void {
  const connection = connect(options);
  let session: Session | undefined;
  connection.onInitialize((params) =>
    guard(connection, "initialize", () => {
      session = startSession(connection, params, options);
      return session.result;
    }),
  );
  connection.onShutdown(() => session?.dispose());
  connection.listen();
}

type ServerConnection = Connection & { queuedChanges(): number; changeHandled(): void };

function connect({ reader, writer, exit, watchParent }: ServerOptions): ServerConnection {
  const gate = guardMessages(reader, writer, (message) => connection.console.warn(message));
  const watchDog = {
    shutdownReceived: false,
    initialize: ({ processId }: InitializeParams) => {
      if (typeof processId === "number" && Number.isSafeInteger(processId) && processId > 0) watchParent(processId);
    },
    exit,
  };
  const connection = createConnection((logger) => {
    const protocol = createProtocolConnection(gate.reader, gate.writer, logger);
    protocol.onError(([error]) => logger.error(`The connection: ${error.message}`));
    protocol.onClose(() => exit(watchDog.shutdownReceived ? 0 : 1));
    return protocol;
  }, watchDog);
  return Object.assign(connection, { queuedChanges: gate.queuedChanges, changeHandled: gate.changeHandled });
}

interface Session {
  readonly result: InitializeResult;
  dispose(): void;
}

/** Everything that lives from `initialize` to `shutdown`. */
function startSession(connection: ServerConnection, params: InitializeParams, options: ServerOptions): Session {
  const client = clientOf(params);
  const log: Log = {
    warn: (message) => connection.console.warn(message),
    info: (message) => connection.console.info(message),
  };
  const { host, files, grammar } = options.createWorkshop(log);
  const documents = new OpenDocuments();
  const doing = (what: string): void => options.doing?.(what);
  const addresses: Addresses = { uri: (path) => documents.uriOf(path), rulePage: options.rulePage };
  const failed = (what: string, error: unknown): void => connection.console.error(`${what} failed: ${reasonOf(error)}`);
  const status = new StatusReporter(connection, client.workDoneProgress, options.clock);

  const hierarchy = createHierarchyHandlers({
    host,
    addresses,
    client,
    wantsLenses: (path) => configurationFor(settings, path).codeLens,
  });
  const lenses = new LensWatch({
    handlers: hierarchy,
    turns: options.turns,
    isOpen: (path) => documents.at(path) !== undefined,
    refresh: () => {
      if (client.refreshesLenses) connection.sendRequest(CodeLensRefreshRequest.type).catch(ignoreLostClient);
    },
    failed,
  });

  let outdated = false;
  const publisher = new Publisher({
    host,
    documents,
    addresses,
    isEnabled: (path) => configurationFor(settings, path).enable,
    send: (diagnostics) => void connection.sendDiagnostics(diagnostics).catch(ignoreLostClient),
    outdated: () => {
      outdated = true;
    },
  });
  if (!client.pullsDiagnostics) publisher.startSending();

  const overview = new Overview({
    host,
    addresses,
    isShown: (path) => configurationFor(settings, path).enable,
    send: (findings) => void connection.sendNotification(FINDINGS, findings).catch(ignoreLostClient),
  });
  const everywhere = (): boolean => publisher.wholeWorkspace || overview.watched;

  const scheduler = new Scheduler({
    host,
    clock: options.clock,
    turns: options.turns,
    publish: (path) => {
      doing(`the analysis of ${path}`);
      publisher.publish(path);
      overview.look(path);
    },
    everywhere,
    openPaths: () => documents.paths(),
    queuedChanges: connection.queuedChanges,
    progress: (state) => {
      doing("the reading of the workspace");
      if (state === "done") withdrawUnreported();
      status.indexing(state);
    },
    settled: () => {
      status.idle(publisher.findingCount());
      lenses.settled();
      if (outdated && client.refreshesDiagnostics) connection.languages.diagnostics.refresh();
      outdated = false;
    },
    failed: (what, error) => {
      failed(what, error);
      status.failed(`${what} failed; the log says why.`);
    },
  });

  /** Files that were reported on and no longer are: deleted, excluded, in a folder that was removed. */
  const withdrawUnreported = (): void => {
    const reported = everywhere() ? new Set(host.reportedFiles()) : undefined;
    for (const path of publisher.publishedPaths()) {
      if (!documents.at(path) && !(publisher.wholeWorkspace && reported?.has(path))) publisher.withdraw(path);
    }
    if (!overview.watched) return;
    for (const path of overview.paths()) if (!documents.at(path) && !reported?.has(path)) overview.withdraw(path);
  };

  // Settings: what a client sent along holds until it is asked, or where it has no answer.
  let folders: readonly Folder[] = client.folders;
  let sent: unknown = sentSettings(params.initializationOptions);
  let settings: Settings = readSettings({ files, folders: [], editor: () => undefined });
  let applied: string | undefined;
  let checkedOnce = false;
  let latestLoad = 0;
  const told = new Set<string>();

  const loadSettings = async (): Promise<void> => {
    const load = ++latestLoad;
    const asked = client.configuration ? await askForSettings(connection, folders, options.turns, failed) : undefined;
    if (load !== latestLoad) return;
    applySettings(readSettings({ files, folders, editor: (folder) => asked?.get(folder?.uri) ?? sent }));
  };

  const applySettings = (next: Settings): void => {
    showMistakes(next.problems);
    for (const { message: problem, place } of next.problems) {
      if (told.has(problem)) continue;
      told.add(problem);
      connection.console.warn(problem);
      // What stands underlined where it was written needs no window.
      if (place && !client.pullsDiagnostics) continue;
      // As a notification: the library's own call is a request, for which some editors wait on a key.
      const shown: ShowMessageParams = { type: MessageType.Warning, message: `Loopguard: ${problem}` };
      connection.sendNotification(ShowMessageNotification.type, shown).catch(ignoreLostClient);
    }
    const text = JSON.stringify([next.folders, next.elsewhere]);
    if (text !== applied) {
      applied = text;
      settings = next;
      host.setFolders(next.folders);
      publisher.wholeWorkspace = checkedOnce || reportsWorkspace(next);
      scheduler.foldersChanged();
    }
    scheduler.release();
  };

  /** Files of settings that mistakes are shown in. */
  let mistaken: readonly string[] = [];
  const showMistakes = (problems: Settings["problems"]): void => {
    if (client.pullsDiagnostics) return;
    const places = problems.flatMap(({ place }) => place ?? []);
    const paths = [...new Set(places.map(({ path }) => path))];
    for (const path of new Set([...mistaken, ...paths])) {
      const diagnostics = places.filter((place) => place.path === path).map(toSettingsDiagnostic);
      void connection.sendDiagnostics({ uri: addresses.uri(path), diagnostics }).catch(ignoreLostClient);
    }
    mistaken = paths;
  };

  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    void guardNotification(connection, "initialized", async () => {
      await Promise.all([register(connection, client, failed), loadSettings()]);
    });
  };

  const onNotification = <Params>(method: string, handler: (params: Params) => void | Promise<void>): void => {
    connection.onNotification(method, (received: Params) => {
      doing(`${method} ${subjectOf(received)}`);
      return guardNotification(connection, method, () => handler(received));
    });
  };
  const onRequest = <Params>(method: string, handler: (params: Params) => unknown): void => {
    connection.onRequest(
      method,
      (received: Params, token: CancellationToken): Promise<unknown> =>
        guard(connection, method, () => {
          doing(`${method} ${subjectOf(received)}`);
          if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, `${method} was cancelled.`);
          return handler(received);
        }),
    );
  };

  onNotification("initialized", begin);

  onNotification("textDocument/didOpen", ({ textDocument }: DidOpenTextDocumentParams) => {
    begin();
    const { uri, version, text } = textDocument;
    const path = pathOf(uri);
    if (typeof text !== "string") throw new TypeError(`${uri} was opened without a text.`);
    // Opened twice: the later text is the one on the screen.
    if (host.isOpen(path)) host.change(path, [{ text }]);
    else host.open(path, text);
    documents.set(uri, version);
    scheduler.edited(path);
  });

  onNotification("textDocument/didChange", (received: DidChangeTextDocumentParams) => {
    connection.changeHandled();
    const { textDocument, contentChanges } = received;
    const path = pathOf(textDocument.uri);
    const known = documents.at(path);
    if (!known) return void connection.console.warn(`${textDocument.uri} was changed but is not open; the change is dropped.`);
    documents.set(known.uri, textDocument.version ?? known.version);
    publisher.disturb(path, contentChanges);
    scheduler.edited(path);
    host.change(path, contentChanges.map(toTextChange));
  });

  onNotification("textDocument/didSave", () => scheduler.saved());

  onNotification("textDocument/didClose", ({ textDocument }: { textDocument: { uri: string } }) => {
    const path = pathOf(textDocument.uri);
    const known = documents.at(path);
    if (!known) return void connection.console.warn(`${textDocument.uri} was closed but is not open.`);
    host.close(path);
    documents.delete(path);
    scheduler.closed(path);
    publisher.closed(path, known.uri);
    // What is on disk may differ from what was on the screen.
    if (everywhere() && !isUri(path)) scheduler.refresh([path]);
    if (overview.watched && !host.reportedFiles().includes(path)) overview.withdraw(path);
    scheduler.saved();
  });

  onNotification("workspace/didChangeConfiguration", (received: { settings?: unknown } | undefined) => {
    sent = sentSettings(received?.settings) ?? sent;
    return loadSettings();
  });

  onNotification(
    DidChangeWorkspaceFoldersNotification.method,
    ({ event }: { event: { added: readonly { uri: string }[]; removed: readonly { uri: string }[] } }) => {
      const removed = new Set(toFolders(event.removed.map(({ uri }) => uri)).map(({ path }) => path));
      const added = toFolders(event.added.map(({ uri }) => uri));
      folders = [...folders.filter(({ path }) => !removed.has(path) && !added.some((other) => other.path === path)), ...added];
      return loadSettings();
    },
  );

  onNotification(DidChangeWatchedFilesNotification.method, async ({ changes }: DidChangeWatchedFilesParams) => {
    const changed = changes.map(({ uri, type }) => ({ path: pathOf(uri), type })).filter(({ path }) => !isUri(path));
    const python = changed.filter(({ path }) => !path.endsWith(`/${PYPROJECT}`));
    if (python.length > 0) {
      host.touch(python.map(({ path }) => path));
      for (const { path, type } of python) {
        if (type !== FileChangeType.Deleted || documents.at(path)) continue;
        publisher.withdraw(path);
        if (overview.watched) overview.withdraw(path);
      }
      if (everywhere()) {
        const reported = new Set(host.reportedFiles());
        scheduler.refresh(python.map(({ path }) => path).filter((path) => reported.has(path)));
      }
      scheduler.saved();
    }
    if (python.length < changed.length) await loadSettings();
  });

  const handlers = createHandlers({
    host,
    files,
    grammar,
    documents,
    addresses,
    client,
    configuration: (path) => configurationFor(settings, path),
  });
  onRequest("textDocument/hover", handlers.hover);
  onRequest("textDocument/codeAction", handlers.codeActions);
  onRequest("codeAction/resolve", handlers.resolveCodeAction);
  onRequest("textDocument/prepareCallHierarchy", hierarchy.prepare);
  onRequest("callHierarchy/incomingCalls", hierarchy.incoming);
  onRequest("callHierarchy/outgoingCalls", hierarchy.outgoing);
  onRequest(PATH, (params: Parameters<typeof pathAnswer>[2]) => pathAnswer(host, addresses, params));
  onRequest(WATCH_FINDINGS, ({ watch }: { watch?: unknown }) => {
    if (typeof watch !== "boolean")
      throw new ResponseError(ErrorCodes.InvalidParams, `${WATCH_FINDINGS} needs {watch: boolean}.`);
    const begins = watch && !overview.watched;
    overview.watched = watch;
    if (begins) {
      begin();
      withdrawUnreported();
      scheduler.lookEverywhere();
    }
    return null;
  });
  onRequest("textDocument/codeLens", (params: CodeLensParams) => lenses.answer(params));
  onRequest("codeLens/resolve", (lens: CodeLens) => lenses.resolve(lens));
  if (client.pullsDiagnostics) {
    onRequest("textDocument/diagnostic", ({ textDocument }: { textDocument: { uri: string } }) => ({
      kind: DocumentDiagnosticReportKind.Full,
      items: publisher.answer(pathOf(textDocument.uri)),
    }));
  }

  onRequest("workspace/executeCommand", async ({ command, arguments: args }: ExecuteCommandParams) => {
    if (command === TELL_CALLERS) {
      connection.window.showInformationMessage(hierarchy.tellCallers(args?.[0]));
      return null;
    }
    if (command !== CHECK_WORKSPACE)
      throw new ResponseError(ErrorCodes.InvalidParams, `${command} is no command of this server.`);
    begin();
    checkedOnce = true;
    publisher.wholeWorkspace = true;
    await scheduler.checkEverything();
    return { files: host.reportedFiles().length, findings: publisher.findingCount() };
  });

  return {
    result: { capabilities: capabilitiesFor(client), serverInfo: { name: "loopguard", version: options.version } },
    dispose: () => {
      lenses.dispose();
      scheduler.dispose();
      host.dispose();
    },
  };
}

function capabilitiesFor(client: Client): InitializeResult["capabilities"] {
  return {
    positionEncoding: PositionEncodingKind.UTF16,
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
    hoverProvider: true,
    codeActionProvider: {
      codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, FIX_ALL],
      resolveProvider: true,
    },
    callHierarchyProvider: true,
    codeLensProvider: { resolveProvider: true },
    executeCommandProvider: { commands: [CHECK_WORKSPACE, TELL_CALLERS] },
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    ...(client.pullsDiagnostics
      ? { diagnosticProvider: { identifier: "loopguard", interFileDependencies: true, workspaceDiagnostics: false } }
      : {}),
  };
}

/** Asks a client to tell of changed files and settings, where it waits to be asked. */
async function register(connection: Connection, client: Client, failed: (what: string, error: unknown) => void): Promise<void> {
  const registrations = [];
  if (client.registersWatchers) {
    const watchers = ["**/*.py", "**/*.pyi", `**/${PYPROJECT}`].map((globPattern) => ({ globPattern }));
    registrations.push({ id: "files", method: DidChangeWatchedFilesNotification.method, registerOptions: { watchers } });
  }
  if (client.registersConfiguration) {
    const section = "loopguard";
    registrations.push({ id: "settings", method: DidChangeConfigurationNotification.method, registerOptions: { section } });
  }
  if (registrations.length === 0) return;
  try {
    await connection.sendRequest(RegistrationRequest.type, { registrations });
  } catch (error) {
    failed("Watching files", error);
  }
}

/** The editor's settings per folder, and under undefined those for no folder; undefined when it does not answer. */
async function askForSettings(
  connection: Connection,
  folders: readonly Folder[],
  turns: Turns,
  failed: (what: string, error: unknown) => void,
): Promise<ReadonlyMap<string | undefined, unknown> | undefined> {
  const section = "loopguard";
  const items = [...folders.map(({ uri }) => ({ scopeUri: uri, section })), { section }];
  let callOff = (): void => {};
  const late = new Promise<never>((_, reject) => {
    callOff = turns.after(SETTINGS_PATIENCE, () => reject(new Error(`no answer within ${SETTINGS_PATIENCE} ms`)));
  });
  try {
    const answers = await Promise.race([connection.workspace.getConfiguration(items), late]);
    return new Map([...folders.map(({ uri }, index) => [uri, answers[index]] as const), [undefined, answers[folders.length]]]);
  } catch (error) {
    failed("Asking the editor for its settings", error);
    return undefined;
  } finally {
    callOff();
  }
}

/** The document that a message is about, as far as it says so. */
function subjectOf(params: unknown): string {
  const { textDocument, position } = (params ?? {}) as { textDocument?: { uri?: unknown } | null; position?: unknown };
  if (typeof textDocument?.uri !== "string") return "";
  return `${textDocument.uri} ${position === undefined ? "" : JSON.stringify(position)}`;
}

/** Runs a request. An exception becomes an error for the client and a line in the log; the server lives on. */
async function guard<Result>(connection: Connection, method: string, handler: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await handler();
  } catch (error) {
    if (error instanceof ResponseError) throw error;
    connection.console.error(`${method} failed: ${reasonOf(error)}`);
    const message = error instanceof Error ? error.message : String(error);
    throw new ResponseError(ErrorCodes.InternalError, `${method} failed: ${message}`);
  }
}

async function guardNotification(connection: Connection, method: string, handler: () => void | Promise<void>): Promise<void> {
  try {
    await handler();
  } catch (error) {
    connection.console.error(`${method} failed: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The client is gone; the end of the stream says so, too. */
function ignoreLostClient(): void {}
