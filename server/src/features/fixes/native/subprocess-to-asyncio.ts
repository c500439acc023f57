/**
 * A child process that is waited for, through asyncio:
 *
 *     result = subprocess.run(                process = await asyncio.create_subprocess_exec(
 *         command, capture_output=True,  ->       *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
 *         check=True                          )
 *     )                                       stdout, stderr = await process.communicate()
 *                                             if process.returncode:
 *                                                 raise subprocess.CalledProcessError(process.returncode, command, output=stdout, stderr=stderr)
 *                                             result = subprocess.CompletedProcess(command, process.returncode, stdout, stderr)
 *
 * The result is the same object, so that whoever uses it, here or elsewhere, finds what was there before; the exceptions
 * are the same, too. Text is decoded as subprocess does it, its line ends included.
 */

import { whyHandedToThread } from "../offload/threads.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { isOlder, straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitFrame, type Edit, localName, type Reference, referenceTo } from "../text/edits.js";
import { whyNotHoisted } from "../text/hoisting.js";
import { qualifiedName } from "../text/scopes.js";
import {
  descendantsOf,
  endOf,
  expressionStart,
  hasComment,
  indentOf,
  indentStep,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  textOf,
} from "../text/source.js";
import { type Child, readChild, type Waiting } from "./subprocess-arguments.js";

export const subprocessToAsyncio: Remedy = { name: "subprocess-to-asyncio", propose };

const WAITING = /^subprocess\.(run|call|check_call|check_output|getoutput|getstatusoutput)$|^(?:os|posix|nt)\.(system)$/;

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  const match = WAITING.exec(finding.path[0]?.callee ?? "");
  if (!match || finding.path.length > 1) return undefined;
  const function_ = (match[1] ?? match[2]) as Waiting;
  if (call === undefined) return refuse("the child is not started by a plain call");
  const name = qualifiedName(source, source.tree.child(call, "function") as NodeId);
  if (finding.confidence !== "definite" || !WAITING.test(name ?? "")) return refuse("the call may be something else");
  const reason =
    whyNotHere(request, function_) ??
    whyNoAwait(source, call, request.python) ??
    whyNotSuspend(source, call) ??
    whyHandedToThread(source, call) ??
    (hasComment(source, startOf(source, call), endOf(source, call)) ? "a comment stands in the call" : undefined);
  if (reason) return refuse(reason);
  const names = new Names(source, call);
  const child = readChild(source, call, function_, (constant) => names.of("subprocess", constant));
  if (typeof child === "string") return refuse(child);
  const rewritten = waitsOnly(child, function_) ? inPlace(request, call, child, function_, names) : undefined;
  const edits = rewritten ?? hoisted(request, call, child, function_, names);
  if (typeof edits === "string") return refuse(edits);
  if (names.missing) return refuse("this file uses the names that the fix needs for something else");
  return {
    kind: "proposal",
    title: `Start the process with asyncio.create_subprocess_${child.isShell ? "shell" : "exec"}`,
    action: "quickfix",
    preferred: child.timeout === undefined && !straddlesSharedState(source, call),
    edits: [...names.edits, ...edits],
  };
}

/** How names of modules are written at the call, and the imports that they need. */
class Names {
  readonly edits: Edit[] = [];
  missing = false;
  readonly #source: Source;
  readonly #site: NodeId;

  constructor(source: Source, site: NodeId) {
    this.#source = source;
    this.#site = site;
  }

  of(module: string, name: string): string {
    const reference: Reference | undefined = referenceTo(this.#source, this.#site, module, name);
    this.edits.push(...(reference?.edits ?? []));
    this.missing ||= reference === undefined;
    return reference?.text ?? `${module}.${name}`;
  }
}

function whyNotHere({ source, python }: FixRequest, function_: Waiting): string | undefined {
  if (/^get/.test(function_) && isOlder(python, 3, 9)) return "str.removesuffix needs Python 3.9";
  if (asyncLibraryOf(source) !== "asyncio") return "this file is written for another library than asyncio";
  if (isOlder(python, 3, 8)) return "before Python 3.8 asyncio starts processes from the main thread only";
  if (source.text.includes("WindowsSelectorEventLoopPolicy"))
    return "the event loop that this file chooses on Windows starts no processes";
  if (/\bpatch(\.object)?\(\s*["'][^"']*subprocess|\bsetattr\(\s*["']?[\w.]*subprocess/.test(source.text))
    return "this file puts a stand-in in the place of subprocess";
  return undefined;
}

/** Nothing but the end of the child is waited for. */
function waitsOnly(child: Child, function_: Waiting): boolean {
  return (
    /^(run|call|system)$/.test(function_) &&
    child.stdout === "elsewhere" &&
    child.stderr === "elsewhere" &&
    child.input === undefined &&
    !child.closesInput &&
    child.timeout === undefined &&
    !child.check
  );
}

/** One expression in the place of another; undefined where the result is used as a whole. */
function inPlace(request: FixRequest, call: NodeId, child: Child, function_: Waiting, names: Names): Edit[] | string | undefined {
  const { source } = request;
  const isDropped = kindOf(source, parentOf(source, call)) === "expression_statement";
  const attribute = attributeOf(source, call);
  if (function_ === "run" && !isDropped && attribute !== "returncode") return undefined;
  if (function_ === "system" && !isDropped && !isTested(source, call))
    return "os.system tells more than the exit code of the child, and its result is used";
  const node = attribute === "returncode" ? parentOf(source, call) : call;
  const [before, after] = awaitFrame(source, node);
  const start = expressionStart(source, node);
  const arguments_ = [child.spread, ...child.options];
  const text = `(await ${creation(request, call, child, arguments_, names)}).wait()`;
  return [{ start, end: endOf(source, node), text: before + text + after }];
}

/** The attribute that is read of the call's result at once. */
function attributeOf(source: Source, call: NodeId): string | undefined {
  const parent = parentOf(source, call);
  if (kindOf(source, parent) !== "attribute" || source.tree.child(parent, "object") !== call) return undefined;
  return textOf(source, source.tree.child(parent, "attribute") as NodeId);
}

/** Only whether the result is 0 is asked. */
function isTested(source: Source, call: NodeId): boolean {
  const parent = parentOf(source, call);
  if (kindOf(source, parent) === "not_operator") return true;
  if (/^(if|while)_statement$|^elif_clause$/.test(kindOf(source, parent))) return source.tree.field(call) === "condition";
  return kindOf(source, parent) === "comparison_operator" && /^[^=!<>]*\)\s*(==|!=)\s*0$/.test(textOf(source, parent));
}

const MAX_LINE = 100;

/** `asyncio.create_subprocess_exec(...)`, broken inside its brackets where it is long. */
function creation(request: FixRequest, call: NodeId, child: Child, given: readonly string[], names: Names, prefix = 0): string {
  const { source } = request;
  const indent = indentOf(source, startOf(source, statementOf(source, call)));
  const callee = names.of("asyncio", child.isShell ? "create_subprocess_shell" : "create_subprocess_exec");
  const text = given.join(", ");
  if (text.includes("\n") || indent.length + prefix + callee.length + text.length + 2 <= MAX_LINE) return `${callee}(${text})`;
  const step = indentStep(source, call);
  const { newline } = source;
  return `${callee}(${newline}${indent}${step}${text}${newline}${indent})`;
}

/** Statements before that of the call, and an expression in the place of the call. */
function hoisted(request: FixRequest, call: NodeId, child: Child, function_: Waiting, names: Names): Edit[] | string {
  const { source } = request;
  const reason = whyNotHoisted(source, call) ?? whyNotTimedOut(source, child);
  if (reason) return reason;
  const statement = statementOf(source, call);
  const { newline } = source;
  const indent = indentOf(source, startOf(source, statement));
  const step = indentStep(source, call);
  const isDropped = kindOf(source, parentOf(source, call)) === "expression_statement";
  const attribute = function_ === "run" ? attributeOf(source, call) : undefined;
  const isObject = function_ === "run" && !isDropped && !/^(returncode|stdout|stderr)$/.test(attribute ?? "");
  const process = localName(source, call, "process");
  const lines: string[] = [];
  let command = textOf(source, child.command);
  let spread = child.spread;
  if ((child.check || child.timeout !== undefined || isObject) && !child.isNamed) {
    command = localName(source, call, "command");
    lines.push(`${command} = ${textOf(source, child.command)}`);
    spread = child.isShell ? command : `*${command}`;
  }
  const open = `${process} = await `;
  lines.push(open + creation(request, call, child, [spread, ...child.options], names, open.length));

  const isPiped = child.stdout === "piped" || child.stderr === "piped" || child.input !== undefined || child.closesInput;
  const out = child.stdout === "piped" ? localName(source, call, "stdout") : undefined;
  const err = child.stderr === "piped" ? localName(source, call, "stderr") : undefined;
  const unused = localName(source, call, "_");
  const isRead = out !== undefined || err !== undefined;
  const receiver = isRead ? `${out ?? unused}, ${err ?? unused} = ` : "";
  const given = child.input ?? (child.closesInput ? 'b""' : "");
  const waiting = isPiped ? `${process}.communicate(${given})` : `${process}.wait()`;
  if (child.timeout === undefined) lines.push(`${receiver}await ${waiting}`);
  else {
    lines.push(
      "try:",
      `${step}${receiver}await ${names.of("asyncio", "wait_for")}(${waiting}, ${child.timeout})`,
      `except ${isOlder(request.python, 3, 11) ? names.of("asyncio", "TimeoutError") : "TimeoutError"}:`,
      `${step}if ${process}.returncode is None:`,
      `${step}${step}${process}.kill()`,
      `${step}await ${process}.wait()`,
      `${step}raise ${names.of("subprocess", "TimeoutExpired")}(${command}, ${child.timeout}) from None`,
    );
  }
  const decoded = (name: string | undefined): string | undefined => {
    if (name === undefined || child.decoding === undefined) return name;
    const { encoding = `${names.of("locale", "getpreferredencoding")}(False)`, errors } = child.decoding;
    const given = errors === undefined ? encoding : `${encoding}, ${errors}`;
    return `${name}.decode(${given}).replace("\\r\\n", "\\n").replace("\\r", "\\n")`;
  };
  // What is read twice is decoded once, as subprocess does before it raises.
  const isReadTwice = child.check || isObject;
  const outText = isReadTwice ? out : decoded(out);
  const errText = isReadTwice ? err : decoded(err);
  if (isReadTwice && child.decoding !== undefined)
    for (const name of [out, err]) if (name !== undefined) lines.push(`${name} = ${decoded(name)}`);
  const results = err !== undefined ? [outText ?? "None", errText as string] : outText !== undefined ? [outText] : [];
  const code = `${process}.returncode`;
  if (child.check) {
    // By name, as subprocess does it: what is given by position stands among the exception's `args`.
    const outputs = [...(outText ? [`output=${outText}`] : []), ...(errText ? [`stderr=${errText}`] : [])];
    const raised = `${names.of("subprocess", "CalledProcessError")}(${[code, command, ...outputs].join(", ")})`;
    lines.push(`if ${code}:`, `${step}raise ${raised}`);
  }
  const text = lines.join(newline + indent);
  const start = startOf(source, statement);
  if (isDropped) return [{ start, end: endOf(source, call), text }];
  const node = attribute === undefined || isObject ? call : parentOf(source, call);
  const value = resultOf({ function_, attribute, isObject, code, command, out: outText, err: errText, results, names });
  return [
    { start, end: start, text: text + newline + indent },
    { start: expressionStart(source, node), end: endOf(source, node), text: value },
  ];
}

interface Made {
  readonly function_: Waiting;
  readonly attribute: string | undefined;
  readonly isObject: boolean;
  readonly code: string;
  readonly command: string;
  readonly out: string | undefined;
  readonly err: string | undefined;
  readonly results: readonly string[];
  readonly names: Names;
}

/** The expression that has the value of the call. */
function resultOf({ function_, attribute, isObject, code, command, out, err, results, names }: Made): string {
  switch (function_) {
    case "run":
      if (isObject) return `${names.of("subprocess", "CompletedProcess")}(${[command, code, ...results].join(", ")})`;
      return attribute === "stdout" ? (out ?? "None") : attribute === "stderr" ? (err ?? "None") : code;
    case "call":
    case "system":
      return code;
    case "check_call":
      return "0";
    case "check_output":
      return out ?? "None";
    case "getoutput":
      return `${out}.removesuffix("\\n")`;
    case "getstatusoutput":
      return `(${code}, ${out}.removesuffix("\\n"))`;
  }
}

/** What a child wrote until its time was up is lost. */
function whyNotTimedOut(source: Source, { timeout }: Child): string | undefined {
  if (timeout === undefined) return undefined;
  for (const clause of descendantsOf(source, 0)) {
    if (
      kindOf(source, clause) !== "except_clause" ||
      !/^except\b[^:]*\b(TimeoutExpired|SubprocessError|Exception)\b/.test(textOf(source, clause))
    )
      continue;
    const name = /\bas\s+(\w+)\s*:/.exec(textOf(source, clause))?.[1];
    if (name !== undefined && new RegExp(`\\b${name}\\.(output|stdout|stderr)\\b`).test(textOf(source, clause)))
      return "the output of a child whose time was up is used, and asyncio would lose it";
  }
  return undefined;
}
