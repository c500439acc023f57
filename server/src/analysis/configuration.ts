/**
 * Settings, from the editor (`loopguard.*`) or from `[tool.loopguard]` in pyproject.toml. Every key is checked where it
 * stands; a wrong one is reported and the rest holds.
 */

import { isRuleName, type RuleName } from "../base/rules.js";
import type { Severity } from "./findings.js";

export interface Configuration {
  readonly enable: boolean;
  /** Per rule: another severity, or `off`. */
  readonly severity: Readonly<Partial<Record<RuleName, Severity | "off">>>;
  /** Globs of the files to report on, relative to the folder of the configuration; all when empty. */
  readonly include: readonly string[];
  /** Globs of files not to report on, likewise. */
  readonly exclude: readonly string[];
  /** Highest severity in tests folders; `same` leaves it, `off` is silent. */
  readonly testsSeverity: Severity | "off" | "same";
  readonly largeInput: boolean;
  /** Editors show above a function from how many coroutines it blocks the loop. */
  readonly codeLens: boolean;
  readonly diagnosticMode: "openFiles" | "workspace";
  /** Interpreter, or folder of an environment, whose packages are read; "" looks around (environments.ts). */
  readonly pythonPath: string;
  /** "3.11"; "": branches follow the environment's Python, fixes the oldest that `requires-python` allows. */
  readonly pythonVersion: string;
  /** Code for other platforms does not run; `all`: any of it may. */
  readonly pythonPlatform: "linux" | "darwin" | "windows" | "all";
  /** Extra import roots, relative to the folder of the configuration. */
  readonly roots: readonly string[];
  /** Folders of the user's own stubs. */
  readonly stubs: readonly string[];
}

export const DEFAULT_CONFIGURATION: Configuration = {
  enable: true,
  severity: {},
  include: [],
  exclude: [],
  testsSeverity: "hint",
  largeInput: false,
  codeLens: true,
  diagnosticMode: "openFiles",
  pythonPath: "",
  pythonVersion: "",
  pythonPlatform: "all",
  roots: [],
  stubs: [],
};

/** A key that is unknown or has the wrong type. `key` is spelled as the user wrote it. */
export interface ConfigurationProblem {
  readonly key: string;
  readonly message: string;
}

/**
 * Reads settings over `base`. Keys may be camelCase (editors) or kebab-case (pyproject). `trace` and other keys of the
 * editor's own are passed over.
 */
export function readConfiguration(
  values: unknown,
  base: Configuration = DEFAULT_CONFIGURATION,
): { readonly configuration: Configuration; readonly problems: readonly ConfigurationProblem[] } {
  const problems: ConfigurationProblem[] = [];
  const configuration: { -readonly [Key in keyof Configuration]: Configuration[Key] } = { ...base };
  if (values === undefined || values === null) return { configuration, problems };
  if (typeof values !== "object" || Array.isArray(values)) {
    return { configuration, problems: [{ key: "", message: "loopguard's settings must be a table of keys." }] };
  }
  const wrong = (key: string, expected: string): void => {
    problems.push({ key, message: `\`${key}\` must be ${expected}; the default holds.` });
  };
  const severities = ["error", "warning", "information", "hint"];
  for (const [key, value] of Object.entries(values)) {
    const name = key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    switch (name) {
      case "enable":
      case "largeInput":
      case "codeLens":
        if (typeof value === "boolean") configuration[name] = value;
        else wrong(key, "true or false");
        break;
      case "pythonPath":
      case "pythonVersion":
        if (typeof value !== "string") wrong(key, "a string");
        else if (name === "pythonVersion" && value !== "" && !/^3\.\d+$/.test(value)) wrong(key, 'a version like "3.11"');
        else configuration[name] = value;
        break;
      case "pythonPlatform":
        if (["linux", "darwin", "windows", "all"].includes(value as string)) {
          configuration.pythonPlatform = value as Configuration["pythonPlatform"];
        } else wrong(key, "one of linux, darwin, windows, all");
        break;
      case "include":
      case "exclude":
      case "roots":
      case "stubs":
        if (Array.isArray(value) && value.every((item) => typeof item === "string")) configuration[name] = value;
        else wrong(key, "a list of strings");
        break;
      case "testsSeverity":
        if ([...severities, "off", "same"].includes(value as string)) configuration.testsSeverity = value as Severity;
        else wrong(key, `one of ${severities.join(", ")}, off, same`);
        break;
      case "diagnosticMode":
        if (value === "openFiles" || value === "workspace") configuration.diagnosticMode = value;
        else wrong(key, 'either "openFiles" or "workspace"');
        break;
      case "severity":
        configuration.severity = readSeverities(key, value, problems, severities);
        break;
      case "trace":
        break;
      default:
        problems.push({ key, message: `\`${key}\` is no setting of loopguard.` });
    }
  }
  return { configuration, problems };
}

function readSeverities(
  key: string,
  value: unknown,
  problems: ConfigurationProblem[],
  severities: readonly string[],
): Configuration["severity"] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push({ key, message: `\`${key}\` must be a table of rules and severities; the default holds.` });
    return {};
  }
  const result: Partial<Record<RuleName, Severity | "off">> = {};
  for (const [rule, severity] of Object.entries(value)) {
    const path = `${key}.${rule}`;
    if (!isRuleName(rule)) problems.push({ key: path, message: `\`${rule}\` is no rule of loopguard.` });
    else if (severity !== "off" && !severities.includes(severity as string)) {
      problems.push({ key: path, message: `\`${path}\` must be one of ${severities.join(", ")}, off.` });
    } else result[rule] = severity as Severity | "off";
  }
  return result;
}
