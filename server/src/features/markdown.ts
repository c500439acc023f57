/**
 * Our own Markdown as plain text, for editors that show no other. Understands what hover.ts writes, and no more.
 */

/** `markdown` without its marks; links keep their text. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\*\*([^*]+)\*\*/g, "$1")
    .replaceAll("`", "");
}
