import { formatSize } from '../../shared/base/units.ts';
import { pathBytes } from '../../shared/domain/path-text.ts';
import { refuse, type Result } from '../../shared/base/result.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { explainCallError } from './head-errors.ts';
import { Refused } from './refused.ts';
import { bytesOfBase64 } from './base64.ts';
import { count } from './count.ts';
import { otherNames, type Item, type Lost, type NodeItem } from './fetched-tree.ts';
import type { Files, Head, World } from './ports.ts';
import { inParallel } from './upload-inputs.ts';

export interface Written {
  readonly fetched: number;
  readonly bytes: number;
  readonly lost: readonly Lost[];
}

/**
 * Brings what there is, and names the rest. Files first, links after all of them, so that nothing is written through one;
 * times and the modes of folders last.
 */
export async function writeFetched(
  { terminal, files }: World,
  head: Head,
  { items, nodes }: { readonly items: readonly Item[]; readonly nodes: readonly NodeItem[] },
  { into, force }: { readonly into: string; readonly force: boolean },
): Promise<Written> {
  const lost: Lost[] = [];
  const written = new Set<Item>();
  const all = items.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  const settle = (item: Item, result: Result<null>): void => {
    if (result.ok) {
      written.add(item);
      bytes += item.size;
    } else lost.push({ task: item.task, path: item.shown, reason: refusalWords(result.error) });
  };
  const names = otherNames(items);
  await inParallel(
    items.filter((item) => !names.has(item)),
    async (item) => {
      terminal.progress(
        `Fetching: ${written.size} of ${count(items.length, 'file')}, ${formatSize(bytes)} of ${formatSize(all)}`,
      );
      settle(item, await fetchItem(files, head, item, into));
    },
  );
  for (const [item, first] of names) {
    const folder = await files.makeFolderBelow(into, item.to);
    const isName = folder.ok && written.has(first) && (await files.makeName(first.to, item.to));
    settle(item, isName ? folder : await fetchItem(files, head, item, into));
  }
  terminal.progress(null);
  const made: NodeItem[] = [];
  for (const item of inOrder(nodes)) {
    const result = await makeNode(files, item, into, force);
    if (result.ok) made.push(item);
    else lost.push({ task: item.task, path: item.shown, reason: refusalWords(result.error) });
  }
  await files.setTraits([
    ...[...written].map(({ to, mtime }) => ({ place: to, mode: null, mtime })),
    ...made.reverse().map(({ to, node }) => ({
      place: to,
      mode: node.kind === 'folder' ? node.mode : null,
      mtime: node.mtime,
    })),
  ]);
  return { fetched: written.size, bytes, lost };
}

async function fetchItem(
  files: Files,
  head: Head,
  { task, to, hash, mode }: Item,
  into: string,
): Promise<Result<null>> {
  const { api, blobs } = head;
  const above = await files.makeFolderBelow(into, to);
  if (!above.ok) return above;
  if (hash !== null) return blobs.save(hash, to, mode);
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of await api.jobs.logs({ task, follow: false, bytes: true }))
      pieces.push(bytesOfBase64(piece.base64 ?? ''));
  } catch (error) {
    // One log that cannot be had hinders none of the others; a broken link does.
    const why = explainCallError(error, head.alive());
    if (why instanceof Refused) return refuse(why.kind, why.message);
    throw why;
  }
  return files.writeBytes(to, pieces);
}

/** Folders before what is in them, and every link after every folder. */
const inOrder = (nodes: readonly NodeItem[]): NodeItem[] => [
  ...nodes.filter(({ node }) => node.kind === 'folder'),
  ...nodes.filter(({ node }) => node.kind === 'link'),
];

async function makeNode(
  files: Files,
  { to, node }: NodeItem,
  into: string,
  force: boolean,
): Promise<Result<null>> {
  const above = await files.makeFolderBelow(into, to);
  if (!above.ok) return above;
  if (node.kind === 'folder') return files.makeFolderBelow(into, to, true);
  const target = pathBytes({ path: node.target, escaped: node.targetEscaped });
  if (target === undefined)
    return refuse('failed', `the link ${node.path} leads to what is no path.`);
  return files.makeLink(to, target, force);
}
