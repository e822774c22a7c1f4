import type { IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { contract, type ProcedureMeta } from '../../../shared/api/contract.ts';
import { callerMay } from '../../../shared/domain/caller.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { callContext } from '../../../src-main/api/caller-of-request.ts';
import { insistOnCaller } from '../../../src-main/api/caller.ts';

const from = (remoteAddress: string) =>
  callContext({ socket: { remoteAddress } } as unknown as IncomingMessage).caller;

/** Every procedure of the contract, with what it says of its callers. */
function proceduresOf(part: object, name: readonly string[] = []): [string, ProcedureMeta][] {
  const own = (part as { readonly '~orpc'?: { readonly meta: ProcedureMeta } })['~orpc'];
  if (own !== undefined) return [[name.join('.'), own.meta]];
  return Object.entries(part).flatMap(([key, below]: [string, object]) =>
    proceduresOf(below, [...name, key]),
  );
}
const procedures = proceduresOf(contract);

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

it('every procedure says from where it may be called', () => {
  expect(procedures.length).toBeGreaterThan(50);
  expect(procedures.filter(([, { from: place }]) => place === undefined)).toEqual([]);
});

it('what touches the machine of the head is called there only', () => {
  expect(
    procedures.flatMap(([name, { from: place }]) => (place === 'here' ? [name] : [])).sort(),
  ).toEqual([
    'images.build',
    'lab.shutdown',
    'media.image',
    'media.list',
    'media.restore',
    'media.write',
    'practice.cut',
    'practice.down',
    'practice.heal',
    'practice.keypress',
    'practice.replug',
    'practice.unplug',
    'practice.up',
  ]);
});

it('from elsewhere it is refused with what to do, and so is what says nothing', () => {
  const [here, elsewhere] = [{ isHere: true }, { isHere: false }];
  const refused = callerMay(elsewhere, 'media.write', 'here');
  expect(refused.ok ? '' : refusalWords(refused.error)).toBe(
    "media.write touches the head's own machine and is done there only: run the command on the head itself.",
  );
  expect(callerMay(here, 'media.write', 'here').ok).toBe(true);
  expect(callerMay(elsewhere, 'jobs.submit', 'anywhere').ok).toBe(true);
  for (const caller of [here, elsewhere])
    expect(callerMay(caller, 'new.one', undefined).ok).toBe(false);

  const call = (meta: ProcedureMeta, isHere: boolean) => () => {
    insistOnCaller({
      ...{ path: ['lab', 'shutdown'], context: { caller: { isHere } } },
      procedure: { '~orpc': { meta } },
    });
  };
  expect(call({ from: 'here' }, false)).toThrow('run the command on the head itself');
  expect(call({ from: 'here' }, true)).not.toThrow();
  expect(call({}, true)).toThrow('run the command on the head itself');
});
