/**
 * What a call of subprocess.run and its kin is given, as asyncio.create_subprocess_exec and _shell take it. Whatever those
 * do not know, or what is not plain in the text, is a reason to leave the call alone.
 */
import { isString } from "../text/literals.js";
import { bindingsOf, qualifiedName } from "../text/scopes.js";
import {
  argumentsOf,
  descendantsOf,
  endOf,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";

/** The functions of subprocess that wait for a child. */
export type Waiting = "run" | "call" | "check_call" | "check_output" | "getoutput" | "getstatusoutput" | "system";

/** What becomes of an output of the child: read, joined with the other one, or what the text says. */
export type Stream = "piped" | "elsewhere";

export interface Child {
  readonly command: NodeId;
  /** The command is one for the shell. */
  readonly isShell: boolean;
  /** The command is a name: it can be said twice. */
  readonly isNamed: boolean;
  /** `"git", "status"`, or `*command`: the arguments of create_subprocess_exec. */
  readonly spread: string;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Options that go on as they are, `cwd=path`, those of the streams included. */
  readonly options: readonly string[];
  /** An expression of bytes that the child reads. */
  readonly input?: string;
  /** The child's input is a pipe that is closed at once. */
  readonly closesInput: boolean;
  readonly timeout?: string;
  readonly check: boolean;
  /** How the output is decoded, as far as that is said; undefined: it is bytes. */
  readonly decoding?: { readonly encoding?: string; readonly errors?: string };
}

const PASSED_ON = new Set(
  (
    "cwd env executable close_fds start_new_session preexec_fn creationflags startupinfo umask user group extra_groups " +
    "pass_fds restore_signals process_group"
  ).split(" "),
);

/** Reads the arguments; a text says why they cannot be followed. `pipe`: how subprocess.PIPE and STDOUT are written there. */
export function readChild(
  source: Source,
  call: NodeId,
  function_: Waiting,
  pipe: (name: "PIPE" | "STDOUT") => string,
): Child | string {
  const options = new Map<string, NodeId>();
  let command: NodeId | undefined;
  for (const [index, argument] of argumentsOf(source, call).entries()) {
    const kind = kindOf(source, argument);
    if (/^(list_splat|dictionary_splat|generator_expression)$/.test(kind)) return "its arguments are not written out";
    if (kind === "keyword_argument") {
      const name = textOf(source, source.tree.child(argument, "name") as NodeId);
      options.set(name, source.tree.child(argument, "value") as NodeId);
    } else if (index === 0) command = argument;
    else return "options of Popen are given by position";
  }
  for (const name of ["args", "cmd", "command"]) {
    command ??= options.get(name);
    options.delete(name);
  }
  if (command === undefined) return "there is no command";
  return childOf(source, command, options, function_, pipe);
}

function childOf(
  source: Source,
  command: NodeId,
  options: Map<string, NodeId>,
  function_: Waiting,
  pipe: (name: "PIPE" | "STDOUT") => string,
): Child | string {
  const flags = flagsOf(source, options, ["shell", "check", "text", "universal_newlines", "capture_output"]);
  if (typeof flags === "string") return flags;
  const getsOutput = function_ === "getoutput" || function_ === "getstatusoutput";
  const isShell = flags.has("shell") || getsOutput || function_ === "system";
  const spread = spreadOf(source, command, isShell);
  if (!("text" in spread)) return spread.reason;

  const passed: string[] = [];
  const decoding: { encoding?: string; errors?: string } = {};
  let input: string | undefined;
  let timeout: string | undefined;
  const isPiped = { stdout: flags.has("capture_output"), stderr: flags.has("capture_output") };
  const encodes = options.get("encoding");
  let closesInput = false;
  let rawInput: NodeId | undefined;
  for (const [name, given] of options) {
    const value = textOf(source, given);
    const isNone = kindOf(source, given) === "none";
    if (!isPlain(source, given) && !PASSED_ON.has(name) && name !== "input") return `\`${name}=${value}\` is not a plain value`;
    switch (name) {
      case "stdout":
      case "stderr": {
        const stream = qualifiedName(source, given) ?? "";
        if (stream === "subprocess.PIPE") isPiped[name] = true;
        if (isNone || stream === "subprocess.PIPE") break;
        if (!/^subprocess\.(DEVNULL|STDOUT)$/.test(stream) && /PIPE|(^|\W)-?\d/.test(value))
          return `\`${name}=${value}\` may be a pipe`;
        if (!/^subprocess\.(DEVNULL|STDOUT)$/.test(stream) && isUnknown(source, given))
          return `\`${name}=${value}\` may be a pipe`;
        break;
      }
      case "stdin":
        closesInput = qualifiedName(source, given) === "subprocess.PIPE";
        if (
          !closesInput &&
          !isNone &&
          !/^subprocess\.DEVNULL$/.test(qualifiedName(source, given) ?? "") &&
          isUnknown(source, given)
        )
          return `\`stdin=${value}\` may be a pipe`;
        break;
      case "input":
        if (isNone && function_ === "check_output") return "`input=None` means an empty input here";
        if (!isNone) rawInput = given;
        break;
      case "timeout":
        if (!isNone) timeout = value;
        break;
      case "encoding":
      case "errors":
        if (!isNone) decoding[name] = value;
        break;
      case "bufsize":
        break;
      default:
        if (!PASSED_ON.has(name)) return `asyncio knows no option \`${name}\``;
    }
    if (PASSED_ON.has(name)) passed.push(`${name}=${value}`);
    if (/^std(in|out|err)$/.test(name) && !isNone) passed.push(`${name}=${value}`);
  }
  const isText = flags.has("text") || flags.has("universal_newlines") || Object.keys(decoding).length > 0 || getsOutput;
  if (rawInput !== undefined) {
    const bytes = inputOf(source, rawInput, isText, encodes);
    if ("reason" in bytes) return bytes.reason;
    input = bytes.text;
    if (!options.has("stdin")) passed.push(`stdin=${pipe("PIPE")}`);
  }
  if (flags.has("capture_output")) passed.push(`stdout=${pipe("PIPE")}`, `stderr=${pipe("PIPE")}`);
  if (getsOutput) passed.push(`stdout=${pipe("PIPE")}`, `stderr=${pipe("STDOUT")}`);
  if (function_ === "check_output") passed.push(`stdout=${pipe("PIPE")}`);
  const readsOutput = getsOutput || function_ === "check_output";
  if (/call$/.test(function_) && (isPiped.stdout || isPiped.stderr || closesInput)) return "nobody reads its pipe";
  if (readsOutput && (options.has("stdout") || isPiped.stdout)) return "its output goes elsewhere";
  return {
    command,
    isShell,
    isNamed: kindOf(source, command) === "identifier" || isPlainString(source, command),
    spread: spread.text,
    stdout: isPiped.stdout || readsOutput ? "piped" : "elsewhere",
    stderr: isPiped.stderr ? "piped" : "elsewhere",
    options: passed,
    ...(input === undefined ? {} : { input }),
    closesInput,
    ...(timeout === undefined ? {} : { timeout }),
    check: flags.has("check") || function_ === "check_call" || function_ === "check_output",
    ...(isText ? { decoding } : {}),
  };
}

/** The flags that are `True`; each is a constant. */
function flagsOf(source: Source, options: Map<string, NodeId>, names: readonly string[]): ReadonlySet<string> | string {
  const flags = new Set<string>();
  for (const name of names) {
    const value = options.get(name);
    if (value === undefined) continue;
    if (!/^(true|false|none)$/.test(kindOf(source, value))) return `\`${name}=${textOf(source, value)}\` is not known`;
    if (kindOf(source, value) === "true") flags.add(name);
    options.delete(name);
  }
  return flags;
}

/** A file or the like: nothing that could be the number of a pipe. */
function isUnknown(source: Source, given: NodeId): boolean {
  if (kindOf(source, given) !== "identifier") return !/^sys\.(stdin|stdout|stderr)$/.test(qualifiedName(source, given) ?? "");
  const bindings = bindingsOf(source, textOf(source, given), given);
  return (
    bindings.length === 0 ||
    bindings.some(({ node }) => {
      const owner = parentOf(source, node);
      const maker = kindOf(source, owner) === "as_pattern_target" ? source.tree.children(parentOf(source, owner))[0] : undefined;
      const value = kindOf(source, owner) === "assignment" ? source.tree.child(owner, "right") : maker;
      const callee = value !== undefined && kindOf(source, value) === "call" ? source.tree.child(value, "function") : undefined;
      return callee === undefined || !/(^|\.)(open|TemporaryFile|NamedTemporaryFile)$/.test(textOf(source, callee));
    })
  );
}

function isPlainString(source: Source, value: NodeId): boolean {
  return (
    kindOf(source, value) === "string" &&
    [...descendantsOf(source, value)].every((node) => kindOf(source, node) !== "interpolation")
  );
}

/** Evaluating it early, late or twice makes no difference. */
function isPlain(source: Source, value: NodeId): boolean {
  return [...descendantsOf(source, value)].every(
    (node) => !/^(call|await|yield|named_expression|lambda|\w+_comprehension|generator_expression)$/.test(kindOf(source, node)),
  );
}

type Spread = { readonly text: string } | { readonly reason: string };

function spreadOf(source: Source, command: NodeId, isShell: boolean): Spread {
  const value = withoutParentheses(source, command);
  const kind = kindOf(source, value);
  if (isShell) {
    return isString(source, value)
      ? { text: textOf(source, command) }
      : { reason: "the command for the shell may be something else than a string" };
  }
  if (/^(list|tuple)$/.test(kind)) {
    const inner = source.text
      .slice(startOf(source, value) + 1, endOf(source, value) - 1)
      .trim()
      .replace(/,$/, "");
    return inner === "" ? { reason: "there is no command" } : { text: inner };
  }
  if (kind === "string" && /^[a-z]?["'][\w./-]+["']$/i.test(textOf(source, value))) return { text: textOf(source, value) };
  if (isString(source, value))
    return { reason: "the command is a string without a shell, which means another thing on each system" };
  if (isSequence(source, value))
    return { text: `*${/^(identifier|attribute|call)$/.test(kind) ? textOf(source, value) : `(${textOf(source, value)})`}` };
  return { reason: `\`${textOf(source, command)}\` may be a list or a string` };
}

const DEPTH = 4;

/** The value is a list or a tuple for certain. */
function isSequence(source: Source, value: NodeId, depth = DEPTH): boolean {
  const node = withoutParentheses(source, value);
  switch (kindOf(source, node)) {
    case "list":
    case "tuple":
    case "list_comprehension":
      return true;
    case "binary_operator": {
      const left = source.tree.child(node, "left");
      return left !== undefined && source.tree.tokens(node).includes("+") && isSequence(source, left, depth);
    }
    case "call":
      return /^(builtins\.(list|tuple|sorted)|shlex\.split)$/.test(
        qualifiedName(source, source.tree.child(node, "function") as NodeId) ?? "",
      );
    case "identifier": {
      const bindings = bindingsOf(source, textOf(source, node), node);
      return depth > 0 && bindings.length > 0 && bindings.every(({ node: binding }) => bindsSequence(source, binding, depth - 1));
    }
    default:
      return false;
  }
}

function bindsSequence(source: Source, binding: NodeId, depth: number): boolean {
  const owner = parentOf(source, binding);
  switch (kindOf(source, owner)) {
    case "assignment":
    case "augmented_assignment": {
      const right = source.tree.child(owner, "right");
      if (source.tree.child(owner, "left") !== binding || right === undefined) return false;
      return kindOf(source, owner) === "augmented_assignment" || isSequence(source, right, depth);
    }
    case "list_splat_pattern":
      return kindOf(source, parentOf(source, owner)) === "parameters";
    case "typed_parameter":
    case "typed_default_parameter": {
      const type = source.tree.child(owner, "type");
      if (kindOf(source, source.tree.children(owner)[0] as NodeId) === "list_splat_pattern") return true;
      return type !== undefined && /^["']?(typing\.)?(list|List|tuple|Tuple)\b[^|]*$/.test(textOf(source, type));
    }
    default:
      return false;
  }
}

/** The child's input as bytes. */
function inputOf(source: Source, value: NodeId, isText: boolean, encoding: NodeId | undefined): Spread {
  const text = textOf(source, value);
  if (!isPlain(source, value) && !/^[\w.]+\.encode\((["'][\w-]+["'])?\)$/.test(text))
    return { reason: `\`input=${text}\` is not a plain value` };
  if (!isText) return isBytes(source, value) ? { text } : { reason: `\`input=${text}\` may be None` };
  if (!isString(source, value)) return { reason: `\`input=${text}\` may be None` };
  const isName = /^(identifier|string|parenthesized_expression)$/.test(kindOf(source, value));
  const receiver = isName ? text : `(${text})`;
  if (encoding !== undefined && kindOf(source, encoding) !== "none")
    return { text: `${receiver}.encode(${textOf(source, encoding)})` };
  const isAscii = kindOf(source, value) === "string" && /^["'][ -~]*$/.test(text);
  return isAscii ? { text: `${text}.encode()` } : { reason: "its input is encoded in the way of the system" };
}

/** The value is `bytes` for certain. */
function isBytes(source: Source, value: NodeId, depth = DEPTH): boolean {
  const node = withoutParentheses(source, value);
  const text = textOf(source, node);
  switch (kindOf(source, node)) {
    case "string":
      return /^r?b/i.test(text);
    case "call":
      return /\.encode\([^()]*\)$/.test(text);
    case "identifier": {
      const bindings = bindingsOf(source, text, node);
      return (
        depth > 0 &&
        bindings.length > 0 &&
        bindings.every(({ node: binding }) => {
          const owner = parentOf(source, binding);
          const type = source.tree.child(owner, "type");
          const right = kindOf(source, owner) === "assignment" ? source.tree.child(owner, "right") : undefined;
          if (right !== undefined) return source.tree.child(owner, "left") === binding && isBytes(source, right, depth - 1);
          return kindOf(source, owner) === "typed_parameter" && type !== undefined && textOf(source, type) === "bytes";
        })
      );
    }
    default:
      return false;
  }
}
