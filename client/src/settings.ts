/**
 * What the user chose: the settings that are written down, without VS Code's defaults, and the selected interpreter.
 * A default that is sent looks like a choice, and would overrule the same key in the project's pyproject.toml.
 */
import * as vscode from "vscode";
import { selectedInterpreter } from "./interpreter";

export function chosenSettings(resource?: vscode.Uri): Record<string, unknown> {
  const configuration = vscode.workspace.getConfiguration("loopguard", resource);
  const chosen: Record<string, unknown> = {};
  for (const key of Object.keys(configuration)) {
    if (typeof configuration[key] === "function" || !isChosen(configuration, key)) continue;
    // `get` and not the inspected value: it honours precedence, and leaves out what an untrusted workspace may not set.
    chosen[key] = withFolder(configuration.get(key), resource);
  }
  const selected = selectedInterpreter(resource);
  if (!("pythonPath" in chosen) && selected !== undefined) chosen.pythonPath = selected;
  // VS Code keeps back what the workspace's settings name; this keeps back what its pyproject.toml names.
  if (!vscode.workspace.isTrusted) return { pythonPath: "", stubs: [], ...chosen };
  return chosen;
}

function isChosen(configuration: vscode.WorkspaceConfiguration, key: string): boolean {
  const found = configuration.inspect(key);
  if (found === undefined) return false;
  return [
    found.globalValue,
    found.workspaceValue,
    found.workspaceFolderValue,
    found.globalLanguageValue,
    found.workspaceLanguageValue,
    found.workspaceFolderLanguageValue,
  ].some((value) => value !== undefined);
}

/** VS Code leaves `${workspaceFolder}` in a setting to whoever reads it. */
function withFolder(value: unknown, resource: vscode.Uri | undefined): unknown {
  if (Array.isArray(value)) return value.map((element) => withFolder(element, resource));
  if (typeof value !== "string") return value;
  const owner = resource && vscode.workspace.getWorkspaceFolder(resource);
  const folder = owner ?? vscode.workspace.workspaceFolders?.[0];
  return folder === undefined ? value : value.replaceAll("${workspaceFolder}", folder.uri.fsPath);
}
