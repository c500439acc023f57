/**
 * What blocks the event loop in the whole workspace, as a tree: by the function that runs on the loop, by rule or by file. Below each
 * finding stand the steps of its path. It is VS Code's own tree, so that keyboard, screen readers and themes work as everywhere;
 * the server is asked only while the tree can be seen.
 */
import * as vscode from "vscode";
import { pathOf } from "./path";
import { placeIn, rangeOf } from "./places";
import type { Session } from "./session";
import type { Status } from "./status";
import {
  counted,
  type FileFindings,
  type Finding,
  type FindingNode,
  findingItem,
  type Group,
  type Grouping,
  groupItem,
  groupsOf,
  type Node,
  type StepNode,
  startOf,
  stepItem,
} from "./tree";

const VIEW = "loopguard.eventLoop";

/** Bursts of news become one picture. */
const PAUSE_MILLISECONDS = 150;

export class FindingsView implements vscode.Disposable, vscode.TreeDataProvider<Node> {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<Node>;
  readonly #subscriptions: vscode.Disposable[];
  readonly #byFile = new Map<string, readonly Finding[]>();
  #groups: readonly Group[] | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #status: Status = { state: "stopped" };

  constructor(
    private readonly session: Session,
    private readonly memory: vscode.Memento,
  ) {
    this.#view = vscode.window.createTreeView<Node>(VIEW, { treeDataProvider: this, showCollapseAll: true });
    const grouped = (grouping: Grouping) => () => this.#keep("grouping", grouping);
    this.#subscriptions = [
      this.#changed,
      this.#view,
      this.#view.onDidChangeVisibility(() => this.#watch()),
      vscode.commands.registerCommand("loopguard.groupByEntry", grouped("entry")),
      vscode.commands.registerCommand("loopguard.groupByRule", grouped("rule")),
      vscode.commands.registerCommand("loopguard.groupByFile", grouped("file")),
      vscode.commands.registerCommand("loopguard.showHints", () => this.#keep("hints", true)),
      vscode.commands.registerCommand("loopguard.hideHints", () => this.#keep("hints", false)),
      vscode.commands.registerCommand("loopguard.showInView", () => this.#revealAtCursor()),
      vscode.commands.registerCommand("loopguard.goToEntry", (node?: Node) => this.#goToEntry(node)),
    ];
    this.#tellContext();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** A server has come up: it knows nothing of what the one before was asked. */
  serverStarted(): void {
    this.#byFile.clear();
    this.#watch();
    this.#refreshSoon();
  }

  /** What the server says of a file that has changed. */
  take({ uri, findings }: FileFindings): void {
    if (findings.length === 0) this.#byFile.delete(uri);
    else this.#byFile.set(uri, findings);
    this.#refreshSoon();
  }

  serverSays(status: Status): void {
    if (status.state === "stopped" || status.state === "error") this.#byFile.clear();
    this.#status = status;
    this.#refreshSoon();
  }

  getChildren(node?: Node): Node[] | Promise<Node[]> {
    if (node === undefined) return [...this.#grouped()];
    switch (node.kind) {
      case "group":
        return node.children;
      case "finding":
        return this.#stepsOf(node);
      case "step":
        return [];
    }
  }

  getParent(node: Node): Node | undefined {
    switch (node.kind) {
      case "group":
        return undefined;
      case "finding":
        return node.group();
      case "step":
        return node.finding;
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case "group":
        return groupItem(node, this.#grouping);
      case "finding":
        return findingItem(node, this.#grouping);
      case "step":
        return stepItem(node);
    }
  }

  get #grouping(): Grouping {
    return this.memory.get<Grouping>("grouping", "entry");
  }

  get #showsHints(): boolean {
    return this.memory.get("hints", false);
  }

  #keep(key: "grouping" | "hints", value: unknown): void {
    void this.memory.update(key, value);
    this.#tellContext();
    this.#refresh();
  }

  #tellContext(): void {
    void vscode.commands.executeCommand("setContext", "loopguard.grouping", this.#grouping);
    void vscode.commands.executeCommand("setContext", "loopguard.hints", this.#showsHints);
  }

  /** A server that does not run is not started by a glance at the tree. */
  #watch(): void {
    void this.session.requestIfRunning("loopguard/watchFindings", { watch: this.#view.visible });
  }

  #refreshSoon(): void {
    this.#timer ??= setTimeout(() => this.#refresh(), PAUSE_MILLISECONDS);
  }

  #refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#groups = undefined;
    const all = [...this.#byFile.values()].flat();
    const hidden = this.#showsHints ? 0 : all.filter(({ severity }) => severity === "hint").length;
    this.#view.description = all.length === hidden ? "" : `${all.length - hidden} ${GROUPING_TEXTS[this.#grouping]}`;
    const indexing = messageOf(this.#status);
    this.#view.message = indexing ?? (hidden === all.length || hidden === 0 ? "" : `${counted(hidden, "hint")} not shown.`);
    const settled = indexing === undefined && this.#status.state === "idle";
    const state = settled && all.length === hidden ? (hidden === 0 ? "none" : "hints") : "";
    void vscode.commands.executeCommand("setContext", "loopguard.findings", state);
    this.#changed.fire(undefined);
  }

  #grouped(): readonly Group[] {
    this.#groups ??= groupsOf(this.#byFile, this.#grouping, this.#showsHints);
    return this.#groups;
  }

  async #stepsOf(node: FindingNode): Promise<StepNode[]> {
    const path = await pathOf(this.session, node);
    const steps = path?.steps ?? [];
    return steps.map((step, index) => ({ kind: "step", step, ordinal: index + 1, count: steps.length, finding: node }));
  }

  /** Selects the finding at the cursor, or the first one of its file, in the tree. */
  async #revealAtCursor(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW}.focus`);
    const editor = vscode.window.activeTextEditor;
    const cursor = editor?.selection.active;
    const uri = editor?.document.uri.toString();
    const here = this.#grouped()
      .flatMap(({ children }) => children)
      .filter((node) => vscode.Uri.parse(node.uri).toString() === uri);
    const wanted = here.find(({ finding }) => cursor !== undefined && rangeOf(finding.range).contains(cursor)) ?? here[0];
    if (wanted) await this.#view.reveal(wanted, { focus: true, select: true });
  }

  async #goToEntry(node: Node | undefined): Promise<void> {
    const finding = node?.kind === "group" ? node.children[0]?.finding : node?.kind === "finding" ? node.finding : undefined;
    if (finding) await open(placeIn(finding.entry.uri, finding.entry.range));
  }
}

const GROUPING_TEXTS: Readonly<Record<Grouping, string>> = { entry: "by function", rule: "by rule", file: "by file" };

/** What the tree has to say while it cannot be whole. */
function messageOf(status: Status): string | undefined {
  switch (status.state) {
    case "starting":
      return "The server is starting…";
    case "indexing":
      return `Reading the workspace… ${Math.round(status.percent ?? 0)} %`;
    case "idle":
    case "stopped":
    case "error":
      return undefined;
  }
}

async function open(place: vscode.Location | undefined): Promise<void> {
  if (place) await vscode.window.showTextDocument(place.uri, { selection: startOf(place) });
}
