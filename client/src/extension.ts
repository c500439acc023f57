/**
 * The entry of the VS Code extension: decides when the server runs, and offers the commands.
 * It knows nothing of Python or of blocking calls; every finding comes from the server.
 */
import * as vscode from "vscode";
import { SHOW_CALLERS, showCallers } from "./callers";
import { openExample } from "./example";
import { FindingsView } from "./findings";
import { onInterpreterSelected } from "./interpreter";
import { EXPLAIN_PATH, explainPath } from "./path";
import { PyprojectCompletion, pyprojectFiles } from "./pyproject";
import { Session } from "./session";
import { StatusView } from "./status";

/** What the server answers when it has checked the whole workspace. */
interface Checked {
  readonly files: number;
  readonly findings: number;
}

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("Loopguard", { log: true });
  const status = new StatusView();
  const current = new Session(context.asAbsolutePath("dist/loopguard.cjs"), output);
  const findings = new FindingsView(current, context.workspaceState);
  current.listen(status);
  current.listen(findings);
  session = current;

  context.subscriptions.push(
    output,
    status,
    findings,
    vscode.commands.registerCommand("loopguard.restart", () => current.restart()),
    vscode.commands.registerCommand("loopguard.checkWorkspace", () => checkWorkspace(current)),
    vscode.commands.registerCommand("loopguard.showFindings", showFindings),
    vscode.commands.registerCommand(SHOW_CALLERS, showCallers),
    vscode.commands.registerCommand(EXPLAIN_PATH, (named?: unknown) => explainPath(current, named)),
    vscode.commands.registerCommand("loopguard.showOutput", () => output.show()),
    vscode.commands.registerCommand("loopguard.openExample", openExample),
    vscode.languages.registerCompletionItemProvider(
      pyprojectFiles,
      new PyprojectCompletion(context.extension.packageJSON.contributes.configuration.properties),
    ),
    // What an untrusted workspace names is not used until then.
    vscode.workspace.onDidGrantWorkspaceTrust(() => current.settingsChanged()),
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (isPython(document) && isEnabled()) void current.start();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("loopguard.enable")) void followEnabled(current);
    }),
    onInterpreterSelected(() => current.settingsChanged()),
  );

  void vscode.commands.executeCommand("setContext", "loopguard.active", true);
  void followEnabled(current);
}

export function deactivate(): Promise<void> | undefined {
  return session?.stop();
}

/** Runs the server exactly while it is wanted: the setting is on, and a Python file has been opened. */
async function followEnabled(current: Session): Promise<void> {
  if (!isEnabled()) {
    await current.stop();
  } else if (vscode.workspace.textDocuments.some(isPython)) {
    await current.start();
  }
}

async function checkWorkspace(current: Session): Promise<void> {
  if (!isEnabled()) {
    const enable = "Enable Loopguard";
    const answer = await vscode.window.showInformationMessage(
      "Loopguard is switched off by the setting loopguard.enable, so the workspace was not checked.",
      enable,
    );
    if (answer === enable) await vscode.workspace.getConfiguration("loopguard").update("enable", true);
    return;
  }
  const checked = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "Loopguard: checking every Python file of the workspace" },
    () => current.executeOnServer<Checked>("loopguard.server.checkWorkspace"),
  );
  if (checked === undefined) return;
  if (checked.findings > 0) await showFindings();
  else void vscode.window.showInformationMessage(`Loopguard found nothing that blocks the event loop. ${filesIn(checked)}`);
}

function filesIn({ files }: Checked): string {
  return files === 1 ? "One Python file was checked." : `${files} Python files were checked.`;
}

function showFindings(): Thenable<unknown> {
  return vscode.commands.executeCommand("workbench.actions.view.problems");
}

function isEnabled(): boolean {
  return vscode.workspace.getConfiguration("loopguard").get("enable", true);
}

function isPython(document: vscode.TextDocument): boolean {
  return document.languageId === "python" && (document.uri.scheme === "file" || document.uri.scheme === "untitled");
}
