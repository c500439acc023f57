/**
 * The documentation says what is so: rule pages are as generated, the rules' examples are reported and their better ways
 * are not, links lead somewhere, and the commands and settings that pages name exist.
 */
import { deepEqual, equal } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rulePages } from "../../scripts/docs.mjs";
import { librariesPage } from "../../scripts/libraries.mjs";
import { pyprojectSchema } from "../../scripts/schema.mjs";
import { DEFAULT_CONFIGURATION } from "../../server/src/analysis/configuration.js";
import { readPyproject } from "../../server/src/analysis/pyproject.js";
import { RULES } from "../../server/src/base/rules.js";
import { readDistribution } from "../../server/src/platform/node.js";
import { createTestHost, PROJECT } from "../support/host.js";
import { projectRoot, sourceFiles } from "../support/project.js";

const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
const settings: Readonly<
  Record<string, { default?: unknown; markdownDescription?: string; properties?: Readonly<Record<string, object>> }>
> = manifest.contributes.configuration.properties;
const pages = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map((path) => ({
    path,
    text: readFileSync(join(projectRoot, path), "utf8"),
  })),
  ...sourceFiles("docs", /\.md$/),
];

async function rulesFoundIn(code: string): Promise<readonly string[]> {
  const { host } = await createTestHost({ "main.py": `${code}\n` });
  return host.findings(`${PROJECT}/main.py`).map(({ rule }) => rule);
}

describe("documentation", () => {
  it("has the pages that the rule table makes (npm run docs)", () => {
    const written = sourceFiles("docs/rules", /\.md$/).map(({ path, text }) => [path.slice("docs/rules/".length), text]);
    deepEqual(Object.fromEntries(written), Object.fromEntries(rulePages()));
  });

  it("has the page of libraries that the stubs make (npm run docs)", () => {
    const verified = JSON.parse(readFileSync(join(projectRoot, "server/src/knowledge/verified.json"), "utf8"));
    const written = readFileSync(join(projectRoot, "docs/libraries.md"), "utf8");
    equal(written, librariesPage(readDistribution().knowledge, verified));
  });

  it("has the schema that the settings make (npm run docs)", () => {
    const written = JSON.parse(readFileSync(join(projectRoot, "docs/pyproject.schema.json"), "utf8"));
    deepEqual(written, pyprojectSchema(settings));
  });

  it("offers exactly the settings that the program takes, with its defaults", () => {
    const offered = Object.entries(settings).filter(([name]) => !name.startsWith("loopguard.trace"));
    deepEqual(
      Object.fromEntries(offered.map(([name, { default: usual }]) => [name.slice("loopguard.".length), usual])),
      DEFAULT_CONFIGURATION,
    );
    deepEqual(
      Object.keys(settings["loopguard.severity"]?.properties ?? {}),
      RULES.map(({ name }) => name).filter((name) => name !== "unused-ignore"),
    );
  });

  it("says of every setting and every command what it is", () => {
    const mute = Object.entries(settings).filter(
      ([, { markdownDescription }]) => !/^[A-Z].*[.`]$/s.test(markdownDescription ?? ""),
    );
    deepEqual(
      mute.map(([name]) => name),
      [],
    );
    const registered = sourceFiles("client/src", /\.ts$/).flatMap(({ text }) => text.match(/"loopguard\.[A-Za-z]+"/g) ?? []);
    const commands: { command: string; title: string }[] = manifest.contributes.commands;
    deepEqual(
      commands.map(({ command }) => command).filter((command) => !registered.includes(`"${command}"`)),
      [],
    );
  });

  for (const { name, example, instead } of RULES) {
    it(`${name}: the example is reported`, async () => {
      equal((await rulesFoundIn(example)).includes(name), true);
    });
    it(`${name}: the better way is silent`, async () => {
      deepEqual(await rulesFoundIn(instead), []);
    });
  }

  it("links only to what is there", () => {
    const dead = pages.flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => match[1] as string)
        .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(path, target))
        .map((target) => `${path}: ${target}`),
    );
    deepEqual(dead, []);
  });

  it("names only npm scripts that exist", () => {
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)]
        .map((match) => (match[1] ?? match[2]) as string)
        .filter((script) => !(script in manifest.scripts))
        .map((script) => `${path}: ${script}`),
    );
    deepEqual(named, []);
  });

  it("shows settings that the program takes", () => {
    const problems = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/^```toml\n([\s\S]*?)^```/gm)]
        .map((match) => match[1] as string)
        .filter((toml) => toml.includes("[tool.loopguard"))
        .flatMap((toml) => readPyproject(toml).problems.map(({ message }) => `${path}: ${message}`)),
    );
    deepEqual(problems, []);
  });

  it("describes every setting in the guide", () => {
    const guide = readFileSync(join(projectRoot, "docs", "guide.md"), "utf8");
    const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    // Whether the server runs at all, and which files it reports on, is the editor's business.
    deepEqual(
      Object.keys(DEFAULT_CONFIGURATION).filter((key) => !guide.includes(`\`${key}\``) && !guide.includes(`\`${kebab(key)}\``)),
      [],
    );
  });
});

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}

function leadsSomewhere(from: string, target: string): boolean {
  const [file, anchor] = target.split("#") as [string, string | undefined];
  const path = file === "" ? from : join(dirname(from), file);
  // The picture is taken by the tests in real editors.
  if (path.endsWith(".png")) return true;
  if (!existsSync(join(projectRoot, path))) return false;
  if (anchor === undefined) return true;
  const headings = [...readFileSync(join(projectRoot, path), "utf8").matchAll(/^#+ (.+)$/gm)];
  return headings.some(([, heading]) => slug(heading as string) === anchor);
}

/** The anchor that Markdown viewers make of a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .trim()
    .replace(/\s/g, "-");
}
