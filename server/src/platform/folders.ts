/**
 * The user's folders on this system. Imports little: the program's start asks for them before anything else is loaded.
 */
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** Where caches of a user belong on this system; LOOPGUARD_CACHE_DIR names another folder. */
export function cacheFolder(variables: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  if (variables.LOOPGUARD_CACHE_DIR) return variables.LOOPGUARD_CACHE_DIR;
  if (platform === "win32") return join(variables.LOCALAPPDATA ?? join(homeFolder(), "AppData", "Local"), "loopguard", "Cache");
  if (platform === "darwin") return join(homeFolder(), "Library", "Caches", "loopguard");
  return join(variables.XDG_CACHE_HOME || join(homeFolder(), ".cache"), "loopguard");
}

/** The user's folder. In a container a user may have neither a name nor a home: then the folder of temporary files. */
export function homeFolder(home: () => string = homedir): string {
  try {
    return home();
  } catch {
    return tmpdir();
  }
}
