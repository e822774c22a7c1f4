// The helper that writes drives for a head without rights: a process of its own, as pkexec starts it.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { bytes, mebibytes } from '../../../shared/base/units.ts';
import type { ErasableDrive } from '../../../shared/domain/drive.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { driveIdentity, judgeDrive } from '../../../src-main/core/boot-image/drive-safety.ts';
import {
  DriveWriter,
  writerCommandHere,
} from '../../../src-main/platform/drives/drive-writer-process.ts';
import {
  encodeFrame,
  readRequests,
} from '../../../src-main/platform/drives/drive-writer-frames.ts';
import { serveDrives } from '../../../src-main/platform/drives/serve-drives.ts';
import { blockDeviceContract } from './block-device.contract.ts';
import { driveOf } from './drives.ts';
import { SimulatedDrive, SimulatedDrives } from './simulated-drive.ts';

const size = bytes(mebibytes(8));
const script = join(import.meta.dirname, 'simulated-drive-writer.ts');
const command = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  script,
  String(size),
] as const;
const plain = { identity: null, typedName: null };
const stick = (): ErasableDrive => {
  const judged = judgeDrive(driveOf('/dev/sdb', { size }), plain);
  if (!judged.ok) throw new Error(refusalWords(judged.error));
  return judged.value;
};
const folder = mkdtempSync(join(tmpdir(), 'nightshift-writer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a drive that a helper writes', () => {
  const helper = new DriveWriter([...command]);
  blockDeviceContract(() => ({ size, keeps: true, open: () => helper.open(stick()) }));

  test('is refused by the helper’s own look, whatever the head thought of it', async () => {
    const builtIn = driveOf('/dev/sda', { size, transport: 'nvme' });
    const lie = {
      ...{ path: '/dev/sda', name: 'lie', size, mountedAt: [] },
      identity: driveIdentity(builtIn),
    } as unknown as ErasableDrive;
    const opened = await helper.open(lie);
    expect(opened.ok ? '' : refusalWords(opened.error)).toMatch(/built in \(nvme\)/);
  });

  test('is another one when it was swapped meanwhile', async () => {
    const swapped = { ...stick(), identity: 'another' } as unknown as ErasableDrive;
    const opened = await helper.open(swapped);
    expect(opened.ok ? '' : refusalWords(opened.error)).toMatch(/^Another drive is at/);
  });
});

test('a person who says no is told what to do, and asked again the next time', async () => {
  const marker = join(folder, 'yes');
  const ask = join(folder, 'pkexec');
  writeFileSync(ask, `#!/bin/sh\n[ -e ${marker} ] || exit 126\nexec "$@"\n`);
  chmodSync(ask, 0o755);
  const helper = new DriveWriter([ask, ...command]);
  const refused = await helper.open(stick());
  expect(refused.ok ? '' : refusalWords(refused.error)).toBe(
    'Nobody allowed this head to write drives; try again and say yes, or run a head as root: sudo nightshift head.',
  );
  writeFileSync(marker, '');
  const opened = await helper.open(stick());
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  await opened.value.close();
});

test('a helper that dies in the middle of a stick fails this stick with a sentence', async () => {
  const helper = new DriveWriter([...command]);
  const opened = await helper.open(stick());
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  helper.end();
  const written = await opened.value.write(0, new Uint8Array(512));
  expect(written.ok ? '' : refusalWords(written.error)).toMatch(
    /helper that writes drives has ended/,
  );
  await opened.value.close();
});

test('what is not understood ends the helper, which lets go of its drives', async () => {
  const drive = new SimulatedDrive(driveOf('/dev/sdb', { size }));
  const input = new PassThrough();
  const output = new PassThrough();
  const served = serveDrives(input, output, new SimulatedDrives(drive), (one, identity, all) =>
    judgeDrive(one, { identity, typedName: null }, all),
  );
  input.write(
    encodeFrame({ op: 'open', id: 1, path: '/dev/sdb', identity: driveIdentity(drive.facts) }),
  );
  await new Promise((resolve) => output.once('data', resolve));
  expect(drive.isOpen).toBe(true);
  input.write(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  await served;
  expect(drive.isOpen).toBe(false);
});

test('frames may come in any pieces', () => {
  const body = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
  const whole = encodeFrame({ op: 'write', id: 7, drive: 1, at: 512 }, body);
  const reader = readRequests();
  const seen = [...whole].flatMap((byte) => reader.push(Uint8Array.of(byte)) ?? []);
  expect(seen).toEqual([{ header: { op: 'write', id: 7, drive: 1, at: 512 }, body }]);
});

test('a helper is there where somebody can be asked, and not in an AppImage', () => {
  writeFileSync(join(folder, 'pkexec'), '');
  const here = { PATH: `/nowhere:${folder}`, DISPLAY: ':0' };
  expect(writerCommandHere(here)?.[0]).toBe(join(folder, 'pkexec'));
  expect(writerCommandHere({ PATH: folder })).toBeUndefined();
  expect(writerCommandHere({ PATH: '/nowhere', DISPLAY: ':0' })).toBeUndefined();
  expect(writerCommandHere({ ...here, APPIMAGE: '/tmp/Nightshift.AppImage' })).toBeUndefined();
});

test('a helper without a head ends by itself', async () => {
  const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end();
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(0);
});
