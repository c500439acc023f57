/**
 * A store in a folder of the user's: one gzip file for each entry, whose checksum tells damage. Safe for several processes
 * at once, since an entry appears whole or not at all; bounded, the oldest entries go first. Whatever goes wrong, there is only
 * less to be found.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Log, Store } from "../analysis/ports.js";
import { reasonOf } from "./node.js";
import { startReaders } from "./read-ahead.js";

const MEGABYTE = 1024 * 1024;
/** Size of all entries together, in bytes, before the oldest go. */
const LARGEST_STORE = 512 * MEGABYTE;
const DAY = 24 * 60 * 60 * 1000;

/** Which sources read the facts: entries of another build mean something else. The build sets it. */
const SOURCES = "sources";
const BUILD = process.env.LOOPGUARD_FACTS ?? SOURCES;

/** Before the text of an entry: how many bytes it takes, little-endian. The entry's bytes stand behind it. */
const LENGTH_BYTES = 4;
const NO_BYTES = new Uint8Array(0);

/** A store in `folder`, which is made when something is written. `largest` in bytes. */
export function createNodeStore(folder: string, log: Log, largest: number = LARGEST_STORE): Store {
  const root = join(folder, BUILD);
  let isUsable = true;
  let isTrimmed = false;
  const pathOf = (key: string): string => join(root, key.slice(0, 2), key.slice(2));
  return {
    read: (key) => {
      try {
        const path = pathOf(key);
        const content = gunzipSync(readFileSync(path));
        // What is still used is not among the oldest.
        if (Date.now() - statSync(path).mtimeMs > 7 * DAY) utimesSync(path, new Date(), new Date());
        const end = LENGTH_BYTES + content.readUInt32LE(0);
        return { text: content.toString("utf8", LENGTH_BYTES, end), bytes: new Uint8Array(content.subarray(end)) };
      } catch {
        return undefined;
      }
    },
    write: (key, { text, bytes = NO_BYTES }) => {
      if (!isUsable) return;
      const path = pathOf(key);
      const temporary = `${path}.${randomBytes(6).toString("hex")}`;
      try {
        mkdirSync(join(path, ".."), { recursive: true });
        if (!isTrimmed) {
          isTrimmed = true;
          trimDaily(folder, largest);
        }
        writeFileSync(temporary, gzipSync(contentOf(text, bytes), { level: 1 }), { mode: 0o600 });
        renameSync(temporary, path);
      } catch (error) {
        // A full disk or a folder that may not be written: said once, and not tried a thousand times.
        isUsable = false;
        removeIfThere(temporary);
        log.info(`Nothing is kept in ${folder}: ${reasonOf(error)}`);
      }
    },
    // Threads run the bundle; sources have none.
    readAhead: (paths) => (isUsable && BUILD !== SOURCES ? startReaders(__filename, folder, paths) : undefined),
  };
}

function contentOf(text: string, bytes: Uint8Array): Buffer {
  const encoded = Buffer.from(text);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(encoded.length);
  return Buffer.concat([length, encoded, bytes]);
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where nothing can be written nothing was.
  }
}

/** Removes the oldest entries, and those of other builds among them, once a day. */
function trimDaily(folder: string, largest: number): void {
  const marker = join(folder, "trimmed");
  const trimmed = statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Math.abs(Date.now() - trimmed) < DAY) return;
  writeFileSync(marker, "");
  trim(folder, largest);
}

/** Removes the oldest entries until what is left takes three quarters of `largest` bytes, if it takes more than that. */
export function trim(folder: string, largest: number): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const status = entry.isFile() ? statSync(path, { throwIfNoEntry: false }) : undefined;
    return status ? [{ path, size: status.size, time: status.mtimeMs }] : [];
  });
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total <= largest) return;
  for (const { path, size } of entries.sort((a, b) => a.time - b.time)) {
    if (total <= largest * 0.75) return;
    rmSync(path, { force: true });
    total -= size;
  }
}
