import { request, createServer, type Agent, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hours } from '../../../shared/base/units.ts';
import type { MemberCredentials } from '../../../src-member/ports/head-client.ts';
import { enrolAt } from '../../../src-member/platform/head/enrol.ts';
import { headAgent, memberAt, peerAgent } from '../../../src-member/platform/head/member-peers.ts';
import { LoopbackHead } from './loopback-head.ts';
import { factsOf } from './member-facts.ts';

let head: LoopbackHead;
let server: Server | undefined;
beforeEach(async () => {
  head = await LoopbackHead.start('Room 101');
  head.router.route('/blob', (incoming, response, peer) => {
    let size = 0;
    incoming.on('data', (piece: Buffer) => (size += piece.length));
    incoming.on('end', () =>
      response.end(`${peer.kind === 'member' ? peer.id : 'nobody'} ${size}`),
    );
  });
});
afterEach(async () => {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
  await head.remove();
});

async function member(name: string, at = head): Promise<MemberCredentials> {
  const answer = await enrolAt(at.address, at.bootIdentity({ name }), () => factsOf(name));
  if (!answer.ok) throw new Error(answer.error.why);
  return answer.value.credentials;
}

/** A member's transfer listener, as its agent makes it; answers with who is calling. */
async function listenAs(
  { key, certificate, labCertificate }: MemberCredentials,
  headWall = Date.now(),
) {
  server = createServer(
    { key, cert: certificate, ca: labCertificate, requestCert: true, rejectUnauthorized: false },
    (incoming, response) =>
      response.end(memberAt(incoming.socket as TLSSocket, labCertificate, headWall) ?? 'nobody'),
  );
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function ask(
  port: number,
  agent: Agent,
  change: { body?: Buffer; servername?: string } = {},
): Promise<string> {
  const { body, ...options } = change;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/blob', method: 'PUT', agent, ...options },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve(text));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

test('a member is known by its certificate on every request to its head, also after a renewal', async () => {
  let credentials: MemberCredentials | undefined;
  const agent = headAgent(head.identity.headKeySha256, () => credentials);
  expect(await ask(head.port, agent)).toBe('nobody 0');
  credentials = await member('pc-1');
  expect(await ask(head.port, agent, { body: Buffer.alloc(3_000_000) })).toBe('pc-1 3000000');
  expect(await ask(head.port, agent)).toBe('pc-1 0');
  credentials = { ...(await member('pc-2')), expires: credentials.expires };
  credentials = {
    ...credentials,
    expires: (credentials.expires + 1) as typeof credentials.expires,
  };
  expect(await ask(head.port, agent)).toBe('pc-2 0');
  agent.destroy();
});

test('a member sends nothing to who has another key than its head', async () => {
  const credentials = await member('pc-1');
  const agent = headAgent('0'.repeat(64), () => credentials);
  await expect(ask(head.port, agent)).rejects.toThrow("does not have the head's key");
  await expect(ask(1, agent)).rejects.toThrow('nothing listens there');
  agent.destroy();
});

test('members of one lab know one another by name', async () => {
  const [one, two] = [await member('pc-1'), await member('pc-2')];
  const port = await listenAs(two);
  const agent = peerAgent(
    () => one,
    () => Date.now(),
  );
  expect(await ask(port, agent)).toBe('pc-1');
  expect(await ask(port, agent, { servername: 'pc-2.member.nightshift' })).toBe('pc-1');
  await expect(ask(port, agent, { servername: 'pc-3.member.nightshift' })).rejects.toThrow(
    'is not the member it should be',
  );
});

test('a member of another lab, the head and callers without a certificate are nobody to a member', async () => {
  const port = await listenAs(await member('pc-2'));
  const other = await LoopbackHead.start('Room 202');
  try {
    const foreign = await member('pc-1', other);
    await expect(
      ask(
        port,
        peerAgent(
          () => foreign,
          () => Date.now(),
        ),
      ),
    ).rejects.toThrow('is not the member');
    const naive = { ...foreign, labCertificate: head.identity.labCertificate };
    expect(
      await ask(
        port,
        peerAgent(
          () => naive,
          () => Date.now(),
        ),
      ),
    ).toBe('nobody');
    const asHead = {
      ...foreign,
      key: head.identity.headKey,
      certificate: await head.identity.headCertificate((await member('pc-3')).expires),
      labCertificate: head.identity.labCertificate,
    };
    expect(
      await ask(
        port,
        peerAgent(
          () => asHead,
          () => Date.now(),
        ),
      ),
    ).toBe('nobody');
    await expect(
      ask(
        head.port,
        peerAgent(
          () => naive,
          () => Date.now(),
        ),
      ),
    ).rejects.toThrow('is not the member');
  } finally {
    await other.remove();
  }
});

test("certificates are judged by the head's clock, not by the PC's own", async () => {
  const [one, two] = [await member('pc-1'), await member('pc-2')];
  const port = await listenAs(two, Date.now() + hours(25));
  expect(
    await ask(
      port,
      peerAgent(
        () => one,
        () => Date.now(),
      ),
    ),
  ).toBe('nobody');
  await expect(
    ask(
      port,
      peerAgent(
        () => one,
        () => Date.now() + hours(25),
      ),
    ),
  ).rejects.toThrow('is not the member');
});
