import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { FirmwareVariables } from '../../../src-member/platform/pc/firmware-variables.ts';
import { windows, stick } from './firmware-entries.ts';

describe('the variables of the firmware', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-efivars-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const owner = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
  const put = (name: string, content: Buffer): void =>
    writeFileSync(
      join(folder, `${name}-${owner}`),
      Buffer.concat([Buffer.of(7, 0, 0, 0), content]),
    );

  test('are read past their attributes, and BootNext is written with them', () => {
    put('Boot0003', windows);
    put('Boot000A', stick);
    put('BootOrder', Buffer.of(10, 0, 3, 0));
    put('BootCurrent', Buffer.of(10, 0));
    put('Booting', Buffer.of(1));
    const firmware = new FirmwareVariables(folder);
    expect(new Map(firmware.bootOptions())).toEqual(
      new Map([
        [3, windows],
        [10, stick],
      ]),
    );
    expect(firmware.bootOrder()).toEqual([10, 3]);
    expect(firmware.bootCurrent()).toBe(10);
    firmware.setBootNext(3);
    const written = readFileSync(join(folder, `BootNext-${owner}`));
    expect([...written]).toEqual([7, 0, 0, 0, 3, 0]);
  });

  test('keep a note of ours, and let it be changed', () => {
    const firmware = new FirmwareVariables(folder);
    expect(firmware.tries()).toBeUndefined();
    for (const note of [Uint8Array.of(1, 2), Uint8Array.of(3)]) {
      firmware.setTries(note);
      // As the kernel does with variables it does not know, where this file system can.
      const path = join(folder, readdirSync(folder).find((name) => /Tries/.test(name)) ?? '');
      spawnSync('chattr', ['+i', path]);
      onTestFinished(() => void spawnSync('chattr', ['-i', path]));
      expect([...(firmware.tries() ?? [])]).toEqual([...note]);
    }
  });

  test('of a PC without UEFI are none', () => {
    const firmware = new FirmwareVariables('/nowhere');
    expect(firmware.bootOptions()).toEqual([]);
    expect(firmware.bootOrder()).toEqual([]);
    expect(firmware.bootCurrent()).toBeNull();
  });
});
