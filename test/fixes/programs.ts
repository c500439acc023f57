/**
 * Programs in Markdown: a heading is a test, `key: value` lines below it say what is expected, the first fenced block is
 * the program and one marked `after` the text the fix must make of it.
 */
export interface Program {
  readonly name: string;
  /** Values by key, in order: a key may stand more than once. */
  readonly options: readonly (readonly [key: string, value: string])[];
  readonly text: string;
  readonly after?: string;
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
      // Every second part stands between two fences; its first line names the language.
      const [text, after] = fences.filter((_, index) => index % 2 === 0).map((fence) => fence.slice(fence.indexOf("\n") + 1));
      if (text === undefined) throw new Error(`"${name}" has no program.`);
      const isCrlf = options.some(([key, value]) => key === "newline" && value === "crlf");
      const ended = (part: string): string => (isCrlf ? part.replaceAll("\n", "\r\n") : part);
      return { name: name.trim(), options, text: ended(text), ...(after === undefined ? {} : { after: ended(after) }) };
    });
}

export function optionsOf(program: Program, key: string): string[] {
  return program.options.filter(([name]) => name === key).map(([, value]) => value);
}
