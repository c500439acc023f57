/**
 * What a run asked of the machine, and what it was told: files, folders, environment variables. When all of it would be
 * answered the same way again, so would the run be. Knows nothing of what the answers are for.
 */
import { createHash } from "node:crypto";
import type { Files } from "../analysis/ports.js";

export type Question = "read" | "list" | "isFile" | "isDirectory" | "realPath" | "variable";

/** A question, what it was about, and a digest of the answer. */
export type Answered = readonly [question: Question, subject: string, digest: string];

type Variables = Readonly<Record<string, string | undefined>>;

/** The machine as a run sees it. */
export interface Machine {
  readonly files: Files;
  readonly variables: Variables;
}

export interface Recording {
  /** To be asked in the machine's place. */
  readonly machine: Machine;
  /** All that was asked so far, each question once. */
  answered(): readonly Answered[];
}

/** Paths as they are kept, so that another checkout means the same by them: those below `folder` count from it. */
export interface Places {
  kept(path: string): string;
  here(path: string): string;
}

/** Stands for the folder; no path holds it. */
const FOLDER = "\u0001";

/** Places seen from `folder`, absolute. */
export function placesFrom(folder: string): Places {
  return {
    kept: (path) => (path === folder || path.startsWith(`${folder}/`) ? FOLDER + path.slice(folder.length) : path),
    here: (path) => (path.startsWith(FOLDER) ? folder + path.slice(FOLDER.length) : path),
  };
}

export function record(machine: Machine, places: Places): Recording {
  const { files, variables } = machine;
  const answers = new Map<string, Answered>();
  const note = <Answer>(question: Question, subject: string, answer: Answer): Answer => {
    const key = `${question} ${subject}`;
    // Of an answer that changes while the run goes on the first one was used first: it will not hold again.
    if (!answers.has(key)) answers.set(key, [question, subject, digestOf(answer, places)]);
    return answer;
  };
  const { kept } = places;
  const recorded: Files = {
    read: (path, maxBytes) => note("read", `${maxBytes} ${kept(path)}`, files.read(path, maxBytes)),
    list: (path) => note("list", kept(path), files.list(path)),
    isFile: (path) => note("isFile", kept(path), files.isFile(path)),
    isDirectory: (path) => note("isDirectory", kept(path), files.isDirectory(path)),
    realPath: (path) => note("realPath", kept(path), files.realPath(path)),
  };
  const asked = new Proxy(variables, {
    get: (all, name) => (typeof name === "string" ? note("variable", name, all[name]) : undefined),
  });
  return { machine: { files: recorded, variables: asked }, answered: () => [...answers.values()] };
}

/** Whether the machine answers all that was asked as it did then. */
export function answersAsThen(machine: Machine, places: Places, answered: readonly Answered[]): boolean {
  return answered.every(([question, subject, digest]) => digestOf(ask(machine, places, question, subject), places) === digest);
}

function ask({ files, variables }: Machine, { here }: Places, question: Question, subject: string): unknown {
  if (question === "variable") return variables[subject];
  if (question !== "read") return files[question](here(subject));
  const space = subject.indexOf(" ");
  return files.read(here(subject.slice(space + 1)), Number(subject.slice(0, space)));
}

/** Texts and lists may be long; in which order a folder lists its entries is the machine's own affair. */
function digestOf(answer: unknown, { kept }: Places): string {
  const hash = createHash("sha256");
  if (typeof answer === "string") hash.update(`path ${kept(answer)}`);
  else if (isText(answer)) hash.update("text ").update(answer.text);
  else if (Array.isArray(answer)) hash.update(JSON.stringify(answer.map((entry) => JSON.stringify(entry)).sort()));
  else hash.update(JSON.stringify(answer) ?? "nothing");
  return hash.digest("base64url").slice(0, DIGEST_LENGTH);
}

const DIGEST_LENGTH = 22;

function isText(answer: unknown): answer is { readonly text: string } {
  return typeof answer === "object" && answer !== null && "text" in answer && typeof answer.text === "string";
}
