/**
 * A file system as it was at a revision of Git: the Python files of one work tree come from the revision, everything else (the
 * environment, the settings) from the disk. Runs `git` and knows nothing of Python but its suffixes.
 */
import { execFileSync } from "node:child_process";
import { posix } from "node:path";
import type { DirectoryEntry, Files, FileText } from "../analysis/ports.js";
import { decodeText } from "./node.js";

/** What `git` says of a wrong revision, or of a folder that is none of its own. */
export class RevisionError extends Error {}

const PYTHON = /\.py[iw]?$/;
/** Of one answer of `git`, in bytes: the Python of a large repository. */
const LARGEST_ANSWER = 2 ** 31 - 1;

/**
 * `files` with the work tree around `folder` (absolute) as it was at `revision`. Throws a RevisionError when there is no `git`, no
 * work tree or no such revision.
 */
export function filesAtRevision(files: Files, folder: string, revision: string): Files & { readonly root: string } {
  // A folder reached through a link keeps the name it was reached by.
  const inside = git(folder, ["rev-parse", "--show-prefix"]).toString().replace(/\n$/, "");
  const root = inside === "" ? folder : folder.slice(0, -inside.length).replace(/\/$/, "");
  let commit: string;
  try {
    commit = git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`])
      .toString()
      .trim();
  } catch {
    throw new RevisionError(`there is no revision ${revision} in ${root}`);
  }
  const blobs = new Map<string, string>();
  for (const line of split(git(folder, ["ls-tree", "-r", "-z", "--full-tree", commit]))) {
    const [, mode, id, path] = /^(\d+) \w+ (\w+)\t(.*)$/s.exec(line) ?? [];
    // A link is what it leads to, which is in the tree as well.
    if (mode?.startsWith("100") && id !== undefined && path !== undefined && PYTHON.test(path)) blobs.set(`${root}/${path}`, id);
  }
  const listed = split(git(root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]));
  const newer = new Set(listed.map((path) => `${root}/${path}`).filter((path) => PYTHON.test(path) && !blobs.has(path)));
  return { root, ...overlay(files, readBlobs(root, blobs), newer) };
}

/** `files` with `texts` by path instead of what stands there, and without `hidden`. */
function overlay(files: Files, texts: ReadonlyMap<string, Buffer>, hidden: ReadonlySet<string>): Files {
  const folders = new Map<string, Map<string, DirectoryEntry>>();
  const enter = (path: string, kind: DirectoryEntry["kind"]): void => {
    const folder = posix.dirname(path);
    if (folder === path) return;
    const entries = folders.get(folder) ?? new Map<string, DirectoryEntry>();
    const isKnown = folders.has(folder);
    folders.set(folder, entries.set(posix.basename(path), { name: posix.basename(path), kind }));
    if (!isKnown) enter(folder, "directory");
  };
  for (const path of texts.keys()) enter(path, "file");
  return {
    read: (path, maxBytes): FileText | undefined => {
      const bytes = texts.get(path);
      if (!bytes) return hidden.has(path) ? undefined : files.read(path, maxBytes);
      return bytes.length > maxBytes ? { kind: "large", bytes: bytes.length } : decodeText(bytes);
    },
    list: (path) => {
      const added = folders.get(path);
      const entries = files.list(path)?.filter(({ name }) => !hidden.has(`${path}/${name}`) && !added?.has(name));
      return entries || added ? [...(entries ?? []), ...(added?.values() ?? [])] : undefined;
    },
    isFile: (path) => texts.has(path) || (!hidden.has(path) && files.isFile(path)),
    isDirectory: (path) => folders.has(path) || files.isDirectory(path),
    realPath: (path) => (texts.has(path) ? path : files.realPath(path)),
  };
}

/** Contents by path of blobs by path. */
function readBlobs(root: string, blobs: ReadonlyMap<string, string>): ReadonlyMap<string, Buffer> {
  const contents = new Map<string, Buffer>();
  if (blobs.size === 0) return contents;
  const answer = git(root, ["cat-file", "--batch"], `${[...blobs.values()].join("\n")}\n`);
  let at = 0;
  for (const path of blobs.keys()) {
    // `ID blob SIZE`, a line feed, the content, a line feed.
    const end = answer.indexOf("\n", at);
    const size = Number(answer.toString("latin1", at, end).split(" ")[2]);
    contents.set(path, answer.subarray(end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return contents;
}

function split(answer: Buffer): string[] {
  return answer.toString().split("\0").filter(Boolean);
}

/** A repository's own configuration may name programs that Git would start: it is somebody else's, as its Python is. */
const NOTHING_OF_THE_REPOSITORY = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

function git(folder: string, options: readonly string[], input?: string): Buffer {
  try {
    return execFileSync("git", ["-C", folder, ...NOTHING_OF_THE_REPOSITORY, ...options], {
      maxBuffer: LARGEST_ANSWER,
      stdio: ["pipe", "pipe", "pipe"],
      ...(input === undefined ? {} : { input }),
    });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: Buffer };
    if (code === "ENOENT") throw new RevisionError("git is not installed");
    const said = stderr?.toString().trim().split("\n")[0] ?? "";
    throw new RevisionError(said.replace(/^fatal: /, "") || (error as Error).message);
  }
}
