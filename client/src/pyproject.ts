/**
 * Completion of `[tool.loopguard]` in pyproject.toml: the keys and values that the extension's own settings have, in the
 * spelling of that file. What is wrong in the file is the server's to say.
 */
import * as vscode from "vscode";

/** A setting as the extension's manifest declares it, as far as it is used here. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly markdownDescription?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

type Properties = Readonly<Record<string, Schema>>;

export const pyprojectFiles: vscode.DocumentSelector = { pattern: "**/pyproject.toml" };

export class PyprojectCompletion implements vscode.CompletionItemProvider {
  readonly #tables: ReadonlyMap<string, Properties>;

  /** `properties`: of the manifest's configuration, by their full names. */
  constructor(properties: Properties) {
    const own = Object.entries(properties)
      .filter(([name]) => !name.startsWith("loopguard.trace"))
      .map(([name, schema]) => [kebab(name.slice("loopguard.".length)), schema] as const);
    this.#tables = new Map([
      ["tool.loopguard", Object.fromEntries(own)],
      ["tool.loopguard.severity", properties["loopguard.severity"]?.properties ?? {}],
    ]);
  }

  provideCompletionItems(document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] {
    const before = document.lineAt(position.line).text.slice(0, position.character);
    if (/^\s*\[[\w.]*$/.test(before)) return this.#headers(before, position);
    const properties = this.#tables.get(tableAt(document, position.line));
    if (!properties) return [];
    const [, key] = /^\s*([\w-]+)\s*=\s*["\w]*$/.exec(before) ?? [];
    if (key !== undefined) return valuesOf(properties[key], before, position);
    if (!/^\s*[\w-]*$/.test(before)) return [];
    const written = new Set(keysAround(document, position.line));
    return Object.entries(properties).flatMap(([name, schema]) => (written.has(name) ? [] : [keyItem(name, schema)]));
  }

  #headers(before: string, position: vscode.Position): vscode.CompletionItem[] {
    const start = new vscode.Position(position.line, before.indexOf("["));
    return [...this.#tables.keys()].map((table) => {
      const item = new vscode.CompletionItem(`[${table}]`, vscode.CompletionItemKind.Module);
      item.range = { inserting: new vscode.Range(start, position), replacing: new vscode.Range(start, position) };
      return item;
    });
  }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The table that a line stands in: that of the last header above it. */
function tableAt(document: vscode.TextDocument, line: number): string {
  for (let above = line; above >= 0; above--) {
    const header = /^\s*\[\s*([\w.\s-]+?)\s*\]/.exec(document.lineAt(above).text);
    if (header) return (header[1] as string).replace(/\s/g, "");
  }
  return "";
}

/** The keys of the table around a line, that line's own left out. */
function keysAround(document: vscode.TextDocument, line: number): string[] {
  const keys: string[] = [];
  const read = (at: number): boolean => {
    const text = document.lineAt(at).text;
    const key = /^\s*([\w-]+)\s*=/.exec(text)?.[1];
    if (key !== undefined) keys.push(key);
    return !/^\s*\[/.test(text);
  };
  for (let at = line - 1; at >= 0 && read(at); at--);
  for (let at = line + 1; at < document.lineCount && read(at); at++);
  return keys;
}

function keyItem(name: string, schema: Schema): vscode.CompletionItem {
  const item = new vscode.CompletionItem(name, vscode.CompletionItemKind.Property);
  item.documentation = new vscode.MarkdownString(schema.markdownDescription ?? "");
  item.insertText = new vscode.SnippetString(`${name} = ${placeholder(schema)}`);
  return item;
}

/** What is written behind the equals sign, as a snippet. */
function placeholder({ type, enum: choices, default: usual }: Schema): string {
  if (choices) return `"\${1|${choices.join(",")}|}"`;
  switch (type) {
    case "boolean":
      return `\${1|${usual === true ? "false,true" : "true,false"}|}`;
    case "array":
      return '["$1"]';
    case "object":
      return "{ $1 }";
    default:
      return '"$1"';
  }
}

function valuesOf(schema: Schema | undefined, before: string, position: vscode.Position): vscode.CompletionItem[] {
  const values = schema?.enum?.map((value) => `"${value}"`) ?? (schema?.type === "boolean" ? ["true", "false"] : []);
  const start = new vscode.Position(position.line, before.length - (/["\w]*$/.exec(before)?.[0].length ?? 0));
  const range = { inserting: new vscode.Range(start, position), replacing: new vscode.Range(start, position) };
  return values.map((value) => {
    const item = new vscode.CompletionItem(value, vscode.CompletionItemKind.EnumMember);
    return Object.assign(item, { range });
  });
}
