// A head that is nothing but its front door: `node head-probe.ts <folder> <lab> <port>`; one JSON line an event.
import { ok } from '../../../shared/base/result.ts';
import { hours } from '../../../shared/base/units.ts';
import { memberId } from '../../../shared/domain/ids.ts';
import { nightTimings, practiceTimings } from '../../../shared/domain/timings.ts';
import { openFrontDoor } from '../../../src-main/front-door.ts';
import { systemClock, systemRng } from '../../../src-main/platform/system-clock.ts';

const [folder = '', labName = '', port = '0', timings = 'practice'] = process.argv.slice(2);
const tell = (event: object): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

const opened = await openFrontDoor({
  folder,
  labName,
  port: Number(port),
  timings: timings === 'night' ? 'night' : 'practice',
  clock: systemClock(),
  rng: systemRng(),
  enrol: (facts, wanted) =>
    ok({ member: memberId(wanted ?? facts.machineKey), name: facts.machineKey }),
  seen: (report) => tell({ seen: report }),
  onOtherHead: () => tell({ other: opened.ok ? opened.value.otherHead() : null }),
  log: (line) => tell({ log: line }),
});
if (!opened.ok) throw new Error(opened.error.sentence);
const door = opened.value;
door.links.listen({
  onMessage: (member, message) => {
    if (message.t === 'beat') door.links.send(member, { t: 'lease', n: message.n });
    if (message.t !== 'hello') return;
    tell({ hello: member, address: message.facts.address });
    door.links.send(member, {
      t: 'welcome',
      member,
      name: member,
      seat: null,
      lab: door.lab.name,
      wallClock: Date.now(),
      timings: timings === 'night' ? nightTimings : practiceTimings,
    });
  },
  onClosed: (member) => tell({ closed: member }),
});
const listening = await door.open();
if (!listening.ok) {
  tell({ refused: listening.error.sentence });
  process.exit(1);
}
tell({
  port: listening.value.port,
  boot: door.issueBootIdentity({ validFor: hours(12), single: false, name: null, address: null }),
  expired: door.issueBootIdentity({ validFor: hours(0), single: false, name: null, address: null }),
});
process.on('SIGTERM', () => void door.close().then(() => process.exit(0)));
