/**
 * Editing must not be seen: after any edits the host says what a host says that reads the text for the first time. While
 * the text is broken, functions that nobody touched keep their findings.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { Finding } from "../../server/src/analysis/findings.js";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import { lineStartsOf, offsetAt, positionAt } from "../../server/src/base/lines.js";
import { readFacts } from "../../server/src/facts/file.js";
import type { FileFacts } from "../../server/src/facts/types.js";
import { liveTreeCount, parseOnce, SyntaxDocument, type TextChange } from "../../server/src/syntax/document.js";
import type { Grammar } from "../../server/src/syntax/grammar.js";
import { MANNERS, type Manner, toldAs } from "../support/editors.js";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";
import { checkProperty } from "../support/properties.js";
import { type Action, actions, applyChange, notificationsOf, pythonText, Undo } from "../support/pythonTexts.js";

const PATH = `${PROJECT}/main.py`;
const manners = fc.constantFrom(...MANNERS);

describe("editing", () => {
  let grammar: Grammar;
  let trees: number;

  before(async () => {
    ({ grammar } = await loadForTests());
  });

  beforeEach(() => {
    trees = liveTreeCount();
  });

  afterEach(() => equal(liveTreeCount(), trees, "every tree is given back"));

  it("leaves the document as if it had just been opened", async function () {
    this.timeout(60_000);
    const property = fc.asyncProperty(pythonText, manners, actions, async (opened, manner, script) => {
      const document = new SyntaxDocument(grammar, opened);
      let facts = readFacts(grammar, document.tree(), opened);
      try {
        equal(liveTreeCount(), trees + 1);
        perform(
          opened,
          manner,
          script,
          (changes) => document.apply(changes),
          (text) => {
            equal(document.text, text);
            deepEqual(document.lineStarts, lineStartsOf(text));
            const edited = document.takeEdit();
            if (edited) facts = readFacts(grammar, document.tree(), text, { facts, edit: edited }, document.lineStarts);
            const whole = parseOnce(grammar, text, (tree) => ({
              sexp: tree.rootNode.toString(),
              facts: readFacts(grammar, tree, text),
            }));
            equal(facts.broken, whole.facts.broken, "an incremental parse sees the errors that a whole one sees");
            if (facts.broken) return;
            equal(document.tree().rootNode.toString(), whole.sexp);
            equalFacts(facts, whole.facts);
          },
        );
      } finally {
        document.dispose();
      }
    });
    await checkProperty(property, { runs: 300, seconds: 7 });
  });

  it("forgets what it kept of a function that was edited while the text was broken, whoever mended it", () => {
    const textOf = (first: string, name: string): string =>
      `${first}\n    and so f"{on.\n    """\nx = 1\nasync def work(path, *, other=False):\n    while not f(${name}, other=other):\n        pass\n`;
    const good = textOf('    """Doc', "path");
    const [half, swallowed] = [textOf('    """Doc', "pat  h"), textOf("        return False", "pat  h")];
    const restored = textOf("        return False", "path");
    const document = new SyntaxDocument(grammar, good);
    let facts = readFacts(grammar, document.tree(), good);
    const wanted = structuredClone(facts);
    for (const text of [half, swallowed, restored, good]) {
      document.apply([{ text }]);
      const edit = document.takeEdit();
      if (edit) facts = readFacts(grammar, document.tree(), text, { facts, edit }, document.lineStarts);
      equal(facts.broken, text !== good);
    }
    document.dispose();
    equalFacts(facts, wanted);
  });

  it("leaves the findings as if the file had just been opened", async function () {
    this.timeout(60_000);
    const { host } = await createTestHost({});
    const { host: other } = await createTestHost({});
    const property = fc.asyncProperty(pythonText, manners, actions, async (opened, manner, script) => {
      let isBroken = false;
      host.open(PATH, opened);
      try {
        perform(
          opened,
          manner,
          script,
          (changes) => host.change(PATH, changes),
          (text) => {
            const found = host.findings(PATH);
            equal(host.text(PATH), text);
            deepEqual(host.lineStarts(PATH), lineStartsOf(text));
            isBroken = hasError(grammar, text);
            if (!isBroken) equalFindings(found, reopened(other, text));
          },
        );
        equal(liveTreeCount(), trees + 2, "one tree for every open document");
        const text = host.text(PATH) ?? "";
        if (!isBroken) equalFindings(host.findings(PATH), await fresh(text));
      } finally {
        host.close(PATH);
      }
    });
    other.open(PATH, "");
    try {
      await checkProperty(property, { runs: 100, seconds: 7 });
    } finally {
      host.dispose();
      other.dispose();
    }
  });

  it("that breaks the text leaves other functions their findings", async function () {
    this.timeout(60_000);
    const { host } = await createTestHost({});
    const breaking = fc.record({
      where: fc.nat(1_000_000),
      text: fc.constantFrom(
        "(",
        ")",
        '"',
        '"""',
        "'",
        "[",
        "{",
        "\\",
        "def ",
        "class ",
        "if ",
        'f"{',
        "    ",
        "\t",
        "@",
        "\0",
        "x y",
        "import ",
        "from ",
        ",",
      ),
    });
    const property = fc.asyncProperty(pythonText, breaking, async (opened, { where, text: inserted }) => {
      if (hasError(grammar, opened)) return;
      host.open(PATH, opened);
      try {
        const before = host.findings(PATH);
        const facts = parseOnce(grammar, opened, (tree) => readFacts(grammar, tree, opened));
        const lineStarts = lineStartsOf(opened);
        let at = where % (opened.length + 1);
        while (/^[\uDC00-\uDFFF\n]/.test(opened.slice(at))) at--;
        const position = positionAt(lineStarts, at);
        host.change(PATH, [{ range: { start: position, end: position }, text: inserted }]);
        const text = opened.slice(0, at) + inserted + opened.slice(at);
        const after = host.findings(PATH);
        if (!hasError(grammar, text)) return;
        const moved = lineStartsOf(text);
        for (const finding of before) {
          // What blocks in a function that was touched may not block any more.
          if (finding.path.length > 1 || finding.rule === "unawaited-coroutine") continue;
          const chunk = chunkAround(facts, offsetAt(lineStarts, opened, finding.location.start));
          if (chunk === undefined || (at >= chunk.start && at <= chunk.end)) continue;
          const shift = chunk.start >= at ? inserted.length : 0;
          const start = positionAt(moved, offsetAt(lineStarts, opened, finding.location.start) + shift);
          const kept = after.find(({ rule, path, location }) => {
            const isSame = rule === finding.rule && path[0]?.callee === finding.path[0]?.callee;
            return isSame && location.start.line === start.line && location.start.column === start.column;
          });
          ok(
            kept,
            `${finding.message} stays at ${start.line}:${start.column}; found ${JSON.stringify(after.map(({ message, location }) => [message, location.start]))}`,
          );
          equal(kept.message, finding.message);
          // Among equal findings of functions of one name the fingerprint counts, and the edit may have taken one away.
          const isAlone = before.every((other) => other === finding || other.entry.function !== finding.entry.function);
          if (isAlone) equal(kept.fingerprint, finding.fingerprint);
        }
      } finally {
        host.close(PATH);
      }
    });
    try {
      await checkProperty(property, { runs: 400, seconds: 5 });
    } finally {
      host.dispose();
    }
  });
});

/** Performs a script; `look` is called where the analysis is asked, and at the end. */
function perform(
  opened: string,
  manner: Manner,
  script: readonly Action[],
  notify: (changes: readonly TextChange[]) => void,
  look: (text: string) => void,
): void {
  const undo = new Undo();
  let text = opened;
  for (const action of script) {
    for (const changes of toldAs(manner, text, notificationsOf(action, text, undo))) {
      if (action.habit !== "undo") undo.note(text, changes);
      notify(changes);
      text = changes.reduce(applyChange, text);
      if (action.asked) look(text);
    }
  }
  look(text);
}

function hasError(grammar: Grammar, text: string): boolean {
  return parseOnce(grammar, text, (tree) => tree.rootNode.hasError);
}

/** What a host says that reads the text for the first time, but has the libraries read already. */
function reopened(host: AnalysisHost, text: string): readonly Finding[] {
  host.close(PATH);
  host.open(PATH, text);
  return host.findings(PATH);
}

async function fresh(text: string): Promise<readonly Finding[]> {
  const { host } = await createTestHost({});
  host.open(PATH, text);
  const findings = host.findings(PATH);
  host.dispose();
  return findings;
}

function equalFindings(found: readonly Finding[], expected: readonly Finding[]): void {
  equal(JSON.stringify(found, undefined, 1), JSON.stringify(expected, undefined, 1));
}

function equalFacts(found: FileFacts, expected: FileFacts): void {
  for (const [index, chunk] of expected.chunks.entries()) {
    equal(JSON.stringify(found.chunks[index]), JSON.stringify(chunk), `chunk ${index}`);
    equal(JSON.stringify(found.spans[index]), JSON.stringify(expected.spans[index]), `spans of chunk ${index}`);
  }
  const rest = ({ outers, chunkSpans, lineStarts, broken, chunks }: FileFacts) => ({
    outers,
    chunkSpans,
    lineStarts,
    broken,
    chunks: chunks.length,
  });
  deepEqual(rest(found), rest(expected));
}

/** The function at module or class level around an offset. */
function chunkAround({ chunkSpans }: FileFacts, offset: number): { start: number; end: number } | undefined {
  for (let index = 2; index < chunkSpans.length; index += 2) {
    const [start, end] = [chunkSpans[index] as number, chunkSpans[index + 1] as number];
    if (start <= offset && offset < end) return { start, end };
  }
  return undefined;
}
