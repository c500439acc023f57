/**
 * The documents a client has open: under which URI it knows each path, and in which version. Their texts belong to the
 * analysis.
 */
import { pathOf, uriOf } from "./convert.js";

export interface OpenDocument {
  readonly path: string;
  /** As the client spells it: answers must use the same spelling. */
  readonly uri: string;
  readonly version: number;
}

export class OpenDocuments {
  readonly #byPath = new Map<string, OpenDocument>();

  set(uri: string, version: number): OpenDocument {
    const document = { path: pathOf(uri), uri, version };
    this.#byPath.set(document.path, document);
    return document;
  }

  delete(path: string): void {
    this.#byPath.delete(path);
  }

  at(path: string): OpenDocument | undefined {
    return this.#byPath.get(path);
  }

  paths(): readonly string[] {
    return [...this.#byPath.keys()];
  }

  /** The URI of any path, in the client's spelling where it has shown one. */
  uriOf(path: string): string {
    return this.#byPath.get(path)?.uri ?? uriOf(path);
  }
}
