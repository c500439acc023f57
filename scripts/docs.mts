/**
 * `npm run docs`: writes docs/rules/<rule>.md, one page per rule, from the table in server/src/base/rules.ts, and
 * docs/libraries.md from the packed stubs, and docs/pyproject.schema.json from the settings of the manifest. The pages are committed, since the extension ships those of the rules; a test
 * compares them with what this file makes.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { RULES, type RuleName, ruleNamed, severityOf } from "../server/src/base/rules.js";
import { readDistribution } from "../server/src/platform/node.js";
import { librariesPage, type Verified } from "./libraries.mjs";
import { pyprojectSchema } from "./schema.mjs";

/** All pages: file name -> text. */
export function rulePages(): ReadonlyMap<string, string> {
  return new Map([["README.md", overview()], ...RULES.map(({ name }) => [`${name}.md`, page(name)] as const)]);
}

function overview(): string {
  const entries = RULES.map(({ name, summary }) => {
    return `- [${name}](${name}.md): ${summary} (${loudness(name)})`;
  });
  return text(
    "# Rules",
    "",
    "How loud a blocking rule is follows from the stall and from how sure the analysis is. Named here is the severity of a call",
    "that waits, and is certain to.",
    "",
    ...entries,
  );
}

function page(name: RuleName): string {
  const { summary, why, example, instead, silent } = ruleNamed(name);
  return text(
    `# ${name}`,
    "",
    `${summary}.`,
    "",
    "## Why it hurts",
    "",
    why,
    "",
    "## Example",
    "",
    ...python(example),
    "",
    "## Instead",
    "",
    ...python(instead),
    ...offloadNotes(name, instead),
    "",
    "## How loud it is",
    "",
    ...severityNotes(name),
    "",
    "## When it stays silent",
    "",
    silent,
    ...(isBlocking(name)
      ? ["", "Code that runs off the loop, and code that the analysis cannot follow, is not reported either."]
      : []),
    "",
    "## How to silence it",
    "",
    ...silencing(name),
    "",
    "## How to see it happen",
    "",
    ...seeing(name),
  );
}

function text(...lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

function python(code: string): string[] {
  return ["```python", ...code.split("\n"), "```"];
}

/** Whether the rule is about time spent on the loop, and not about correctness. */
function isBlocking(name: RuleName): boolean {
  return ruleNamed(name).severity === undefined;
}

function loudness(name: RuleName): string {
  return severityOf(name, name === "blocking-cpu" ? "cpu" : "wait", "definite", false) ?? "silent";
}

function offloadNotes(name: RuleName, instead: string): string[] {
  if (!instead.includes("to_thread")) return [];
  const notes = ["", "A thread cannot be cancelled: a timeout around `asyncio.to_thread` ends the wait, not the work."];
  if (name !== "blocking-cpu") return notes;
  return [
    ...notes,
    "",
    "A thread helps only where the C code lets go of the GIL, as `hashlib` does. Python code of your own needs a process:",
    "`await loop.run_in_executor(process_pool, work, argument)`.",
  ];
}

function severityNotes(name: RuleName): string[] {
  const sure = loudness(name);
  const probable = severityOf(name, "wait", "probable", false);
  if (!isBlocking(name)) {
    return [
      probable === sure
        ? `${article(sure)}.`
        : `${article(sure)}; ${article(`${probable}`).toLowerCase()} where it is probable only.`,
    ];
  }
  return [
    `${article(sure)} where it is certain to block, ${article(`${probable}`).toLowerCase()} where it is probable.`,
    ...(SHORTER[name] ?? []),
    "",
    `To choose another severity, or none: \`"${name}" = "off"\` below \`[tool.loopguard.severity]\` in \`pyproject.toml\`, or`,
    "`loopguard.severity` in the editor's settings.",
  ];
}

/** Stalls of a rule that are shorter, or longer, than its usual one. */
const SHORTER: Readonly<Partial<Record<RuleName, readonly string[]>>> = {
  "blocking-filesystem": ["One look at one file (`exists`, `stat`, `mkdir`) is a hint."],
  "blocking-process": ["Starting a process without waiting for it is a hint."],
  "blocking-wait": [
    "A lock that nobody holds for long, and `put` into a queue, are hints; a lock under which a thread blocks is a warning.",
  ],
  "blocking-cpu": [
    "A loop that never ends and never awaits is an error.",
    "How often a recursive function runs follows from its argument: with one that is not known it is an information.",
  ],
  "executor-exit-blocks": [
    "Where all submitted work is awaited inside the block it is a hint: it waits only when it is cancelled.",
  ],
};

function article(severity: string): string {
  return severity === "hint"
    ? "A hint"
    : severity === "warning"
      ? "A warning"
      : severity === "error"
        ? "An error"
        : "An information";
}

function silencing(name: RuleName): string[] {
  const { codes } = ruleNamed(name);
  if (name === "unused-ignore") {
    return [
      "Remove the comment. One that is meant to stay names this rule, too: `# loopguard: ignore[blocking-file, unused-ignore] reason`.",
    ];
  }
  const lines = [
    "With a comment on a line of the call, and a reason for those who read it later:",
    "",
    "```python",
    `work()  # loopguard: ignore[${name}] only at start-up`,
    "```",
  ];
  if (isBlocking(name)) {
    lines.push("", "In a synchronous function the comment stands at the cause, and holds for every caller.");
  }
  if (codes.length > 0) {
    lines.push(
      "",
      `The codes that other linters use for it are honoured too: ${codes.map((code) => `\`# noqa: ${code}\``).join(", ")}.`,
      "A bare `# noqa` is not.",
    );
  }
  return lines;
}

function seeing(name: RuleName): string[] {
  switch (name) {
    case "unawaited-coroutine":
      return ["Run the program with `PYTHONASYNCIODEBUG=1`: Python says where a coroutine that was never awaited was created."];
    case "lost-task":
      return [
        "Run the program with `PYTHONASYNCIODEBUG=1`: of each pending task that is destroyed, asyncio says where it was created.",
      ];
    case "nested-event-loop":
    case "async-primitive-misuse":
      return ["Run the program with `PYTHONASYNCIODEBUG=1`: the error then also says where the task was created."];
    case "swallowed-cancellation":
      return ["Cancel the task and watch it go on. `PYTHONASYNCIODEBUG=1` does not show this one."];
    case "unused-ignore":
      return ["Remove the comment and check again: nothing comes forward."];
    case "missing-drain":
      return ["Let the other side read slowly and watch the memory grow. `PYTHONASYNCIODEBUG=1` does not show this one."];
    default:
      return [
        "Run the program with `PYTHONASYNCIODEBUG=1`: asyncio logs every callback that holds the loop for more than 100 ms",
        "(`Executing <Task ...> took 5.003 seconds`).",
      ];
  }
}

function write(folder: string): void {
  const pages = rulePages();
  mkdirSync(folder, { recursive: true });
  // A rule that is gone leaves no page behind.
  for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
  for (const [name, content] of pages) writeFileSync(join(folder, name), content);
  console.log(`docs/rules: ${pages.size} pages`);
}

if (/docs\.mts$/.test(process.argv[1] ?? "")) {
  write(resolve("docs", "rules"));
  const verified = JSON.parse(readFileSync(resolve("server/src/knowledge/verified.json"), "utf8")) as Verified;
  writeFileSync(resolve("docs", "libraries.md"), librariesPage(readDistribution(resolve("dist")).knowledge, verified));
  const manifest = JSON.parse(readFileSync(resolve("package.json"), "utf8"));
  const schema = pyprojectSchema(manifest.contributes.configuration.properties);
  writeFileSync(resolve("docs", "pyproject.schema.json"), `${JSON.stringify(schema, null, 2)}\n`);
}
