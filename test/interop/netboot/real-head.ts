import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../lab/wait-until.ts';
import { encodeCpio } from '../../../src-main/core/boot-image/cpio.ts';
import { ensureAgentBundle } from '../../../src-main/platform/making-ready/build-when-changed.ts';
import { buildBootImage } from '../../../src-main/platform/system-builder/boot-image.ts';
import { buildBootLoaders } from '../../../src-main/platform/system-builder/boot-loaders.ts';
import { systemCacheDir } from '../../../shared/domain/system-cache.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { buildPackImage } from '../../../src-main/platform/system-builder/pack-image.ts';
import type { NetbootRoom } from './room.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));

/** What a head in a network of its own cannot fetch any more: all goes into the machine's cache. */
export async function buildAll(): Promise<void> {
  const options = { cacheDir: systemCacheDir(process.env), onProgress: () => undefined };
  const all = [
    await buildBootImage({ ...options, encodeArchive: encodeCpio }),
    await buildBootLoaders(options),
    await buildPackImage({ ...options, name: 'base' }),
    await ensureAgentBundle(options.onProgress),
  ];
  for (const built of all) if (!built.ok) throw new Error(refusalWords(built.error));
}

/** The whole head on the room's machine `head`, and the command line beside it. */
export class RealHead {
  readonly #room: NetbootRoom;
  readonly #home: string;
  readonly #child: ChildProcess;

  private constructor(room: NetbootRoom, home: string, child: ChildProcess) {
    this.#room = room;
    this.#home = home;
    this.#child = child;
  }

  static async start(room: NetbootRoom): Promise<RealHead> {
    const home = join(room.folder, 'home');
    const child = room.start([
      ...room.network.on('head'),
      ...['env', `TMPDIR=${room.folder}`],
      ...[process.execPath, join(project, 'src-main', 'head.ts'), '--home', home],
      ...['--port', '7411', '--lab', 'Room 12'],
    ]);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (piece: Buffer) => (said += piece.toString()));
    }
    await waitUntil('the head is open', () => existsSync(join(home, 'head.json')), {
      picture: async () => said,
    });
    return new RealHead(room, home, child);
  }

  /** A command on the head's machine; what it said, or an error when its exit code is not 0. */
  async nightshift(...words: readonly string[]): Promise<string> {
    const child = this.#room.start([
      ...this.#room.network.on('head'),
      ...['env', `NIGHTSHIFT_HOME=${this.#home}`, process.execPath],
      ...[join(project, 'src-cli', 'nightshift.ts'), ...words],
    ]);
    let out = '';
    let err = '';
    child.stdin?.end();
    child.stdout?.on('data', (piece: Buffer) => (out += piece.toString()));
    child.stderr?.on('data', (piece: Buffer) => (err += piece.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0)
      throw new Error(`nightshift ${words.join(' ')} ended with ${String(code)}: ${err}${out}`);
    return out;
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }
}
