import type { OutputFile } from '../../shared/domain/job.ts';
import { isPathBelow, pathBytes, type PathText } from '../../shared/domain/path-text.ts';
import type { TreeNode } from '../../shared/domain/tree.ts';
import type { LocalPath } from '../../shared/domain/local-tree.ts';

/** One file to be fetched: from the head's store, or a task's output that is not stored yet. */
export interface Item {
  readonly task: string;
  readonly to: LocalPath;
  readonly shown: string;
  readonly size: number;
  readonly mode: number | null;
  readonly mtime: string | null;
  /** Files of one task with the same number are names of one file. */
  readonly hard: number | null;
  readonly hash: string | null;
}

/** A folder or link to be made. */
export interface NodeItem {
  readonly task: string;
  readonly to: LocalPath;
  readonly shown: string;
  readonly node: TreeNode;
}

/** What is not brought, by name. */
export interface Lost {
  readonly task: string;
  readonly path: string;
  readonly reason: string;
}

/** Where the files of one task go: below a folder of the person who fetches, or below that one's folder for the task. */
export interface Destination {
  readonly into: string;
  /** Empty, or the task's index. */
  readonly folder: string;
  /** The rules of names there. */
  readonly windows: boolean;
}

/**
 * Undefined: it would not stay below, or is none. The head lets no such path in nowadays; its store may be older than that,
 * and a client does not rely on it.
 */
export function placeOf(
  { into, folder, windows }: Destination,
  name: PathText,
): { readonly to: LocalPath; readonly shown: string } | undefined {
  const bytes = isPathBelow(name) ? pathBytes(name) : undefined;
  if (bytes === undefined) return undefined;
  const shown = folder === '' ? name.path : `${folder}/${name.path}`;
  if (windows) {
    const parts = shown.split('/').map(windowsName);
    return { to: [into, ...parts].join('\\'), shown };
  }
  const top = folder === '' ? into : `${into}/${folder}`;
  const text = name.escaped === true ? undefined : `${top}/${name.path}`;
  return { to: text ?? Buffer.concat([Buffer.from(`${top}/`), bytes]), shown };
}

/**
 * A name as Windows takes it: no device, no drive, no stream, nothing that is dropped from its end
 * (learn.microsoft.com, "Naming Files, Paths, and Namespaces").
 */
export function windowsName(name: string): string {
  const harmless = name.replace(/[<>:"|?*\\\p{Cc}]|[. ]$/gu, (character) => percentOf(character));
  return /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i.test(harmless)
    ? `_${harmless}`
    : harmless;
}

const percentOf = (character: string): string =>
  `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;

export const modeOf = ({ mode, executable }: OutputFile): number | null =>
  mode ?? (executable ? 0o755 : null);

/** Names of one file after the first of them. */
export function otherNames(items: readonly Item[]): ReadonlyMap<Item, Item> {
  const firsts = new Map<string, Item>();
  const others = new Map<Item, Item>();
  for (const item of items) {
    if (item.hard === null) continue;
    const key = `${item.task} ${item.hard} ${item.hash}`;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, item);
    else others.set(item, first);
  }
  return others;
}
