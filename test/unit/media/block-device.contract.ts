import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mebibytes } from '../../../shared/base/units.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import type { BlockDevice, DriveResult } from '../../../src-main/ports/block-device.ts';

export interface DeviceUnderTest {
  open(): Promise<DriveResult<BlockDevice>>;
  /** Bytes. */
  readonly size: number;
  /** A drive keeps what is on it; an image file begins anew whenever it is opened. */
  readonly keeps: boolean;
}

const sum = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
function value<Value>(result: DriveResult<Value>): Value {
  if (!result.ok) throw new Error(refusalWords(result.error));
  return result.value;
}

/** What every `BlockDevice` promises, the simulated one as well as the real ones. At least 8 MiB. */
export function blockDeviceContract(under: () => DeviceUnderTest): void {
  let device: BlockDevice;
  beforeEach(async () => {
    device = value(await under().open());
  });
  afterEach(() => device.close());

  test('has the size it was said to have', () => {
    expect(device.size).toBe(under().size);
  });

  test('gives back what was written, after settling, and after it was opened again', async () => {
    const content = randomBytes(3 * mebibytes(1) + 512);
    value(await device.write(512, content));
    value(await device.settle());
    expect(sum(value(await device.read(512, content.length)))).toBe(sum(content));
    await device.close();
    device = value(await under().open());
    const again = value(await device.read(512, content.length));
    expect(sum(again)).toBe(sum(under().keeps ? content : new Uint8Array(content.length)));
  });

  test('keeps what is beside a write', async () => {
    const around = new Uint8Array(1536).fill(7);
    value(await device.write(mebibytes(1), around));
    value(await device.write(mebibytes(1) + 512, new Uint8Array(512)));
    const read = value(await device.read(mebibytes(1), 1536));
    expect([read[511], read[512], read[1023], read[1024]]).toEqual([7, 0, 0, 7]);
  });

  test('reads and writes up to its last byte', async () => {
    const last = randomBytes(4096);
    value(await device.write(device.size - 4096, last));
    value(await device.settle());
    expect(sum(value(await device.read(device.size - 4096, 4096)))).toBe(sum(last));
  });

  test('refuses to read beyond its end', async () => {
    expect(await device.read(device.size - 512, 1024)).toMatchObject({
      ok: false,
      error: { fault: 'broken', facts: { sentence: expect.any(String) as string } },
    });
  });

  test('is harmless to close twice', async () => {
    await device.close();
    await device.close();
  });
}
