/**
 * The entry in VS Code's language status (the braces at the right of the status bar): what the server is doing.
 * It shows what it is told and decides nothing.
 */
import * as vscode from "vscode";
import { pythonDocuments } from "./documents";
import type { Listener } from "./session";

/** What the server sends with the notification `loopguard/status`. */
export interface ServerStatus {
  readonly state: "idle" | "indexing" | "error";
  /** 0 to 100, while indexing. */
  readonly percent?: number;
  readonly message?: string;
  /** How many findings are published at the moment. */
  readonly findings?: number;
}

export type Status = ServerStatus | { readonly state: "starting" | "stopped"; readonly message?: string };

export class StatusView implements vscode.Disposable, Listener {
  private readonly item: vscode.LanguageStatusItem;

  constructor() {
    this.item = vscode.languages.createLanguageStatusItem("loopguard.status", pythonDocuments);
    this.item.name = "Loopguard";
    this.serverSays({ state: "stopped" });
  }

  serverStarted(): void {}

  take(): void {}

  serverSays(status: Status): void {
    this.item.text = summary(status);
    this.item.detail = status.message ?? "";
    this.item.busy = status.state === "starting" || status.state === "indexing";
    this.item.severity =
      status.state === "error" ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    this.item.command = command(status);
  }

  dispose(): void {
    this.item.dispose();
  }
}

function summary(status: Status): string {
  switch (status.state) {
    case "starting":
      return "Loopguard: starting";
    case "stopped":
      return "Loopguard: not running";
    case "indexing":
      return status.percent === undefined ? "Loopguard: indexing" : `Loopguard: indexing ${Math.round(status.percent)} %`;
    case "error":
      return "Loopguard: failed";
    case "idle":
      return status.findings === undefined ? "Loopguard: ready" : `Loopguard: ${countOf(status.findings)}`;
  }
}

function countOf(findings: number): string {
  if (findings === 0) return "no findings";
  return findings === 1 ? "1 finding" : `${findings} findings`;
}

function command(status: Status): vscode.Command {
  switch (status.state) {
    case "error":
    case "stopped":
      return { command: "loopguard.restart", title: "Restart server" };
    case "starting":
    case "indexing":
      return { command: "loopguard.showOutput", title: "Show output" };
    case "idle":
      return { command: "loopguard.showFindings", title: "Show findings" };
  }
}
