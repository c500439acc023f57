/**
 * The JSON schema of pyproject.toml as far as it is ours, made from the settings in the extension's manifest: the same keys in
 * kebab-case. `npm run docs` writes it; editors of TOML can be told to use it.
 */

interface Setting {
  readonly markdownDescription?: string;
  readonly markdownEnumDescriptions?: readonly string[];
  readonly patternErrorMessage?: string;
  readonly scope?: string;
  readonly order?: number;
  readonly properties?: Readonly<Record<string, Setting>>;
}

/** `settings`: the properties of the manifest's configuration. */
export function pyprojectSchema(settings: Readonly<Record<string, Setting>>): unknown {
  const own = Object.entries(settings).filter(([name]) => !name.startsWith("loopguard.trace"));
  const loopguard = {
    type: "object",
    description: "Settings of Loopguard, which finds code that blocks the asyncio event loop.",
    properties: Object.fromEntries(own.map(([name, setting]) => [kebab(name.slice("loopguard.".length)), plain(setting)])),
    additionalProperties: false,
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "[tool.loopguard] in pyproject.toml",
    type: "object",
    properties: { tool: { type: "object", properties: { loopguard } } },
  };
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Without the words that only VS Code knows. */
function plain(setting: Setting): unknown {
  const { markdownDescription, markdownEnumDescriptions: _, patternErrorMessage: __, scope: ___, order: ____, ...rest } = setting;
  const inner = rest.properties && Object.entries(rest.properties).map(([name, value]) => [name, plain(value)]);
  return {
    ...(markdownDescription === undefined ? {} : { description: markdownDescription }),
    ...rest,
    ...(inner ? { properties: Object.fromEntries(inner) } : {}),
  };
}
