import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { pathTextOf, type PathText } from '../../shared/domain/path-text.ts';
import type { TreeNode } from '../../shared/domain/tree.ts';
import type { LocalPath, WalkedFolder } from '../../shared/domain/local-tree.ts';
import { codeOf } from './make-folder.ts';
import { faultWords } from './fault-words.ts';

/**
 * What is in a folder, for a task to see as a program here would. Links within the folder stay links, those that lead
 * out of it are followed, and one that leads to nothing, or to a folder that it stands in, is told as it is: half of all
 * JDKs have one. Sockets, pipes and devices are left out. Paths are bytes, one character of text each.
 */
export async function walkFolder(folder: string): Promise<Result<WalkedFolder>> {
  const walk = new Walk();
  try {
    const root = resolve(folder);
    walk.root = await realpath(inBytes(bytesOfText(root)), 'latin1');
    await walk.visit(bytesOfText(root), '', [walk.root]);
    return ok({ files: walk.files, nodes: walk.nodes, strays: walk.strays });
  } catch (error) {
    const at = walk.at === '' ? folder : shown(walk.at);
    return refuse('misuse', `${at} cannot be read (${faultWords(codeOf(error))}).`);
  }
}

class Walk {
  readonly files: WalkedFolder['files'][number][] = [];
  readonly nodes: (TreeNode & { readonly below: string })[] = [];
  readonly strays: string[] = [];
  root = '';
  /** What is being looked at, for whom it cannot be read. */
  at = '';

  async visit(absolute: string, below: string, above: readonly string[]): Promise<void> {
    this.at = absolute;
    const facts = await stat(inBytes(absolute), { bigint: true });
    const mode = Number(facts.mode & 0o777n);
    const mtime = String(facts.mtimeNs);
    this.nodes.push({ kind: 'folder', ...textOf(below), below, mode, mtime });
    const names = await readdir(inBytes(absolute), { encoding: 'latin1' });
    for (const name of names.sort()) {
      const inside = `${absolute}/${name}`;
      this.at = inside;
      const path = below === '' ? name : `${below}/${name}`;
      const here = await lstat(inBytes(inside), { bigint: true });
      if (here.isSymbolicLink()) await this.link(inside, path, here, above);
      else if (here.isDirectory()) await this.visit(inside, path, above);
      else if (here.isFile()) this.files.push({ path, absolute: localPath(inside) });
    }
  }

  async link(
    inside: string,
    below: string,
    here: BigIntStats,
    above: readonly string[],
  ): Promise<void> {
    const target = await readlink(inBytes(inside), 'latin1');
    const told = (says: string): void => {
      const { path: to, escaped } = textOf(says);
      const targetEscaped = escaped && { targetEscaped: escaped };
      const mtime = String(here.mtimeNs);
      this.nodes.push({
        kind: 'link',
        ...textOf(below),
        below,
        target: to,
        ...targetEscaped,
        mtime,
      });
    };
    const real = await realpath(inBytes(inside), 'latin1').catch((error: unknown) => {
      if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(codeOf(error))) return undefined;
      throw error;
    });
    if (real === undefined) {
      this.strays.push(shown(inside));
      told(target);
    } else if (`${real}/`.startsWith(`${this.root}/`)) {
      const home = posix.dirname(posix.join('/', below));
      // What leads out and in again, or from the top of this machine, is said anew: elsewhere the folder lies elsewhere.
      const staysIn = !target.startsWith('/') && isBelow(posix.join(posix.dirname(below), target));
      told(staysIn ? target : posix.relative(home, real.slice(this.root.length) || '/') || '.');
    } else {
      const facts = await stat(inBytes(real));
      if (facts.isFile()) this.files.push({ path: below, absolute: localPath(inside) });
      else if (!facts.isDirectory()) return;
      else if (above.some((one) => `${one}/`.startsWith(`${real}/`))) {
        this.strays.push(shown(inside));
        told(target);
      } else await this.visit(inside, below, [...above, real]);
    }
  }
}

const isBelow = (path: string): boolean => path !== '..' && !path.startsWith('../');
const inBytes = (path: string): Buffer => Buffer.from(path, 'latin1');
const bytesOfText = (path: string): string => Buffer.from(path, 'utf8').toString('latin1');
const textOf = (path: string): PathText =>
  path === '' ? { path } : pathTextOf(Buffer.from(path, 'latin1'));
const shown = (path: string): string => textOf(path).path;

/** Text where it is text: it stands in sentences, too. */
function localPath(path: string): LocalPath {
  const bytes = inBytes(path);
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : bytes;
}
