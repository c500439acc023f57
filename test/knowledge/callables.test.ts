/**
 * Callables that wait, and whether they are reported: callables.csv names what other tools know and what is common
 * knowledge, and for what stays silent the reason. A probe is written for each: a coroutine that calls it.
 */
import { deepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTestHost, loadForTests, PROJECT } from "../support/host.js";

/** A line of callables.csv. */
interface Callable {
  /** Dotted, as a reader of its documentation would write it. */
  readonly name: string;
  /** What is done with it. */
  readonly form: "call" | "with" | "for";
  /** Who says that it blocks: another tool, common knowledge, or a tool that is mistaken. */
  readonly known: "peer" | "common" | "mistaken";
  /** The probe, where the name does not say it: statements, the last one is the coroutine's. */
  readonly code: string;
  /** Why nothing is reported; empty where something must be. */
  readonly silent: string;
}

const callables = readCallables(readFileSync(join(__dirname, "callables.csv"), "utf8"));

function readCallables(text: string): readonly Callable[] {
  return text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [name = "", form = "", known = "", code = "", silent = ""] = fieldsOf(line);
      return { name, form, known, code, silent } as Callable;
    });
}

function fieldsOf(line: string): readonly string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, field = ""]) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  );
}

function probe({ name, form, code }: Callable): string {
  if (code !== "") {
    const statements = code.split("; ");
    const parameter = statements.find((statement) => statement.startsWith("value: ")) ?? "value";
    const before = statements.slice(0, -1).filter((statement) => statement !== parameter);
    return [
      ...before.map((statement) => statement.replace("\\n", "\n")),
      "",
      "",
      `async def main(${parameter}):`,
      `    ${statements.at(-1)}`,
      "",
    ].join("\n");
  }
  const parts = name.split(".");
  const index = parts.findIndex((part, position) => position > 0 && /^[A-Z]/.test(part));
  const isMember = index > 0 && index < parts.length - 1;
  const modulePath = parts.slice(0, index > 0 ? index : -1).join(".");
  const parameter = isMember ? `value: ${parts.slice(0, index + 1).join(".")}` : "value";
  const callee = isMember ? ["value", ...parts.slice(index + 1)].join(".") : name.replace(/^builtins\./, "");
  return [
    ...(modulePath === "builtins" ? [] : [`import ${modulePath}`, "", ""]),
    `async def main(${parameter}):`,
    `    ${statement(callee, form)}`,
    "",
  ].join("\n");
}

function statement(callee: string, form: Callable["form"]): string {
  const special = callee.match(/^(.*)\.__(\w+)__$/);
  if (special) {
    const [, object = "", method = ""] = special;
    const written = {
      call: `${object}()`,
      iter: `list(${object})`,
      next: `next(${object})`,
      len: `len(${object})`,
      import: "__import__(value)",
    }[method];
    return written ?? `with ${object}: pass`;
  }
  if (form === "with") return `with ${callee}(): pass`;
  return form === "for" ? `for each in ${callee}(): pass` : `${callee}()`;
}

describe("callables that wait", () => {
  const reported = new Map<Callable, boolean>();

  before(async function () {
    this.timeout(120_000);
    await loadForTests();
    // What is called in one file can change what others say (loops that are let run inside one another).
    for (const isSilent of [false, true]) await probeAll(callables.filter(({ silent }) => (silent !== "") === isSilent));
  });

  async function probeAll(some: readonly Callable[]): Promise<void> {
    const probes = some.map((callable, index) => ({ callable, path: `probe_${index}.py` }));
    const texts = Object.fromEntries(probes.map(({ callable, path }) => [path, probe(callable)]));
    const { host } = await createTestHost({ "pyproject.toml": "[tool.loopguard]\nlarge-input = true\n", ...texts });
    for (const { callable, path } of probes) reported.set(callable, host.findings(`${PROJECT}/${path}`).length > 0);
    host.dispose();
  }

  it("are reported, but for those that say why not", () => {
    deepEqual(namesOf(callables.filter((callable) => callable.silent === "" && !reported.get(callable))), []);
  });

  it("are silent where they say so", () => {
    deepEqual(namesOf(callables.filter((callable) => callable.silent !== "" && reported.get(callable))), []);
  });

  it("say why: they are not there, wait for nothing, or are missed", () => {
    const odd = callables.filter(({ silent }) => silent !== "" && !/^(absent|harmless|missed): ./.test(silent));
    deepEqual(namesOf(odd), []);
  });

  it("are not reported where another tool is mistaken", () => {
    const mistaken = callables.filter(({ known }) => known === "mistaken");
    ok(mistaken.length > 0);
    deepEqual(namesOf(mistaken.filter((callable) => reported.get(callable))), []);
  });

  for (const [known, least] of [
    ["peer", 97],
    ["common", 92],
  ] as const) {
    it(`are reported in ${least} of 100 cases of those that wait (${known})`, () => {
      const waiting = callables.filter((callable) => callable.known === known && !/^(absent|harmless)/.test(callable.silent));
      const found = waiting.filter((callable) => reported.get(callable));
      ok(found.length >= (waiting.length * least) / 100, `${found.length} of ${waiting.length}`);
    });
  }
});

function namesOf(some: readonly Callable[]): readonly string[] {
  return some.map(({ name }) => name);
}
