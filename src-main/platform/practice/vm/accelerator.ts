import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { decodeSafely } from '../../../../shared/wire/decode-safely.ts';
import type { Accelerator } from './qemu-command.ts';

const device = '/dev/kvm';
/** A working KVM needs two seconds; some that only look like one never come to an end. */
const patience = 20_000;

const answerSchema = z.object({ boot: z.string(), accelerator: z.enum(['kvm', 'tcg']) });

/**
 * KVM where a guest really boots with it, else emulation. /dev/kvm alone says little: inside some virtual machines it is
 * there and guests stop at their first modern instruction. The answer is kept until this machine boots again.
 */
export async function chooseAccelerator(folder: string, kernel: string): Promise<Accelerator> {
  if (!mayUse()) return 'tcg';
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const file = join(folder, 'accelerator.json');
  const known = decodeSafely(answerSchema, jsonIn(file));
  if (known.success && known.data.boot === boot) return known.data.accelerator;
  const accelerator = (await guestBoots(kernel)) ? 'kvm' : 'tcg';
  writeFileSync(file, JSON.stringify({ boot, accelerator }));
  return accelerator;
}

function mayUse(): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Boots the kernel without anything else: it says that it finds no root, and that is as far as it has to get. */
function guestBoots(kernel: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(
      'qemu-system-x86_64',
      [
        ...['-accel', 'kvm', '-cpu', 'host', '-machine', 'q35', '-m', '256M', '-nodefaults'],
        ...['-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
        ...['-kernel', kernel, '-append', 'console=ttyS0 panic=-1'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    const finish = (boots: boolean): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      resolve(boots);
    };
    const timer = setTimeout(() => finish(false), patience);
    const hear = (text: Buffer): void => {
      said = (said + text.toString('latin1')).slice(-20_000);
      if (said.includes('Unable to mount root fs')) finish(true);
      else if (/KVM internal error|entry failed|failed to initialize/i.test(said)) finish(false);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', () => finish(false));
    child.once('close', () => finish(false));
  });
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
