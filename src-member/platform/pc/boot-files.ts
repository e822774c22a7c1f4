import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { bootIdentitySchema, type BootIdentity } from '../../../shared/wire/enrolment.ts';

/** What the boot medium says of the lab. */
export function readIdentity(path: string): Result<BootIdentity> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return refuse(
      'failed',
      'This boot medium does not say which lab it belongs to; make a new one on the head.',
    );
  }
  const decoded = decodeSafely(bootIdentitySchema, jsonIn(text));
  return decoded.success
    ? ok(decoded.data)
    : refuse(
        'failed',
        'The lab identity on this boot medium is damaged; make a new one on the head.',
      );
}

/** Drawn once per boot, so that an agent that starts anew finds what the former one ran. */
export function bootPrefix(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const path = join(folder, 'boot-id');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    const drawn = randomBytes(4).toString('hex');
    writeFileSync(path, drawn);
    return drawn;
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
