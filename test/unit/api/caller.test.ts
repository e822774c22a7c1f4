import type { IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { contract } from '../../../shared/api/contract.ts';
import { callerContext } from '../../../src-main/api/caller-of-request.ts';
import { insistOnHere, onlyHere } from '../../../src-main/api/caller.ts';

const from = (remoteAddress: string) =>
  callerContext({ socket: { remoteAddress } } as unknown as IncomingMessage);

it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.0.0.53'])(
  '%s is the head itself',
  (address) => {
    expect(from(address)).toEqual({ isHere: true });
  },
);

it('so is any address of its own, and no other', () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  for (const { address } of own) expect(from(address).isHere).toBe(true);
  for (const address of ['198.51.100.7', '::ffff:198.51.100.7', '2001:db8::1', ''])
    expect(from(address).isHere).toBe(false);
});

it.each([
  ['media', 'write'],
  ['media', 'image'],
  ['media', 'restore'],
  ['lab', 'shutdown'],
  ['practice', 'up'],
])('%s.%s is refused from elsewhere, with what to do', (...path) => {
  expect(() => insistOnHere(path, { isHere: false })).toThrow('run the command on the head itself');
  expect(() => insistOnHere(path, { isHere: true })).not.toThrow();
});

it('a job is submitted from anywhere', () => {
  expect(() => insistOnHere(['jobs', 'submit'], { isHere: false })).not.toThrow();
});

it('names procedures that there are, and all that write drives or files of the head', () => {
  const there = Object.entries(contract).flatMap(([group, procedures]) =>
    Object.keys(procedures).map((name) => `${group}.${name}`),
  );
  expect(onlyHere.filter((name) => !there.includes(name))).toEqual([]);
  expect(
    there.filter((name) => /^(media|practice)\./.test(name) && !onlyHere.includes(name)),
  ).toEqual(['practice.list']);
});
