/**
 * The nodes of the Event Loop view: how findings are grouped, and how each node looks and sounds. Knows no server.
 */
import * as vscode from "vscode";
import type { FindingName, PathStep } from "./path";
import { placeIn, positionOf, type Range } from "./places";

/** A finding as the server tells it with the notification `loopguard/findings`. */
export interface Finding {
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: "error" | "warning" | "information" | "hint";
  readonly message: string;
  readonly range: Range;
  readonly entry: { readonly function: string; readonly uri: string; readonly range: Range };
  readonly callee: string;
  readonly primitive: string;
  readonly stall: string;
}

export interface FileFindings {
  readonly uri: string;
  readonly findings: readonly Finding[];
}

export type Grouping = "entry" | "rule" | "file";

export interface Group {
  readonly kind: "group";
  /** The same for the same group, before and after a change. */
  readonly key: string;
  readonly label: string;
  readonly description: string;
  readonly icon: vscode.ThemeIcon;
  /** Set for files: VS Code then shows their icon. */
  readonly file?: vscode.Uri;
  readonly children: FindingNode[];
}

export interface FindingNode extends FindingName {
  readonly kind: "finding";
  readonly finding: Finding;
  readonly group: () => Group;
  /** Which of how many in its group. */
  readonly ordinal: number;
}

export interface StepNode {
  readonly kind: "step";
  readonly step: PathStep;
  readonly ordinal: number;
  readonly count: number;
  readonly finding: FindingNode;
}

export type Node = Group | FindingNode | StepNode;

export function groupsOf(
  byFile: ReadonlyMap<string, readonly Finding[]>,
  grouping: Grouping,
  showsHints: boolean,
): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const [uri, findings] of byFile) {
    for (const finding of findings) {
      if (finding.severity === "hint" && !showsHints) continue;
      const key = keyOf(uri, finding, grouping);
      const group = groups.get(key) ?? newGroup(key, uri, finding, grouping);
      groups.set(key, group);
      const ordinal = group.children.length + 1;
      group.children.push({ kind: "finding", uri, fingerprint: finding.fingerprint, finding, group: () => group, ordinal });
    }
  }
  // What blocks most comes first; files and equal counts by name.
  const byName = (one: Group, other: Group): number => one.key.localeCompare(other.key);
  const byCount = (one: Group, other: Group): number => other.children.length - one.children.length || byName(one, other);
  return [...groups.values()].sort(grouping === "file" ? byName : byCount);
}

function keyOf(uri: string, { entry, rule }: Finding, grouping: Grouping): string {
  switch (grouping) {
    case "entry":
      return `${entry.uri}#${entry.function}`;
    case "rule":
      return rule;
    case "file":
      return uri;
  }
}

function newGroup(key: string, uri: string, { entry, rule }: Finding, grouping: Grouping): Group {
  const children: FindingNode[] = [];
  switch (grouping) {
    case "entry": {
      const label = entry.function === "" ? "module level" : entry.function;
      const description = shortPath(vscode.Uri.parse(entry.uri));
      return { kind: "group", key, label, description, icon: new vscode.ThemeIcon("symbol-function"), children };
    }
    case "rule":
      return { kind: "group", key, label: rule, description: "", icon: new vscode.ThemeIcon("law"), children };
    case "file": {
      const file = vscode.Uri.parse(uri);
      const path = shortPath(file);
      const slash = path.lastIndexOf("/");
      const description = slash < 0 ? "" : path.slice(0, slash);
      return { kind: "group", key, label: path.slice(slash + 1), description, icon: vscode.ThemeIcon.File, file, children };
    }
  }
}

export function groupItem({ key, label, description, icon, file, children }: Group, grouping: Grouping): vscode.TreeItem {
  const state = vscode.TreeItemCollapsibleState.Expanded;
  const item = new vscode.TreeItem(label, state);
  item.id = key;
  const count = counted(children.length, "finding");
  item.description = description === "" ? String(children.length) : `${children.length} · ${description}`;
  item.tooltip = `${label}: ${count}${description === "" ? "" : `, ${description}`}`;
  item.iconPath = icon;
  if (file) item.resourceUri = file;
  item.contextValue = grouping === "entry" ? "entry" : "group";
  item.accessibilityInformation = { label: `${label}, ${count}${description === "" ? "" : `, in ${description}`}` };
  return item;
}

export function findingItem(node: FindingNode, grouping: Grouping): vscode.TreeItem {
  const { finding, uri, group, ordinal } = node;
  const { callee, primitive, stall, severity, rule, message, entry, range } = finding;
  const state = vscode.TreeItemCollapsibleState.Collapsed;
  const item = new vscode.TreeItem(callee === primitive || callee === "" ? primitive : `${callee} → ${primitive}`, state);
  item.id = findingId(node);
  const line = `${shortPath(vscode.Uri.parse(uri))}:${range.start.line + 1}`;
  const runner = entry.function === "" ? "module level" : entry.function;
  const aside = {
    entry: `line ${range.start.line + 1}`,
    rule: `${runner}, ${line}`,
    file: `${runner}, line ${range.start.line + 1}`,
  };
  item.description = [stall, aside[grouping]].filter((part) => part !== "").join(" · ");
  item.tooltip = `${message}\n${rule}\n${line}`;
  item.iconPath = ICONS[severity];
  item.contextValue = "finding";
  Object.assign(item, openCommand(placeIn(uri, range)));
  const position = `${ordinal} of ${group().children.length}`;
  item.accessibilityInformation = { label: `${severity}, ${message}, in ${runner}, ${line}, ${rule}, ${position}` };
  return item;
}

export function stepItem({ step, ordinal, count, finding }: StepNode): vscode.TreeItem {
  const item = new vscode.TreeItem(step.text);
  item.id = `${findingId(finding)}/${ordinal}`;
  const place = placeIn(step.uri, step.range);
  const where = place ? `${shortPath(place.uri)}:${place.range.start.line + 1}` : "no source here";
  item.description = where;
  item.tooltip = `${step.text}\n${where}`;
  item.iconPath = new vscode.ThemeIcon(ordinal === count ? "debug-stackframe" : "arrow-small-right");
  item.contextValue = "step";
  Object.assign(item, openCommand(place));
  item.accessibilityInformation = { label: `Step ${ordinal} of ${count}: ${step.text}, ${where}` };
  return item;
}

function findingId({ group, uri, fingerprint }: FindingNode): string {
  return `${group().key}/${uri}/${fingerprint}`;
}

const ICONS: Readonly<Record<Finding["severity"], vscode.ThemeIcon>> = {
  error: new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground")),
  warning: new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground")),
  information: new vscode.ThemeIcon("info"),
  hint: new vscode.ThemeIcon("lightbulb"),
};

function openCommand(place: vscode.Location | undefined): Pick<vscode.TreeItem, "command"> {
  if (!place) return {};
  return { command: { command: "vscode.open", title: "Open", arguments: [place.uri, { selection: startOf(place) }] } };
}

/** The cursor, and not a selection that the next key would replace. */
export function startOf({ range }: vscode.Location): vscode.Range {
  return new vscode.Range(positionOf(range.start), positionOf(range.start));
}

/** The path within its workspace folder, with the folder's name where there are several. */
function shortPath(uri: vscode.Uri): string {
  return vscode.workspace.asRelativePath(uri);
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
