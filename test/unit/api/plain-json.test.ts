import { RPCHandler } from '@orpc/server/message-port';
import { RPCLink } from '@orpc/client/message-port';
import { createORPCClient } from '@orpc/client';
import { eventIterator, oc, type ContractRouterClient } from '@orpc/contract';
import { implement } from '@orpc/server';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { asPlainJson } from '../../../src-main/api/plain-json.ts';

const contract = {
  many: oc.output(z.array(z.object({ name: z.string(), size: z.number().nullable() }))),
  nothing: oc.output(z.void()),
  stream: oc.output(eventIterator(z.object({ at: z.number() }))),
};
const many = [
  { name: 'pc "01"', size: null },
  { name: 'Grüße\u2028', size: 2 ** 40 },
];

/** A client and a server at the two ends of a channel; `ended`: how the server's stream did. */
function talking() {
  const ended: string[] = [];
  const serve = implement(contract);
  const router = serve.router({
    many: serve.many.handler(() => many),
    nothing: serve.nothing.handler(() => undefined),
    stream: serve.stream.handler(async function* () {
      try {
        for (let at = 0; at < 3; at += 1) yield { at };
        throw new Error('no more');
      } finally {
        ended.push('ended');
      }
    }),
  });
  const { port1, port2 } = new MessageChannel();
  const handler = new RPCHandler(router, {
    clientInterceptors: [async (call) => asPlainJson(await call.next())],
  });
  handler.upgrade(port1);
  port1.start();
  port2.start();
  const client: ContractRouterClient<typeof contract> = createORPCClient(
    new RPCLink({ port: port2 }),
  );
  return { client, ended, close: () => port1.close() };
}

it('whoever asks gets what was answered, nothing too, and streams piece by piece until they fail', async () => {
  const { client, ended, close } = talking();
  expect(await client.many()).toEqual(many);
  expect(await client.nothing()).toBeUndefined();
  const seen: number[] = [];
  await expect(async () => {
    for await (const { at } of await client.stream()) seen.push(at);
  }).rejects.toThrow();
  expect(seen).toEqual([0, 1, 2]);
  expect(ended).toEqual(['ended']);
  close();
});

it('a stream that nobody reads any more is ended', async () => {
  const { client, ended, close } = talking();
  for await (const { at } of await client.stream()) if (at === 1) break;
  await expect.poll(() => ended).toEqual(['ended']);
  close();
});
