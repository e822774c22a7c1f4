// Many PCs in one process, each with its own TLS link and certificate, that beat and run whatever they are told to.
// A `MembersOrder` on stdin; one JSON line for what has come about.
import { readFileSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import { gibibytes } from '../../../shared/base/units.ts';
import { nightTimings } from '../../../shared/domain/timings.ts';
import type { MemberCredentials } from '../../../src-member/ports/head-client.ts';
import { decodeToMember, encodeToHead, protocolVersion } from '../../../shared/wire/codec.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import { enrolAt } from '../../../src-member/platform/head/enrol.ts';
import { dialHead } from '../../../src-member/platform/head/head-link.ts';
import { factsOf } from '../../unit/identity/member-facts.ts';

export interface MembersOrder {
  readonly identity: BootIdentity;
  readonly address: string;
  /** Numbers of the PCs. */
  readonly first: number;
  readonly count: number;
  /** Of an earlier order; else they enrol. */
  readonly credentials?: readonly MemberCredentials[];
}

const order = JSON.parse(readFileSync(0, 'utf8')) as MembersOrder;
const { identity, address } = order;
const tell = (event: object): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

/** As many flags as a PC of these years has. */
const cpuFeatures = Array.from({ length: 120 }, (_, at) => `feature_${at}`);

const factsAt = (number: number) =>
  factsOf(`52:54:00:00:${hex(number >> 8)}:${hex(number & 255)}`, {
    memory: gibibytes(8),
    cpuFeatures,
    cpuModel: 'Intel(R) Core(TM) i5-8500 CPU @ 3.00GHz',
  });

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

const kept: MemberCredentials[] = [];
for (let at = 0; at < order.count; at += 1) {
  const number = order.first + at;
  const known = order.credentials?.[at];
  const credentials = known ?? (await enrolled(number));
  kept.push(credentials);
  await linked(number, credentials);
}
tell({ linked: order.count, credentials: order.credentials ? [] : kept });

async function enrolled(number: number): Promise<MemberCredentials> {
  const name = `pc-${String(number).padStart(4, '0')}`;
  const answer = await enrolAt(address, { ...identity, name }, () => factsAt(number));
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value.credentials;
}

function linked(number: number, credentials: MemberCredentials): Promise<void> {
  let n = 0;
  let beating: NodeJS.Timeout | undefined;
  return new Promise((resolve) => {
    const link = dialHead(address, identity, credentials, {
      onOpen: () => {
        const facts = factsAt(number);
        say({ t: 'hello', protocol: protocolVersion, facts, attempts: [] });
        resolve();
        // PCs of a lab do not beat in step.
        void pass((nightTimings.heartbeat * (number % 97)) / 97).then(() => {
          beating = setInterval(beat, nightTimings.heartbeat);
          beat();
        });
      },
      onText: hear,
      onClosed: (closing) => {
        clearInterval(beating);
        tell({ closed: number, closing });
      },
    });
    const beat = (): void => {
      say({ t: 'beat', n: (n += 1), load: 0.3 + (n % 7) / 10, memoryFree: 7000 + (n % 50) });
    };
    const say = (message: ToHead): void => link.send(encodeToHead(message));
    function hear(text: string): void {
      if (text.startsWith('[')) return;
      const message = decodeToMember(text);
      if (!message.ok || !('task' in message.value)) return;
      const { task, epoch, t } = message.value;
      if (t === 'start') say({ t: 'started', task, epoch, resumed: false });
      if (t === 'checkpoint') say({ t: 'checkpoint-failed', task, epoch, reason: 'simulated' });
      if (t !== 'stop') return;
      const report = { outputs: [], log: null, cpuSeconds: 1 };
      say({ t: 'ended', task, epoch, ending: { cause: 'stopped' }, ...report });
    }
  });
}
