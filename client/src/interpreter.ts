/**
 * The interpreter that the user selected in VS Code's Python extension, when that extension is there.
 * Its interface is not ours: whatever it answers is checked, and its absence is the normal case.
 */
import * as vscode from "vscode";

/** The part of the Python extension's published interface that is used here. */
interface PythonEnvironments {
  getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string } | undefined;
  readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
}

/** The path of the selected interpreter or of its environment's folder; undefined when nobody selects one. */
export function selectedInterpreter(resource?: vscode.Uri): string | undefined {
  const extension = pythonExtension();
  if (extension?.isActive !== true) return undefined;
  try {
    const path = environmentsOf(extension)?.getActiveEnvironmentPath(resource)?.path;
    return typeof path === "string" && path !== "" ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Calls back when the extension has come up, which may be after us, and whenever the selection changes. */
export function onInterpreterSelected(changed: () => void): vscode.Disposable {
  const subscriptions: vscode.Disposable[] = [];
  let disposed = false;
  const subscribe = async (): Promise<void> => {
    const extension = pythonExtension();
    await extension?.activate();
    if (disposed || extension === undefined) return;
    const subscription = environmentsOf(extension)?.onDidChangeActiveEnvironmentPath(changed);
    if (subscription !== undefined) subscriptions.push(subscription);
    changed();
  };
  // An extension that does not come up selects nothing.
  subscribe().catch(() => {});
  return new vscode.Disposable(() => {
    disposed = true;
    for (const subscription of subscriptions) subscription.dispose();
  });
}

function pythonExtension(): vscode.Extension<{ environments?: PythonEnvironments } | undefined> | undefined {
  return vscode.extensions.getExtension("ms-python.python");
}

function environmentsOf(extension: vscode.Extension<{ environments?: PythonEnvironments } | undefined>) {
  return extension.exports?.environments;
}
