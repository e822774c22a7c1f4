// A PC that finds its lab and beats: `node pc-probe.ts <machineKey>…`, boot identity on stdin; one JSON line an event.
import { readFileSync } from 'node:fs';
import { nightTimings, practiceTimings } from '../../../shared/domain/timings.ts';
import { bootIdentitySchema } from '../../../shared/wire/enrolment.ts';
import { protocolVersion } from '../../../shared/wire/codec.ts';
import { systemClock, systemRng } from '../../../shared/node/system-clock.ts';
import { connectToLab } from '../../../src-member/connect-to-lab.ts';
import { factsOf } from '../../unit/identity/member-facts.ts';

const machineKeys = process.argv.slice(2);
const identity = bootIdentitySchema.parse(JSON.parse(readFileSync(0, 'utf8')));
const { heartbeat } = identity.timings === 'practice' ? practiceTimings : nightTimings;
const tell = (event: object): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

for (const machineKey of machineKeys) {
  const facts = (address: string) => factsOf(machineKey, { address });
  const lab = connectToLab({
    identity,
    clock: systemClock(),
    rng: systemRng(),
    facts,
    onScreen: (screen) => tell({ screen }),
    onLog: (log) => tell({ log }),
  });
  let n = 1000;
  lab.onCredentials(({ member }) => tell({ enrolled: member }));
  lab.link.listen({
    onOpen: () => {
      tell({ open: lab.headUrl() });
      const described = { ...facts(lab.localAddress()), cpuFeatures: [], packs: [] };
      lab.link.send({ t: 'hello', protocol: protocolVersion, facts: described, attempts: [] });
    },
    onMessage: (message) => tell({ message: message.t }),
    onClosed: (reason) => tell({ closed: reason }),
  });
  const beat = (): void =>
    lab.link.send({ t: 'beat', n: (n += 1), load: 0.37, memoryFree: 15_234 });
  setInterval(beat, heartbeat);
}
