/**
 * Writes a user's file so that it holds the old text or the new one, whole, whatever happens in between: a disk that is full, a
 * process that is killed. Knows nothing of what the text is.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from "node:fs";

/**
 * Puts `content` in the place of what the file at `path` holds, or makes it; links, rights and the owner stay. What is no file (a
 * pipe, a device) is written to. Throws the system's error, and then the file is as before.
 */
export function replaceFile(path: string, content: string): void {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status && !status.isFile()) {
    writeFileSync(path, content);
    return;
  }
  const target = status ? realpathSync.native(path) : path;
  const temporary = `${target}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, content, { flag: "wx" });
    if (status) keepRights(temporary, status);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    // A file that may be written can lie in a folder that may not.
    if (!status || (code !== "EACCES" && code !== "EPERM")) throw error;
    writeFileSync(target, content);
  }
}

function keepRights(path: string, { mode, uid, gid }: Stats): void {
  try {
    const own = statSync(path);
    if (own.uid !== uid || own.gid !== gid) chownSync(path, uid, gid);
  } catch {
    // Nobody but root may give a file away.
  }
  chmodSync(path, mode & 0o7777);
}
