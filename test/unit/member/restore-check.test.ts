import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeImage, Message } from '../../../src-member/platform/snapshots/criu-images.ts';
import { whyNotRestored } from '../../../src-member/platform/snapshots/restore-check.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-images-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Fields = Readonly<Record<number, number | Message | readonly number[]>>;
function message(values: Fields): Message {
  const made = new Message([]);
  for (const [number, value] of Object.entries(values)) {
    if (typeof value === 'number') made.set(Number(number), BigInt(value));
    else if (value instanceof Message) made.set(Number(number), value);
    else
      for (const one of value)
        made.fields.push({ number: Number(number), wire: 0, value: BigInt(one) });
  }
  return made;
}
const image = (entry: Message): Buffer =>
  encodeImage({ head: Buffer.from('1943565412345678', 'hex'), entries: [entry] });

const user: Fields = { 1: 1000, 2: 1000, 3: 1000, 4: 1000, 5: 1000, 6: 1000, 7: 1000, 8: 1000 };
/** As CRIU 4.1 writes it of a program in a container of ours. */
const rights: Fields = { ...user, 9: [0, 0], 10: [0, 0], 11: [0, 0], 12: [0, 0], 13: 0, 18: 1 };
const process = (creds: Fields, thread: Fields = { 11: 2 }): Message =>
  message({ 1: 1, 3: message({ 1: 1 }), 5: message({ 10: message(creds), ...thread }) });
const thread = (creds: Fields, more: Fields = {}): Message =>
  message({ 1: 1, 5: message({ 10: message(creds), ...more }) });

function verdict(images: Readonly<Record<string, Message>>): string | null {
  for (const [name, entry] of Object.entries(images))
    writeFileSync(join(folder, `${name}.img`), image(entry));
  return whyNotRestored(folder, { user: 1000 });
}
const userns = message({ 1: message({ 1: 0, 2: 0, 3: 65_536 }) });

/** What a member could write into a state that it sends to another, or stores on the head. */
describe('the state of a program from elsewhere', () => {
  test('that says what ours say is brought to life', () => {
    const zombie = message({ 1: 1, 3: message({ 1: 2 }) });
    expect(
      verdict({
        'core-1': process(rights),
        'core-2': thread(rights),
        'core-3': thread({ ...rights, 14: [1000] }, { 11: 2 }),
        'core-4': zombie,
        'userns-5': userns,
      }),
    ).toBeNull();
  });

  test.each<[string, Message, string]>([
    ['another user', process({ ...rights, 1: 0 }), 'it would run as user or group 0'],
    ['another effective user', process({ ...rights, 3: 0 }), 'it would run as user or group 0'],
    ['another group', process({ ...rights, 8: 42 }), 'it would run as user or group 42'],
    ['one more group', process({ ...rights, 14: [1000, 6] }), 'it would run as user or group 6'],
    ['no user at all', process({ 18: 1 }), 'it would run as user or group unknown'],
    ['inheritable capabilities', process({ ...rights, 9: [1, 0] }), 'it would have capabilities'],
    ['permitted capabilities', process({ ...rights, 10: [0, 1] }), 'it would have capabilities'],
    ['effective capabilities', process({ ...rights, 11: [1, 0] }), 'it would have capabilities'],
    ['a bounding set', process({ ...rights, 12: [0, 256] }), 'it would have capabilities'],
    ['ambient capabilities', process({ ...rights, 19: [1] }), 'it would have capabilities'],
    ['what setuid files give', process({ ...rights, 18: 0 }), 'it could gain rights'],
    ['no filter', process(rights, { 11: 0 }), 'it would run without a system-call filter'],
    ['no word on a filter', process(rights, {}), 'it would run without a system-call filter'],
    ['a thread without', thread(rights, { 11: 0 }), 'it would run without a system-call filter'],
    ['a thread of root', thread({ ...rights, 1: 0 }), 'it would run as user or group 0'],
    ['no credentials', message({ 1: 1, 3: message({ 1: 1 }) }), 'it does not say as whom it runs'],
  ])('with %s is refused', (_what, core, reason) => {
    expect(verdict({ 'core-1': process(rights), 'core-2': core, 'userns-5': userns })).toBe(reason);
  });

  test('outside of a user namespace, or of nothing, is refused', () => {
    expect(verdict({ 'core-1': process(rights) })).toBe('it would run outside of a user namespace');
    rmSync(join(folder, 'core-1.img'));
    expect(verdict({ 'userns-5': userns })).toBe('there is no process in it');
  });

  test('that is cut off is refused', () => {
    writeFileSync(join(folder, 'userns-5.img'), image(userns));
    const whole = image(process(rights));
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(join(folder, 'core-1.img'), whole.subarray(0, length));
      // An image of no entries has no process: nothing that could run.
      const isRefused = (): boolean => {
        try {
          return whyNotRestored(folder, { user: 1000 }) !== null || length <= 8;
        } catch {
          return true;
        }
      };
      expect(isRefused()).toBe(true);
    }
  });
});
