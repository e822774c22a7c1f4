import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bytes, mebibytes } from '../../../shared/base/units.ts';
import type { ErasableFile } from '../../../shared/domain/drive.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { judgeFile } from '../../../src-main/core/boot-image/drive-safety.ts';
import { imageFiles } from '../../../src-main/platform/drives/image-files.ts';
import { blockDeviceContract } from './block-device.contract.ts';
import { driveOf } from './drives.ts';
import { SimulatedDrive } from './simulated-drive.ts';
import { inWords } from '../../in-words.ts';

const size = bytes(mebibytes(8));

describe('a simulated drive', () => {
  const drive = new SimulatedDrive(driveOf('/dev/sdb', { size }));
  blockDeviceContract(() => ({ size, keeps: true, open: async () => drive.open() }));
});

const folder = mkdtempSync(join(tmpdir(), 'nightshift-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileAt = (path: string): ErasableFile => {
  const judged = judgeFile(path, 'missing', { size, replace: false });
  if (!judged.ok) throw new Error(refusalWords(judged.error));
  return judged.value;
};

describe('an image file', () => {
  const path = join(folder, 'stick.img');
  blockDeviceContract(() => ({ size, keeps: false, open: () => imageFiles.open(fileAt(path)) }));

  test('can be read by its owner only, since it lets PCs in', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('tells apart what can stand at its path', async () => {
    expect(await imageFiles.there(path)).toBe('file');
    expect(await imageFiles.there(folder)).toBe('folder');
    expect(await imageFiles.there('/dev/null')).toBe('other');
    expect(await imageFiles.there(join(folder, 'nothing'))).toBe('missing');
  });

  test('is refused in one sentence where its folder is not there', async () => {
    expect(inWords(await imageFiles.open(fileAt('/nowhere/at/all.img')))).toMatchObject({
      ok: false,
      error: { sentence: 'The folder of /nowhere/at/all.img is not there; make it first.' },
    });
  });
});
