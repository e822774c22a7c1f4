// A head that is nothing but its enrolment listener: `node head-probe.ts <folder> <lab> <port>`; one JSON line an event.
import { ok } from '../../../shared/base/result.ts';
import { hours } from '../../../shared/base/units.ts';
import { memberId } from '../../../shared/domain/ids.ts';
import { nightTimings, practiceTimings } from '../../../shared/domain/timings.ts';
import { openEnrolment, openMemberLines } from '../../../src-main/features/enrolment.ts';
import { openIdentity } from '../../../src-main/features/identity.ts';
import { Whereabouts } from '../../../src-main/features/whereabouts.ts';
import { systemClock, systemRng } from '../../../shared/node/system-clock.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

const [folder = '', labName = '', port = '0', timings = 'practice'] = process.argv.slice(2);
const tell = (event: object): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

const [clock, rng] = [systemClock(), systemRng()];
const log = (line: string): void => tell({ log: line });
const identity = await openIdentity({ folder, labName, clock, rng });
if (!identity.ok) throw new Error(refusalWords(identity.error));
const head = new Whereabouts(Number(port));
const lines = openMemberLines(log);
const { links } = lines;
const enrolment = await openEnrolment({
  ...{ identity: identity.value, lines, head, clock, rng, log },
  timings: timings === 'night' ? 'night' : 'practice',
  lab: {
    enrol: (facts, wanted) =>
      ok({ member: memberId(wanted ?? facts.machineKey), name: facts.machineKey }),
    seen: (report) => tell({ seen: report }),
    surroundingsChanged: () => tell({ other: head.otherHead() }),
  },
});
const service = enrolment.service;
links.listen({
  onMessage: (member, message) => {
    if (message.t === 'beat') links.send(member, { t: 'lease', n: message.n });
    if (message.t !== 'hello') return;
    tell({ hello: member, address: message.facts.address });
    links.send(member, {
      t: 'welcome',
      member,
      name: member,
      seat: null,
      lab: identity.value.identity.lab.name,
      wallClock: Date.now(),
      timings: timings === 'night' ? nightTimings : practiceTimings,
    });
  },
  onClosed: (member) => tell({ closed: member }),
});
const listening = await enrolment.listen();
if (listening?.ok === false) {
  tell({ refused: refusalWords(listening.error) });
  process.exit(1);
}
tell({
  port: head.port(),
  boot: service.issueBootIdentity({
    validFor: hours(12),
    single: false,
    name: null,
    address: null,
  }),
  expired: service.issueBootIdentity({
    validFor: hours(0),
    single: false,
    name: null,
    address: null,
  }),
});
process.on('SIGTERM', () => void Promise.resolve(enrolment.close()).then(() => process.exit(0)));
