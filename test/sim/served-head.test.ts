import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { onTestFinished, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Contract } from '../../shared/api/contract.ts';
import { Access } from '../../src-main/api/access.ts';
import { ApiSocket } from '../../src-main/api/api-socket.ts';
import { scenes } from '../../src-sim/scenes/scenes.ts';

const token = '0123456789abcdef'.repeat(4);

/** Clients of the real socket in front of a head in memory. */
async function served(
  head: ReturnType<typeof scenes.practice>,
): Promise<ContractRouterClient<Contract>> {
  const api = new ApiSocket(head.router(), new Access(token, 'sim'), (line) =>
    head.logged.push(line),
  );
  const server = createServer().on('upgrade', api.accept);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api`, {
    headers: { authorization: `Bearer ${token}` },
  });
  onTestFinished(async () => {
    socket.terminate();
    await api.close();
    await new Promise((closed) => server.close(closed));
  });
  await new Promise((open, failed) => socket.once('open', open).once('error', failed));
  const websocket = socket as unknown as globalThis.WebSocket;
  return createORPCClient(new RPCLink({ websocket }));
}

test('a head in memory tells the same over a real socket as inside its process', async () => {
  const head = scenes.practice(Date.UTC(2026, 10, 21, 22, 30));
  const [far, near] = [await served(head), head.client()];
  expect(await far.lab.view()).toEqual(JSON.parse(JSON.stringify(await near.lab.view())));
  expect(await far.jobs.get({ job: '1' })).toMatchObject({ name: 'sweep', counts: { running: 4 } });
  await expect(far.jobs.hold({ job: '9' })).rejects.toThrow('there is no job "9"');
  await far.practice.replug({ pc: 'pc-03' });
  head.lab.until('it is back', () => head.lab.machine('pc-03').state === 'ready');
  expect((await far.machines.list()).map(({ state }) => state)).toEqual([
    'ready',
    'ready',
    'ready',
  ]);
  expect(head.logged).toEqual([]);
});
