import { createHash } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { codeOf, makeFolder } from './make-folder.ts';

/** Files of the person who types. */
export const localFiles = {
  join,
  absolute: (path: string) => resolve(path),

  async kind(path: string): Promise<'file' | 'folder' | 'other' | 'missing' | 'unreadable'> {
    try {
      const facts = await stat(path);
      return facts.isFile() ? 'file' : facts.isDirectory() ? 'folder' : 'other';
    } catch (error) {
      return codeOf(error) === 'EACCES' ? 'unreadable' : 'missing';
    }
  },

  /**
   * Links are followed, those to folders too: the task gets what a program would see here. Sockets, pipes and devices
   * are left out.
   */
  async walk(folder: string): Promise<Result<readonly { path: string; absolute: string }[]>> {
    const found: { path: string; absolute: string }[] = [];
    const visit = async (
      absolute: string,
      path: string,
      above: readonly string[],
    ): Promise<Result<null>> => {
      const real = await realpath(absolute);
      if (above.includes(real)) {
        return refuse(
          'misuse',
          `${absolute} is a link to a folder that contains it; remove the link.`,
        );
      }
      const names = (await readdir(absolute)).sort();
      for (const name of names) {
        const inside = join(absolute, name);
        const relative = path === '' ? name : `${path}/${name}`;
        const facts = await stat(inside).catch((error: unknown) => codeOf(error));
        if (typeof facts === 'string') {
          return refuse('misuse', `${inside} cannot be read (${reason(facts)}).`);
        }
        if (facts.isDirectory()) {
          const below = await visit(inside, relative, [...above, real]);
          if (!below.ok) return below;
        } else if (facts.isFile()) found.push({ path: relative, absolute: inside });
      }
      return ok(null);
    };
    try {
      const walked = await visit(resolve(folder), '', []);
      return walked.ok ? ok(found) : walked;
    } catch (error) {
      return refuse('misuse', `${folder} cannot be read (${reason(codeOf(error))}).`);
    }
  },

  async digest(path: string): Promise<Result<{ hash: string; size: number; executable: boolean }>> {
    try {
      const sum = createHash('sha256');
      let size = 0;
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
        const piece = chunk as Buffer;
        sum.update(piece);
        size += piece.length;
      }
      const { mode } = await stat(path);
      return ok({ hash: sum.digest('hex'), size, executable: (mode & 0o111) !== 0 });
    } catch (error) {
      return refuse('misuse', `${path} cannot be read (${reason(codeOf(error))}).`);
    }
  },

  async readText(path: string): Promise<Result<string>> {
    try {
      return ok(await readFile(path, 'utf8'));
    } catch (error) {
      return refuse('misuse', `${path} cannot be read (${reason(codeOf(error))}).`);
    }
  },

  async keepAside(name: string, text: string): Promise<Result<string>> {
    try {
      const folder = await mkdtemp(join(tmpdir(), 'nightshift-'));
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      await writeFile(join(folder, name), text, { mode: 0o755 });
      return ok(join(folder, name));
    } catch (error) {
      return refuse('failed', `${tmpdir()} cannot be written (${reason(codeOf(error))}).`);
    }
  },

  writeText: (path: string, text: string): Promise<Result<null>> =>
    localFiles.writeBytes(path, [Buffer.from(text)]),

  async writeBytes(path: string, pieces: readonly Uint8Array[]): Promise<Result<null>> {
    const part = `${path}.part`;
    try {
      await makeFolder(dirname(path));
      await writeFile(part, Buffer.concat(pieces));
      await rename(part, path);
      return ok(null);
    } catch (error) {
      return refuse('failed', `${path} cannot be written (${reason(codeOf(error))}).`);
    }
  },
};

function reason(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'it does not exist, or is a link to nothing';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'a part of the path is a file';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EROFS':
      return 'the disk is read-only';
    case 'ELOOP':
      return 'its links go round in circles';
    default:
      return code;
  }
}
