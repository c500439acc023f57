/**
 * Random Python that looks like somebody's, and random editing of it in the manner of real editors. Everything is made by
 * fast-check, so that what fails is reduced to a short text and few edits.
 */
import fc from "fast-check";
import { lineStartsOf, positionAt } from "../../server/src/base/lines.js";
import type { TextChange } from "../../server/src/syntax/document.js";

/** Lines of a block; a leading `>` is one level of indentation. */
type Lines = readonly string[];

const NAMES = ["load", "save", "größe", "名前", "handler", "helper", "_inner", "run2"];
const COMMENTS = [
  "# plain",
  "# loopguard: ignore",
  "# loopguard: ignore[blocking-sleep]",
  "# noqa: ASYNC251",
  "# 😀 é ünï",
  "# 𝒳 astral \u{10FFFF}",
  "",
];

const name = fc.constantFrom(...NAMES);
const comment = fc.constantFrom(...COMMENTS);

const simple: fc.Arbitrary<Lines> = fc
  .tuple(
    fc.constantFrom(
      "time.sleep(1)",
      "time.sleep(0.5); x = 1",
      'requests.get("https://例え.jp/😀", timeout=3)',
      'data = open("a.txt").read()',
      "await asyncio.sleep(1)",
      "subprocess.run(['make'])",
      "self.client = requests.Session()",
      'self.client.get("/")',
      "x = [time.sleep(i) for i in range(3)]",
      "f = lambda: time.sleep(2)",
      's = f"{load()} 😀 {名前!r:>{10}}"',
      'text = """a\n  b "😀"\n"""',
      "value = helper(1,\n        load())  # continued",
      "path = a and \\\n    b",
      "return load()",
      "pass",
      "helper()",
      "await asyncio.to_thread(load)",
      "global counter; counter = 1",
      "del x",
      "lock.acquire()",
    ),
    comment,
  )
  .map(([code, note]) => [note && !code.includes("\n") ? `${code}  ${note}` : code]);

const compound: fc.Arbitrary<Lines> = fc
  .tuple(
    fc.constantFrom(
      "if x:",
      "for i in load():",
      "with open('f') as f:",
      "while True:",
      "try:",
      "async with lock:",
      "async for y in stream():",
    ),
    fc.array(simple, { minLength: 1, maxLength: 2 }),
  )
  .map(([head, body]) => [head, ...indent(body.flat()), ...(head === "try:" ? ["except OSError as error:", ">pass"] : [])]);

const statements = fc
  .array(fc.oneof({ weight: 4, arbitrary: simple }, { weight: 1, arbitrary: compound }), { minLength: 1, maxLength: 4 })
  .map((blocks) => blocks.flat());

const nested: fc.Arbitrary<Lines> = fc
  .tuple(fc.boolean(), name, statements)
  .map(([isAsync, called, body]) => [`${isAsync ? "async " : ""}def ${called}():`, ...indent(body), `${called}()`]);

const functionBlock: fc.Arbitrary<Lines> = fc
  .tuple(
    fc.constantFrom<readonly string[]>(
      [],
      ["@app.get('/😀')"],
      ["@functools.cache"],
      ["@property"],
      ["@retry(", "    times=3,  # often", ")"],
      ["# above"],
    ),
    fc.boolean(),
    name,
    fc.constantFrom("", "self", "a, b=1, *rest, c: int = 2", "session: requests.Session", "a,\n    b,"),
    fc.constantFrom("", " -> int", " -> requests.Session"),
    fc.option(nested, { nil: [] as Lines, freq: 4 }),
    statements,
  )
  .map(([decorators, isAsync, called, parameters, returns, inner, body]) => [
    ...decorators,
    `${isAsync ? "async " : ""}def ${called}(${parameters})${returns}:`,
    ...indent([...inner, ...body]),
  ]);

const classBlock: fc.Arbitrary<Lines> = fc
  .tuple(
    fc.constantFrom("Store", "Client(Base)", "Größe(Store)", "Generic[T]"),
    fc.constantFrom<Lines>([], ["field: int = load()"], ['"""Doc 😀."""'], ["session = requests.Session()"]),
    fc.array(functionBlock, { minLength: 1, maxLength: 3 }),
  )
  .map(([head, fields, methods]) => [`class ${head}:`, ...indent([...fields, ...methods.flatMap((method) => [...method, ""])])]);

const moduleBlock: fc.Arbitrary<Lines> = fc.oneof(
  { weight: 5, arbitrary: functionBlock },
  { weight: 3, arbitrary: classBlock },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Lines>(
      ["counter = 0"],
      ["from os import *"],
      ["# loopguard: ignore-file"],
      ["if TYPE_CHECKING:", ">import thing"],
      ["try:", ">import ujson as json", "except ImportError:", ">import json"],
      ["async def main():", ">await load()", ">save()", "", "asyncio.run(main())"],
      ['"""', "Text 😀", '"""'],
      ["class Base:", ">def helper(self):", ">>time.sleep(1)"],
    ),
  },
);

const HEADER: Lines = ["import asyncio, functools", "import subprocess", "import time", "import requests", ""];

/** A module of a few blocks, in one style of line ends and indentation. */
export const pythonText: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(moduleBlock, { minLength: 1, maxLength: 5 }),
    fc.constantFrom("\n", "\n", "\r\n"),
    fc.constantFrom("    ", "    ", "\t", "  "),
    fc.boolean(),
  )
  .map(([blocks, lineEnd, unit, isEnded]) => {
    const lines = [...HEADER, ...blocks.flatMap((block) => [...block, "", ""])];
    const text = lines.map((line) => line.replace(/^>+/, (marks) => unit.repeat(marks.length))).join("\n");
    return (isEnded ? text : text.trimEnd()).replaceAll("\n", lineEnd);
  });

function indent(lines: Lines): string[] {
  return lines.map((line) => (line === "" ? "" : `>${line}`));
}

/** What somebody does next; the numbers choose where and what, in whatever the text is then. */
export interface Action {
  readonly habit: Habit;
  readonly where: number;
  readonly what: number;
  /** The analysis is asked for after it; otherwise edits pile up. */
  readonly asked: boolean;
}

export const HABITS = [
  "letters",
  "newline",
  "paste",
  "brackets",
  "quotes",
  "deleteLine",
  "deleteSome",
  "comment",
  "indent",
  "rename",
  "several",
  "undo",
  "replaceAll",
] as const;
type Habit = (typeof HABITS)[number];

/** Of one name that are renamed at once: in a long text, nobody has more of them in one view. */
const MOST_PLACES = 40;

export const actions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.record({
    habit: fc.constantFrom(...HABITS),
    where: fc.nat(1_000_000),
    what: fc.nat(1_000_000),
    asked: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

/** The notifications of an action: each a list of changes, the later ones counted in what the earlier ones left. */
export function notificationsOf(action: Action, text: string, undo: Undo): readonly (readonly TextChange[])[] {
  const { where, what } = action;
  const at = offsetIn(text, where);
  const line = lineAround(text, at);
  const pick = <Item>(items: readonly Item[]): Item => items[what % items.length] as Item;
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  switch (action.habit) {
    case "letters": {
      const letters = [
        ...pick(["await ", "x", "time.sleep(9)", "def g", "#", "😀", "async ", "é = 1", ", b", ".get", "  ", "\\"]),
      ];
      let offset = what % 3 === 0 ? line.end : at;
      return letters.map((letter) => {
        const change = edit(text, offset, offset, letter);
        text = text.slice(0, offset) + letter + text.slice(offset);
        offset += letter.length;
        return [change];
      });
    }
    case "newline":
      return [[edit(text, line.end, line.end, lineEnd + line.indentation + pick(["", "    ", "\t", "pass", "return load()"]))]];
    case "paste":
      return [
        [
          edit(
            text,
            line.start,
            line.start,
            pick([
              "async def pasted():\n    time.sleep(3)\n\n",
              "    time.sleep(4)\n",
              "import time as t\r\n",
              "class Pasted:\n    async def run(self):\n        open('x')\n",
              "    )\n",
              "    async def méthode(self):\n        '''😀'''\n        time.sleep(1)  # loopguard: ignore\n",
              "\n\n\n",
            ]),
          ),
        ],
      ];
    case "brackets": {
      const pair = pick(["()", "[]", "{}"]);
      // The editor inserts both, the typist fills them.
      return [
        [edit(text, at, at, pair)],
        [edit(text.slice(0, at) + pair + text.slice(at), at + 1, at + 1, pick(["load()", "1", ""]))],
      ];
    }
    case "quotes":
      return [[edit(text, at, at, pick(['""', "''", '"', '"""', 'f"{', "'''"]))]];
    case "deleteLine":
      return [[edit(text, line.start, line.next, "")]];
    case "deleteSome":
      return [[edit(text, at, offsetIn(text, Math.min(text.length, at + 1 + (what % 30))), "")]];
    case "comment": {
      const start = line.start + line.indentation.length;
      return text.startsWith("# ", start)
        ? [[edit(text, start, start + 2, "")]]
        : [
            [edit(text, start, start, "# ")],
            ...(what % 2 === 0 ? [] : [[edit(`${text.slice(0, start)}# ${text.slice(start)}`, start, start + 2, "")]]),
          ];
    }
    case "indent": {
      // Each change counts in what the one before left; from the end upwards no offset moves.
      const next = lineAround(text, Math.min(text.length, line.next));
      const starts = [...new Set([next.start, line.start])];
      return [starts.map((start) => (what % 2 === 0 ? edit(text, start, start, "    ") : dedent(text, start)))];
    }
    case "rename": {
      const word = /[\p{L}_][\p{L}\d_]*/u.exec(text.slice(at))?.[0] ?? "load";
      const found = text.matchAll(new RegExp(`(?<![\\p{L}\\d_])${word}(?![\\p{L}\\d_])`, "gu"));
      const places = [...found].map(({ index }) => index).slice(0, MOST_PLACES);
      const renamed = pick(["renamed", "x", "名", "Store"]);
      return [places.reverse().map((start) => edit(text, start, start + word.length, renamed))];
    }
    case "several": {
      const first = edit(text, at, at, pick(["\n", "x", "time.sleep(7)\n", "\r"]));
      const after = applyChange(text, first);
      const other = offsetIn(after, what);
      const second = edit(after, other, other, pick(["y", "()", "\n"]));
      const last = applyChange(after, second);
      return [[first, second, edit(last, other, Math.min(last.length, other + 1), "")]];
    }
    case "undo":
      return undo.take();
    case "replaceAll":
      return [[{ text: what % 2 === 0 ? text.replace("time.sleep", "asyncio.sleep") : `${lineEnd}${text}` }]];
  }
}

/** Remembers the inverse of every notification. */
export class Undo {
  readonly #inverse: (readonly TextChange[])[] = [];

  note(before: string, changes: readonly TextChange[]): void {
    const inverse: TextChange[] = [];
    let text = before;
    for (const change of changes) {
      const after = applyChange(text, change);
      if (change.range) {
        const start = offsetOf(text, change.range.start);
        const end = offsetOf(text, change.range.end);
        inverse.unshift(edit(after, start, start + change.text.length, text.slice(start, end)));
      } else inverse.unshift({ text });
      text = after;
    }
    this.#inverse.push(inverse);
  }

  take(): readonly (readonly TextChange[])[] {
    const inverse = this.#inverse.pop();
    return inverse ? [inverse] : [];
  }
}

/** What the protocol means by a change, written anew so that no mistake is shared. */
export function applyChange(text: string, change: TextChange): string {
  if (!change.range) return change.text;
  return text.slice(0, offsetOf(text, change.range.start)) + change.text + text.slice(offsetOf(text, change.range.end));
}

function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  let start = 0;
  for (let passed = 0; passed < line; passed++) {
    const end = lineEndFrom(text, start);
    if (end === text.length) return text.length;
    start = end + (text.startsWith("\r\n", end) ? 2 : 1);
  }
  return Math.min(start + column, lineEndFrom(text, start));
}

function lineEndFrom(text: string, start: number): number {
  let end = start;
  while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++;
  return end;
}

function edit(text: string, start: number, end: number, inserted: string): TextChange {
  const lineStarts = lineStartsOf(text);
  return { range: { start: positionAt(lineStarts, start), end: positionAt(lineStarts, end) }, text: inserted };
}

function dedent(text: string, start: number): TextChange {
  const blank = /^[ \t]{0,4}/.exec(text.slice(start))?.[0] ?? "";
  return edit(text, start, start + blank.length, "");
}

/** An offset no editor's caret is refused at: never between the halves of a character or of a line end. */
function offsetIn(text: string, number: number): number {
  let offset = text.length === 0 ? 0 : number % (text.length + 1);
  while (offset > 0 && (/^[\uDC00-\uDFFF]/.test(text.slice(offset)) || text.slice(offset - 1, offset + 1) === "\r\n")) offset--;
  return offset;
}

function lineAround(text: string, offset: number): { start: number; end: number; next: number; indentation: string } {
  const lineStarts = lineStartsOf(text);
  const { line } = positionAt(lineStarts, offset);
  const start = lineStarts[line] as number;
  const next = lineStarts[line + 1] ?? text.length;
  const whole = text.slice(start, next);
  return { start, end: start + whole.replace(/[\r\n]+$/, "").length, next, indentation: /^[ \t]*/.exec(whole)?.[0] ?? "" };
}
