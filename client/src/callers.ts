/**
 * The command behind a code lens: shows the calls on the loop that lead to a function, as a list beside the code.
 */
import * as vscode from "vscode";
import { type Position, placeIn, positionOf, type Range } from "./places";

/** Named by the server's lenses; it is told of the command when it starts. */
export const SHOW_CALLERS = "loopguard.showCallers";

interface CallSite {
  readonly uri: string;
  readonly range: Range;
}

export function showCallers(uri: string, at: Position, sites: readonly CallSite[]): Thenable<unknown> {
  const locations = sites.flatMap((site) => placeIn(site.uri, site.range) ?? []);
  return vscode.commands.executeCommand("editor.action.showReferences", vscode.Uri.parse(uri), positionOf(at), locations);
}
