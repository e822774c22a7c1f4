import { createHash } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { mkdtemp, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { shownPath, type Digest, type LocalPath } from '../../shared/domain/local-tree.ts';
import { faultWords } from './fault-words.ts';
import { codeOf, makeFolder } from './make-folder.ts';
import { walkFolder } from './walk-folder.ts';
import { draftOf, forNode, makeFolderBelow, makeLink, makeName, setTraits } from './write-tree.ts';

/** Files of the person who types. */
export const localFiles = {
  join,
  absolute: (path: string) => resolve(path),

  windows: process.platform === 'win32',
  makeFolderBelow,
  makeLink,
  makeName,
  setTraits,

  async kind(path: LocalPath): Promise<'file' | 'folder' | 'other' | 'missing' | 'unreadable'> {
    try {
      const facts = await stat(forNode(path));
      return facts.isFile() ? 'file' : facts.isDirectory() ? 'folder' : 'other';
    } catch (error) {
      return codeOf(error) === 'EACCES' ? 'unreadable' : 'missing';
    }
  },

  walk: walkFolder,

  async digest(path: LocalPath): Promise<Result<Digest>> {
    try {
      const sum = createHash('sha256');
      let size = 0;
      for await (const chunk of createReadStream(forNode(path), { highWaterMark: 1 << 20 })) {
        const piece = chunk as Buffer;
        sum.update(piece);
        size += piece.length;
      }
      const facts = await stat(forNode(path), { bigint: true });
      const mode = Number(facts.mode & 0o777n);
      return ok({
        hash: sum.digest('hex'),
        size,
        executable: (mode & 0o111) !== 0,
        mode,
        mtime: String(facts.mtimeNs),
        inode: facts.nlink > 1n ? `${facts.dev}:${facts.ino}` : null,
      });
    } catch (error) {
      return refuse('misuse', `${shownPath(path)} cannot be read (${faultWords(codeOf(error))}).`);
    }
  },

  async readText(path: string): Promise<Result<string>> {
    try {
      return ok(await readFile(path, 'utf8'));
    } catch (error) {
      return refuse('misuse', `${path} cannot be read (${faultWords(codeOf(error))}).`);
    }
  },

  async keepAside(name: string, text: string): Promise<Result<string>> {
    try {
      const folder = await mkdtemp(join(tmpdir(), 'nightshift-'));
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      await writeFile(join(folder, name), text, { mode: 0o755 });
      return ok(join(folder, name));
    } catch (error) {
      return refuse('failed', `${tmpdir()} cannot be written (${faultWords(codeOf(error))}).`);
    }
  },

  writeText: (path: string, text: string): Promise<Result<null>> =>
    localFiles.writeBytes(path, [Buffer.from(text)]),

  async writeBytes(path: LocalPath, pieces: readonly Uint8Array[]): Promise<Result<null>> {
    const part = draftOf(path);
    try {
      if (typeof path === 'string') await makeFolder(dirname(path));
      await writeFile(part, Buffer.concat(pieces));
      await rename(part, forNode(path));
      return ok(null);
    } catch (error) {
      return refuse(
        'failed',
        `${shownPath(path)} cannot be written (${faultWords(codeOf(error))}).`,
      );
    }
  },
};
