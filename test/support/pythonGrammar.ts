/**
 * Python as its grammar allows it and nobody writes it: programs of any statements and expressions, nested as chance will have
 * it, half of them left unfinished; and what disks and bad tools make of files. Everything follows from numbers that a caller
 * draws, so that a seed tells a text.
 */

/** A source of numbers: a whole one from 0 to `limit` - 1. */
export interface Numbers {
  below(limit: number): number;
}

const NAMES = [
  "a",
  "b",
  "self",
  "cls",
  "x1",
  "größe",
  "名前",
  "_",
  "__init__",
  "match",
  "type",
  "case",
  "print",
  "𝒳",
  "time",
  "T",
];
const DOTTED = [
  "time.sleep",
  "asyncio.run",
  "requests.get",
  "self.client.get",
  "open",
  "loop.run_until_complete",
  "a.b.c",
  "super()",
];
const OPERATORS = [
  "+",
  "-",
  "*",
  "@",
  "/",
  "//",
  "%",
  "**",
  "<<",
  ">>",
  "&",
  "|",
  "^",
  "and",
  "or",
  "<",
  ">=",
  "==",
  "is not",
  "in",
  "not in",
];
const ATOMS = [
  "1",
  "0x_f",
  "1e400",
  "1j",
  "...",
  "None",
  "True",
  "''",
  '"\\N{DASH}"',
  "b'\\xff'",
  'rb"""a\n"""',
  "()",
  "[]",
  "{}",
  "-0",
];
const COMMENTS = ["# loopguard: ignore", "# loopguard: ignore[blocking-sleep]", "# type: ignore", "# 😀", "# noqa", "#!"];

export class PythonWriter {
  constructor(private readonly numbers: Numbers) {}

  /** A program of about `size` characters. */
  program(size: number): string {
    const parts: string[] = [];
    for (let length = 0; length < size; ) {
      const part = this.#statement(0, 5);
      parts.push(part);
      length += part.length;
    }
    const text = parts.join("");
    return this.#chance(3) ? this.#unfinished(text) : text;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.numbers.below(items.length)] as Item;
  }

  #chance(oneIn: number): boolean {
    return this.numbers.below(oneIn) === 0;
  }

  #some(make: () => string, most: number, separator = ", "): string {
    return Array.from({ length: this.numbers.below(most + 1) }, make).join(separator);
  }

  #name(): string {
    return this.#pick(NAMES);
  }

  /** A block below a head; `left` bounds how deep it goes on. */
  #block(depth: number, left: number): string {
    if (left <= 0 || this.#chance(12)) return this.#chance(2) ? " pass\n" : ` ${this.#simple(1)}; ${this.#simple(1)}\n`;
    return `\n${this.#some(() => this.#statement(depth + 1, left - 1), 3, "")}${this.#statement(depth + 1, 0)}`;
  }

  #statement(depth: number, left: number): string {
    const margin = "    ".repeat(depth);
    const note = this.#chance(15) ? `  ${this.#pick(COMMENTS)}` : "";
    if (left <= 0 || this.numbers.below(3) > 0) return `${margin}${this.#simple(3)}${note}\n`;
    const block = (): string => this.#block(depth, left);
    const isAsync = this.#chance(2) ? "async " : "";
    switch (this.numbers.below(13)) {
      case 0:
      case 1:
      case 2:
        return `${this.#decorators(margin)}${margin}${isAsync}def ${this.#name()}${this.#typeParameters()}(${this.#parameters()})${
          this.#chance(3) ? ` -> ${this.#expression(2)}` : ""
        }:${block()}`;
      case 3:
      case 4:
        return `${this.#decorators(margin)}${margin}class ${this.#name()}${this.#typeParameters()}(${this.#arguments(2)}):${block()}`;
      case 5:
        return `${margin}if ${this.#expression(3)}:${block()}${this.#some(
          () => `${margin}elif ${this.#expression(2)}:${block()}`,
          2,
          "",
        )}${this.#chance(2) ? `${margin}else:${block()}` : ""}`;
      case 6:
        return `${margin}${isAsync}for ${this.#target()} in ${this.#expression(3)}:${block()}${
          this.#chance(3) ? `${margin}else:${block()}` : ""
        }`;
      case 7:
        return `${margin}while ${this.#expression(2)}:${block()}`;
      case 8: {
        const star = this.#chance(3) ? "*" : "";
        const handlers = `${margin}except${star} ${this.#expression(1)} as ${this.#name()}:${block()}`;
        return `${margin}try:${block()}${this.#chance(5) ? "" : handlers}${this.#chance(3) ? `${margin}finally:${block()}` : ""}`;
      }
      case 9: {
        const items = `${this.#expression(2)} as ${this.#target()}${this.#chance(2) ? `, ${this.#expression(2)}` : ""}`;
        return `${margin}${isAsync}with ${this.#chance(3) ? `(${items},)` : items}:${block()}`;
      }
      case 10:
        return `${margin}match ${this.#expression(2)}:\n${this.#some(
          () =>
            `${margin}    case ${this.#pattern(3)}${this.#chance(3) ? ` if ${this.#expression(1)}` : ""}:${this.#block(depth + 1, left - 1)}`,
          3,
          "",
        )}`;
      case 11:
        return `${margin}"""${this.#pick(["Doc 😀", "a\n\n  b", "\\", "'", ""])}"""\n`;
      default:
        return this.#chance(2) ? "\n\n" : `${margin}${this.#pick(COMMENTS)}\n`;
    }
  }

  #decorators(margin: string): string {
    return this.#some(() => `${margin}@${this.#expression(2)}\n`, 2, "");
  }

  #typeParameters(): string {
    if (!this.#chance(6)) return "";
    return `[${this.#pick(["T", "T: int", "*Ts", "**P", "T = int", "T: (int, str), *Ts"])}]`;
  }

  #simple(left: number): string {
    const expression = (): string => this.#expression(left);
    switch (this.numbers.below(16)) {
      case 0:
        return `${this.#target()} = ${expression()}`;
      case 1:
        return `${this.#target()} = ${this.#target()} = yield ${expression()}`;
      case 2:
        return `${this.#name()}: ${expression()}${this.#chance(2) ? ` = ${expression()}` : ""}`;
      case 3:
        return `${this.#name()} ${this.#pick(["+=", "@=", "//=", ">>=", "**="])} ${expression()}`;
      case 4:
        return `return ${this.#chance(4) ? "*" : ""}${expression()}`;
      case 5:
        return `await ${expression()}`;
      case 6:
        return `raise ${expression()} from ${expression()}`;
      case 7:
        return this.#pick(["pass", "break", "continue", "raise", "return", "yield"]);
      case 8:
        return `del ${this.#target()}, ${this.#name()}`;
      case 9:
        return `${this.#pick(["global", "nonlocal"])} ${this.#name()}, ${this.#name()}`;
      case 10:
        return `assert ${expression()}, ${expression()}`;
      case 11:
        return this.#import();
      case 12:
        return `type ${this.#name()}${this.#typeParameters()} = ${expression()}`;
      case 13:
        return `print >>${this.#name()}, ${this.#name()}`;
      default:
        return expression();
    }
  }

  #import(): string {
    return this.#pick([
      `import ${this.#name()}.${this.#name()} as ${this.#name()}, time`,
      `from ${".".repeat(this.numbers.below(5))}${this.#name()} import (${this.#name()} as ${this.#name()}, ${this.#name()},)`,
      `from ${this.#name()} import *`,
      "from __future__ import annotations",
      "from . import main as main",
      "import main.main",
    ]);
  }

  #target(): string {
    return this.#pick([
      this.#name(),
      `${this.#name()}.${this.#name()}`,
      `${this.#name()}[${this.#expression(1)}]`,
      `(${this.#name()}, *${this.#name()})`,
      `[${this.#name()}, (${this.#name()}, ${this.#name()})]`,
      `*${this.#name()}, ${this.#name()}`,
    ]);
  }

  #parameters(): string {
    const one = (): string =>
      `${this.#pick(["", "", "", "*", "**"])}${this.#name()}${this.#chance(3) ? `: ${this.#expression(2)}` : ""}${
        this.#chance(4) ? ` = ${this.#expression(2)}` : ""
      }`;
    return this.#some(() => this.#pick([one, one, one, () => "/", () => "*"])(), 4);
  }

  #arguments(left: number): string {
    const one = (): string =>
      `${this.#pick(["", "", "", "*", "**", `${this.#name()}=`])}${this.#expression(left - 1)}${this.#chance(12) ? this.#loop(left) : ""}`;
    return this.#some(one, 3);
  }

  #loop(left: number): string {
    const isAsync = this.#chance(3) ? "async " : "";
    return ` ${isAsync}for ${this.#target()} in ${this.#expression(left - 1)}${this.#chance(3) ? ` if ${this.#expression(left - 1)}` : ""}`;
  }

  #expression(left: number): string {
    if (left <= 0) return this.#chance(2) ? this.#name() : this.#pick(ATOMS);
    const inner = (): string => this.#expression(left - 1);
    switch (this.numbers.below(22)) {
      case 0:
        return `${inner()} ${this.#pick(OPERATORS)} ${inner()}`;
      case 1:
        return `${this.#pick(["not ", "-", "~", "await "])}${inner()}`;
      case 2:
        return `(${inner()} if ${inner()} else ${inner()})`;
      case 3:
        return `lambda ${this.#parameters()}: ${inner()}`;
      case 4:
        return `(${this.#name()} := ${inner()})`;
      case 5:
        return `[${inner()}${this.#loop(left)}${this.#chance(4) ? this.#loop(left) : ""}]`;
      case 6:
        return `{${inner()}: ${inner()}${this.#loop(left)}}`;
      case 7:
        return `{**${inner()}, ${inner()}: ${inner()}}`;
      case 8:
        return `(${inner()}${this.#loop(left)})`;
      case 9:
        return `(yield from ${inner()})`;
      case 10:
        return `${inner()}[${inner()}:${inner()}:${inner()}, ..., *${this.#name()}]`;
      case 11:
        return `${inner()}.${this.#name()}`;
      case 12:
        return this.#formatted(left);
      case 13:
        return `(${inner()},)`;
      case 14:
        return `[*${inner()}, ${inner()}]`;
      case 15:
        return `${this.#name()}(\n        ${this.#arguments(left)},\n)`;
      case 16:
        return `${inner()} \\\n    ${this.#pick(OPERATORS)} ${inner()}`;
      case 17:
        return `'a' "b" ${this.#formatted(left)}`;
      default:
        return `${this.#chance(3) ? this.#name() : this.#pick(DOTTED)}(${this.#arguments(left)})`;
    }
  }

  #formatted(left: number): string {
    const quote = this.#pick(["'", '"', '"""', "'''"]);
    const inner = this.#expression(left - 1);
    return `${this.#pick(["f", "rf", "F", "t"])}${quote}a{{{${inner}!r:>{${this.#name()}}}}} {${this.#name()}=}\\N{DASH}${quote}`;
  }

  #pattern(left: number): string {
    if (left <= 0) return this.#pick(["_", "x", "1", "-1j", "'a'", "None", "a.b"]);
    const inner = (): string => this.#pattern(left - 1);
    return this.#pick([
      inner,
      () => `${inner()} | ${inner()}`,
      () => `[${inner()}, *_, ${inner()}]`,
      () => `{'a': ${inner()}, **rest}`,
      () => `${this.#name()}(${inner()}, b=${inner()})`,
      () => `(${inner()} as ${this.#name()})`,
      () => `${inner()}, *rest`,
    ])();
  }

  /** What stands there while somebody types. */
  #unfinished(text: string): string {
    const at = this.numbers.below(text.length + 1);
    const typed = this.#pick([
      "def ",
      "(",
      "[",
      "{",
      '"""',
      "'",
      'f"{',
      "@",
      "class ",
      "async ",
      "await ",
      "\\",
      ":",
      "lambda",
      "for ",
      "x.",
      "=",
      ",",
      "else:",
    ]);
    return this.#chance(3) ? text.slice(0, at) + typed : text.slice(0, at) + typed + text.slice(at);
  }
}

/** What may stand in a file that is damaged, by bytes. */
const PIECES: readonly (readonly number[])[] = [
  [0],
  [0xff],
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xef, 0xbb, 0xbf],
  [0xfe, 0xff],
  [0x0d],
  [0x0c],
  [0x1a],
  [0xe2, 0x80, 0xa8],
  [0xc2, 0x85],
  [0x22, 0x22, 0x22],
  [0x28],
  [0x5c, 0x0a],
  [0x09],
];

/** `bytes` as a disk, an editor or a merge may leave them: pieces cut, doubled, swapped, turned over or overwritten. */
export function mangled(bytes: Uint8Array, numbers: Numbers): Uint8Array {
  let result = bytes;
  const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };
  for (let count = 1 + numbers.below(8); count > 0; count--) {
    const at = numbers.below(result.length + 1);
    const end = Math.min(result.length, at + numbers.below(numbers.below(4) === 0 ? 4000 : 40));
    const [before, piece, after] = [result.subarray(0, at), result.subarray(at, end), result.subarray(end)];
    switch (numbers.below(8)) {
      case 0:
        result = joined(before, after);
        break;
      case 1:
        result = joined(before, piece, piece, after);
        break;
      case 2:
        result = joined(before, PIECES[numbers.below(PIECES.length)] as readonly number[], piece, after);
        break;
      case 3:
        result = joined(before, Uint8Array.from(piece).reverse(), after);
        break;
      case 4:
        result = joined(
          before,
          piece.map((byte) => byte ^ (1 << numbers.below(8))),
          after,
        );
        break;
      case 5:
        // No line ends: what was a file is one line.
        result = joined(
          before,
          result.subarray(at).filter((byte) => byte !== 10 && byte !== 13),
        );
        break;
      case 6: {
        const other = numbers.below(result.length + 1);
        result = joined(result.subarray(0, other), piece, result.subarray(other));
        break;
      }
      default:
        result = joined(
          before,
          Uint8Array.from(piece, () => numbers.below(256)),
          after,
        );
    }
  }
  return result;
}
