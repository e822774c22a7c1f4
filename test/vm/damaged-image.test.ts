// A boot image of which one bit was turned over on its way, by wire, stick or memory: the PC says so and starts again, rather than
// compute with it. Kinds: the system, the agent, the identity, and nothing damaged.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mebibytes } from '../../shared/base/units.ts';
import { systemCacheDir } from '../../shared/domain/system-cache.ts';
import { systemClock } from '../../shared/node/system-clock.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { identityPart, openBootImages } from '../../src-main/features/boot-images.ts';
import { chooseAccelerator } from '../../src-main/platform/practice/vm/accelerator.ts';
import { qemuArguments } from '../../src-main/platform/practice/vm/qemu-command.ts';
import { startQemu } from '../../src-main/platform/practice/vm/start-qemu.ts';
import type { KeptImage } from '../../src-main/platform/system-builder/boot-image-store.ts';
import { lastResort, waitUntil } from '../lab/wait-until.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-damaged-image-'));
let image: KeptImage;
beforeAll(async () => {
  const { service } = openBootImages({
    ...{ folder: join(folder, 'images'), cacheDir: systemCacheDir(process.env) },
    ...{ clock: systemClock(), onProgress: () => undefined, isQuiet: null, log: () => undefined },
  });
  const current = await service.current();
  if (!current.ok) throw new Error(refusalWords(current.error));
  image = current.value;
}, lastResort);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const identity = identityPart({ lab: 'made up' } as never);
const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 4;
  return changed;
};
const middleOf = (bytes: Uint8Array): Uint8Array => flipped(bytes, bytes.length >> 1);

test.each<readonly [string, (parts: Uint8Array[]) => Uint8Array[], RegExp]>([
  [
    'the system',
    ([base, start, own]) => [middleOf(base!), start!, own!],
    /nightshift: the member system was damaged on its way here: .*; this PC restarts in a minute/,
  ],
  [
    'the agent',
    ([base, start, own]) => [base!, middleOf(start!), own!],
    /nightshift: the agent was damaged on its way here/,
  ],
  [
    'the identity',
    ([base, start, own]) => [base!, start!, flipped(own!, Buffer.from(own!).indexOf('made up'))],
    /nightshift: the identity of this lab was damaged on its way here/,
  ],
  ['nothing', (parts) => parts, /The lab identity on this boot medium is damaged/],
])(
  'with one bit of %s turned over, the PC says so',
  async (what, change, said) => {
    const own = join(folder, what.replaceAll(' ', '-'));
    mkdirSync(own);
    const log = join(own, 'agent.log');
    writeFileSync(log, '');
    const parts = [...image.parts.map((file) => Uint8Array.from(readFileSync(file))), identity];
    writeFileSync(join(own, 'initrd.img'), Buffer.concat(change(parts)));
    copyFileSync(image.kernel, join(own, 'vmlinuz'));
    const pc = {
      ...{ label: `nightshift-damaged-${own.length}`, cpus: 1, memory: mebibytes(1024) },
      ...{ kernel: join(own, 'vmlinuz'), initrd: 'initrd.img', cards: [], lanAddress: '' },
    };
    const started = await startQemu(
      own,
      [],
      qemuArguments(pc, await chooseAccelerator(folder, image.kernel)),
    );
    if (!started.ok) throw new Error(refusalWords(started.error));
    const pid = Number(readFileSync(join(own, 'pid'), 'utf8'));
    try {
      const heard = (): string => readFileSync(log, 'latin1');
      await waitUntil(`${what} is spoken of`, () => said.test(heard()) || undefined, {
        within: 300_000,
        picture: async () => heard().slice(-2000),
      });
      if (what === 'nothing') expect(heard()).not.toContain('damaged on its way');
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  },
  lastResort,
);
