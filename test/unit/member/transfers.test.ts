import { Agent } from 'node:https';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memberId } from '../../../shared/domain/ids.ts';
import type { MemberCredentials } from '../../../src-member/ports/head-client.ts';
import type { Arrival } from '../../../src-member/ports/task-transfer.ts';
import { enrolAt } from '../../../src-member/platform/head/enrol.ts';
import { HttpsTransfers } from '../../../src-member/platform/snapshots/https-transfers.ts';
import { memberAt, peerAgent } from '../../../src-member/platform/head/member-peers.ts';
import { LoopbackHead } from '../identity/loopback-head.ts';
import { factsOf } from '../identity/member-facts.ts';
import { key } from './held-member.ts';

let head: LoopbackHead;
const open: HttpsTransfers[] = [];
beforeEach(async () => {
  head = await LoopbackHead.start('Room 101');
});
afterEach(async () => {
  for (const transfers of open.splice(0)) transfers.close();
  await head.remove();
});

async function credentialsOf(name: string): Promise<MemberCredentials> {
  const answer = await enrolAt(head.address, head.bootIdentity({ name }), () => factsOf(name));
  if (!answer.ok) throw new Error(answer.error.why);
  return answer.value.credentials;
}

async function memberCalled(name: string): Promise<{ transfers: HttpsTransfers; port: number }> {
  const credentials = await credentialsOf(name);
  const transfers = new HttpsTransfers({
    port: 0,
    peerAgent: peerAgent(
      () => credentials,
      () => Date.now(),
    ),
    peerOf: (socket) => memberAt(socket, credentials.labCertificate, Date.now()),
  });
  open.push(transfers);
  const port = await transfers.open();
  transfers.setCredentials(credentials);
  return { transfers, port };
}

const block = new Uint8Array(100_000).fill(7);
async function* blocks(count: number): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < count; number += 1) yield block;
}
const never = { onCancel: () => undefined };

async function drained(arrival: Arrival): Promise<number> {
  let size = 0;
  for await (const chunk of arrival.bytes()) size += chunk.length;
  return size;
}

/** A sender, and a receiver that does this with what arrives. */
async function pair(onArrival: (arrival: Arrival) => void) {
  const source = await memberCalled('pc-1');
  const target = await memberCalled('pc-2');
  target.transfers.listen(onArrival);
  const to = {
    member: memberId('pc-2'),
    address: '127.0.0.1',
    port: target.port,
    ticket: 'ticket-1',
  };
  return { send: source.transfers.send.bind(source.transfers), to, target };
}

test('a task arrives with its name, its ticket and who sent it, and the sender learns that it runs', async () => {
  let seen: unknown;
  const { send, to } = await pair((arrival) => {
    const { task, epoch, ticket, from } = arrival;
    void drained(arrival).then((size) => {
      seen = { task, epoch, ticket, from, size };
      arrival.accept();
    });
  });
  expect(await send(key(4, 2), to, blocks(30), never)).toEqual({
    ok: true,
    value: { bytes: 3_000_000 },
  });
  expect(seen).toEqual({ ...key(4, 2), ticket: 'ticket-1', from: 'pc-1', size: 3_000_000 });
});

test('a refusal is one, be it said at the start, in the middle or at the end', async () => {
  const refusals: ((arrival: Arrival) => void)[] = [
    (arrival) => arrival.refuse('no'),
    (arrival) =>
      void (async () => {
        for await (const _first of arrival.bytes()) break;
        arrival.refuse('no');
      })(),
    (arrival) => void drained(arrival).then(() => arrival.refuse('no')),
  ];
  for (const refusal of refusals) {
    const { send, to } = await pair(refusal);
    expect(await send(key(4, 2), to, blocks(100), never)).toMatchObject({
      ok: false,
      error: { outcome: 'refused' },
    });
  }
});

test('a sender whose own state cannot be read is refused, and the receiver notices that it is not all', async () => {
  let received: Promise<string> | undefined;
  const { send, to } = await pair((arrival) => {
    received = drained(arrival).then(
      () => 'whole',
      () => 'broken',
    );
  });
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield* blocks(20);
    throw new Error('tar ended with 2');
  };
  expect(await send(key(4, 2), to, failing(), never)).toEqual({
    ok: false,
    error: { outcome: 'refused', reason: 'tar ended with 2' },
  });
  expect(await received).toBe('broken');
});

test('a receiver that goes away before it can have everything leaves no doubt', async () => {
  const { send, to, target } = await pair((arrival) => {
    void drained(arrival).catch(() => undefined);
  });
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    yield* blocks(20);
    target.transfers.close();
    for (;;) yield* blocks(1);
  };
  expect(await send(key(4, 2), to, endless(), never)).toMatchObject({
    ok: false,
    error: { outcome: 'refused' },
  });
});

test('a receiver that goes away after it has everything leaves a doubt', async () => {
  for (const silence of ['breaks off', 'dies'] as const) {
    const { send, to, target } = await pair((arrival) => {
      void drained(arrival).then(() =>
        silence === 'dies' ? target.transfers.close() : arrival.breakOff(),
      );
    });
    expect(await send(key(4, 2), to, blocks(5), never)).toMatchObject({
      ok: false,
      error: { outcome: 'uncertain' },
    });
  }
});

test('a sending that is called off before its end leaves no doubt', async () => {
  const { send, to } = await pair((arrival) => {
    void drained(arrival).catch(() => undefined);
  });
  let cancel = (): void => undefined;
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    yield* blocks(5);
    cancel();
    for (;;) yield* blocks(1);
  };
  const sent = await send(key(4, 2), to, endless(), { onCancel: (action) => (cancel = action) });
  expect(sent).toMatchObject({ ok: false, error: { outcome: 'refused' } });
});

test('nobody is there: the sender keeps its task', async () => {
  const { send, to } = await pair(() => undefined);
  const free = createServer().listen(0);
  const { port } = free.address() as { port: number };
  await new Promise((resolve) => free.close(resolve));
  expect(await send(key(4, 2), { ...to, port }, blocks(5), never)).toMatchObject({
    ok: false,
    error: { outcome: 'refused' },
  });
});

test('who is no member of the lab gets nothing in', async () => {
  const arrivals: Arrival[] = [];
  const { to } = await pair((arrival) => arrivals.push(arrival));
  const outsider = new HttpsTransfers({
    port: 0,
    peerAgent: new Agent({ rejectUnauthorized: false }),
    peerOf: () => undefined,
  });
  open.push(outsider);
  expect(await outsider.send(key(4, 2), to, blocks(5), never)).toMatchObject({
    ok: false,
    error: { outcome: 'refused', reason: 'only members of this lab may send' },
  });
  expect(arrivals).toEqual([]);
});
