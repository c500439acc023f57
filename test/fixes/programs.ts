/**
 * Programs in Markdown: a heading is a test, `key: value` lines below it say what is expected, the first fenced block is
 * the program, one marked `after` the text the fix must make of it, and one marked `output` what that prints where the
 * program as it was does something else: a mistake that is mended shows. Blocks that name a file (`python helpers.py`,
 * `python after helpers.py`) are modules beside the program, or stubs and settings of the project (`toml pyproject.toml`).
 */
export interface Program {
  readonly name: string;
  /** Values by key, in order: a key may stand more than once. */
  readonly options: readonly (readonly [key: string, value: string])[];
  readonly text: string;
  readonly after?: string;
  readonly output?: string;
  /** Modules beside the program, by path: their texts, and what the fix must make of them. */
  readonly modules: ReadonlyMap<string, string>;
  readonly modulesAfter: ReadonlyMap<string, string>;
}

export function readPrograms(markdown: string): Program[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [head = "", ...fences] = section.split(/^```/m);
      const [name = "", ...lines] = head.split("\n");
      const options = lines.flatMap((line) => {
        const option = /^(\w+): (.+)$/.exec(line);
        return option ? [[option[1] as string, (option[2] as string).trim()] as const] : [];
      });
      // Every second part stands between two fences; its first line names the language, or says what it is.
      const parts = fences
        .filter((_, index) => index % 2 === 0)
        .map((fence) => ({ mark: markOf(fence), module: moduleOf(fence), text: bodyOf(fence) }));
      const blocks = parts.filter(({ module }) => module === undefined);
      const text = blocks.find(({ mark }) => mark === "")?.text;
      const after = blocks.find(({ mark }) => mark === "after")?.text;
      const output = blocks.find(({ mark }) => mark === "output")?.text;
      if (text === undefined) throw new Error(`"${name}" has no program.`);
      const isCrlf = options.some(([key, value]) => key === "newline" && value === "crlf");
      const ended = (part: string): string => (isCrlf ? part.replaceAll("\n", "\r\n") : part);
      const modules = (wanted: string): Map<string, string> =>
        new Map(
          parts.flatMap(({ mark, module, text }) =>
            module !== undefined && mark === wanted ? [[module, ended(text)] as const] : [],
          ),
        );
      return {
        name: name.trim(),
        options,
        text: ended(text),
        ...(after === undefined ? {} : { after: ended(after) }),
        ...(output === undefined ? {} : { output }),
        modules: modules(""),
        modulesAfter: modules("after"),
      };
    });
}

function markOf(fence: string): string {
  return /^\w+ (after)|^(output)/.exec(fence)?.slice(1).find(Boolean) ?? "";
}

function moduleOf(fence: string): string | undefined {
  return /^\w+ (?:after )?(\S+\.(?:pyi?|toml))$/m.exec(fence.slice(0, fence.indexOf("\n")))?.[1];
}

function bodyOf(fence: string): string {
  return fence.slice(fence.indexOf("\n") + 1);
}

export function optionsOf(program: Program, key: string): string[] {
  return program.options.filter(([name]) => name === key).map(([, value]) => value);
}
