/**
 * Settings in pyproject.toml: what is read, and where a mistake is reported.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { DEFAULT_CONFIGURATION } from "../../server/src/analysis/configuration.js";
import { readProjectFacts, readPyproject, withPythonVersion } from "../../server/src/analysis/pyproject.js";

describe("pyproject.toml", () => {
  it("reads kebab-case keys and the severity table", () => {
    const { configuration, problems } = readPyproject(`
[tool.loopguard]
exclude = ["migrations/**"]
tests-severity = "same"
large-input = true
python-version = "3.10"

[tool.loopguard.severity]
blocking-file = "hint"
blocking-sleep = "off"
`);
    deepEqual(problems, []);
    deepEqual(configuration, {
      ...DEFAULT_CONFIGURATION,
      exclude: ["migrations/**"],
      testsSeverity: "same",
      largeInput: true,
      pythonVersion: "3.10",
      severity: { "blocking-file": "hint", "blocking-sleep": "off" },
    });
  });

  it("leaves the defaults when there is no table of ours", () => {
    deepEqual(readPyproject('[tool.ruff]\nselect = ["ASYNC"]\n'), { configuration: DEFAULT_CONFIGURATION, problems: [] });
  });

  it("reports an unknown key and a wrong type where they stand, and keeps the rest", () => {
    const text = '[project]\nname = "x"\n\n[tool.loopguard]\nexclude = "migrations"\nexlude = []\nlarge-input = true\n';
    const { configuration, problems } = readPyproject(text);
    deepEqual(
      problems.map(({ key, position }) => [key, position.line, position.column]),
      [
        ["exclude", 4, 0],
        ["exlude", 5, 0],
      ],
    );
    equal(configuration.largeInput, true);
  });

  it("finds a wrong severity in a table, an inline table and a dotted key", () => {
    for (const [text, line, column] of [
      ['[tool.loopguard.severity]\nblocking-file = "loud"', 1, 0],
      ['[tool.loopguard]\nseverity = { blocking-file = "loud" }', 1, 13],
      ['[tool]\nloopguard.severity.blocking-file = "loud"', 1, 0],
      ['[tool.loopguard]\n"severity".blocking-file = "loud"', 1, 0],
    ] as const) {
      const { problems } = readPyproject(text);
      equal(problems.length, 1, text);
      deepEqual(problems[0]?.position, { line, column }, text);
      match(problems[0]?.message ?? "", /blocking-file/);
    }
  });

  it("says so when the table is no table", () => {
    const { problems } = readPyproject('[tool]\nloopguard = "yes"\n');
    deepEqual(problems[0]?.position, { line: 1, column: 0 });
  });

  it("reports TOML that cannot be read, with the place, and keeps the defaults", () => {
    const { configuration, problems } = readPyproject('[tool.loopguard]\nexclude = ["a"\nlarge-input = true\n');
    equal(configuration, DEFAULT_CONFIGURATION);
    equal(problems.length, 1);
    match(problems[0]?.message ?? "", /no valid TOML/);
    equal(problems[0]?.message.includes("\n"), false);
    equal(problems[0]?.position.line, 2);
  });
});

describe("project facts", () => {
  it("reads the lowest Python version and the names of the dependencies", () => {
    const text = `
[project]
requires-python = ">=3.9,<4"
dependencies = ["requests>=2", "aiohttp[speedups] ~= 3.9; python_version > '3.8'"]
[project.optional-dependencies]
fast = ["uvloop"]
[dependency-groups]
dev = ["pytest", { include-group = "lint" }]
`;
    deepEqual(readProjectFacts(text), { python: [3, 9], dependencies: ["requests", "aiohttp", "uvloop", "pytest"] });
  });

  it("reads Poetry's way", () => {
    const text = '[tool.poetry.dependencies]\npython = "^3.8"\nhttpx = { version = "^0.27" }\n';
    deepEqual(readProjectFacts(text), { python: [3, 8], dependencies: ["httpx"] });
  });

  it("knows nothing of what is not said, or cannot be read", () => {
    deepEqual(readProjectFacts("[tool.ruff]\n"), {});
    deepEqual(readProjectFacts('[project]\nrequires-python = "<4"\ndependencies = []\n'), { dependencies: [] });
    deepEqual(readProjectFacts("[project\n"), {});
    deepEqual(readProjectFacts("project = 1\n"), {});
  });
});

describe("the Python version of settings", () => {
  it("beats what the project requires", () => {
    const facts = readProjectFacts('[project]\nrequires-python = ">=3.11"\n');
    const { configuration } = readPyproject('[tool.loopguard]\npython-version = "3.8"\n');
    deepEqual(withPythonVersion(facts, configuration).python, [3, 8]);
    deepEqual(withPythonVersion(facts, DEFAULT_CONFIGURATION).python, [3, 11]);
  });
});
