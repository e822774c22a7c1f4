import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ok, type Result } from '../../../shared/base/result.ts';
import { epochMillis, hours } from '../../../shared/base/units.ts';
import { blobHash, epoch, jobId, memberId, taskIdOf } from '../../../shared/domain/ids.ts';
import type { MemberFacts } from '../../../shared/domain/member.ts';
import { apiToken } from '../../../src-main/api/access.ts';
import type { LabEvent } from '../../../src-main/core/state/events.ts';
import { openEnrolment, openMemberLines } from '../../../src-main/features/enrolment.ts';
import { openIdentity } from '../../../src-main/features/identity.ts';
import { Whereabouts } from '../../../src-main/features/whereabouts.ts';
import { openHome, refuseFile } from '../../../src-main/open-home.ts';
import { headHome, writeHeadJson } from '../../../src-main/platform/home/head-home.ts';
import { netbootSettingsFile } from '../../../src-main/platform/netboot/netboot-settings-file.ts';
import { systemClock, systemRng } from '../../../shared/node/system-clock.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { rowsFromLog } from '../../../src-main/shells/rows-from-log.ts';
import { factsOf } from '../identity/member-facts.ts';

/** What a lab must not lose. */
export interface LabInHome {
  readonly lab: { readonly id: string; readonly name: string };
  readonly headKey: string;
  readonly labCertificate: string;
  readonly lastSeq: number;
  readonly jobs: readonly unknown[];
  readonly tasks: readonly unknown[];
  readonly members: readonly unknown[];
  readonly tokens: readonly unknown[];
  readonly known: readonly unknown[];
  readonly result: string;
}

const resultText = 'the result of a long night';
const resultHash = blobHash(createHash('sha256').update(resultText).digest('hex'));
const job = jobId('1');
const task = taskIdOf(job, 0);
const at = epochMillis(1_800_000_000_000);

/** What happens in a short night. */
export function happenings(facts: MemberFacts): readonly LabEvent[] {
  const pc = memberId('pc-01');
  return [
    { e: 'member-enrolled', member: pc, name: 'pc-01', seat: null, facts },
    { e: 'night-opened', night: 1 },
    { e: 'member-arrived', member: pc, facts },
    { e: 'job-submitted', job: theJob },
    { e: 'task-placed', task, epoch: epoch(1), machine: pc, from: null },
    { e: 'task-started', task, epoch: epoch(1), resumed: false },
    {
      e: 'task-done',
      ...{ task, exitCode: 0, log: null, cpuSeconds: 5 },
      outputs: [
        { path: 'result.txt', hash: resultHash, size: resultText.length, executable: false },
      ],
    },
  ];
}

const theJob = {
  id: job,
  submittedAt: at,
  held: false,
  cancelled: false,
  spec: {
    ...{ name: 'long', owner: 'ada', command: ['./long'], array: null, retries: 0, inputs: [] },
    ...{
      outputs: ['result.txt'],
      environment: {},
      pack: 'base',
      pin: false,
      portable: false,
      network: 'none',
    },
    ...{ priority: 0, after: [], resources: { cpus: 1, memory: null, wallTime: null } },
  },
} satisfies Extract<LabEvent, { e: 'job-submitted' }>['job'];

export interface HomeInUse extends LabInHome {
  /** More happens: events and their rows, one turn each. */
  readonly play: (events: readonly LabEvent[]) => Promise<void>;
  readonly issueToken: () => void;
  readonly approve: () => void;
  readonly close: () => Promise<void>;
}

/** Opens a home as `runHead` does, up to the moment at which it would begin to listen. */
export async function openInFull(
  folder: string,
  labName = 'Room 12',
  lines: string[] = [],
): Promise<Result<HomeInUse>> {
  const owned: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of owned.splice(0).reverse()) await end();
  };
  try {
    const opened = await open(folder, labName, lines, (end) => owned.push(end));
    if (!opened.ok) {
      await close();
      return opened;
    }
    return ok({ ...opened.value, close });
  } catch (error) {
    await close();
    return refuseFile(error);
  }
}

async function open(
  folder: string,
  labName: string,
  lines: string[],
  own: (close: () => void | Promise<void>) => void,
): Promise<Result<Omit<HomeInUse, 'close'>>> {
  const home = headHome(folder);
  const log = (line: string): void => void lines.push(line);
  const opened = openHome(home, own, log);
  if (!opened.ok) return opened;
  const { labStore, blobs } = opened.value;
  const { store } = labStore;
  const [clock, rng] = [systemClock(), systemRng()];
  const opening = await openIdentity({
    ...{ folder: home.identity, known: labStore.lab, labName, clock, rng },
    witness: (labId) => labStore.witness(labId),
  });
  if (!opening.ok) return opening;
  const { identity, tokens, known } = opening.value;
  labStore.belongsTo(identity.lab);
  const enrolment = await openEnrolment({
    ...{ identity: opening.value, lines: openMemberLines(log), head: new Whereabouts(0) },
    ...{ timings: 'night', clock, rng, log },
    lab: {
      enrol: () => ok({ member: memberId('pc-01'), name: 'pc-01' }),
      seen: () => undefined,
    },
  });
  own(() => enrolment.close());
  apiToken(home.token);
  netbootSettingsFile(home.netboot, log).load();
  const told = {
    lab: identity.lab,
    headKey: identity.headKeySha256,
    labCertificate: new X509Certificate(identity.labCertificate).fingerprint256,
    lastSeq: store.lastSeq(),
    jobs: [...store.rows('jobs')],
    tasks: [...store.rows('tasks')],
    members: [...store.rows('members')],
    tokens: tokens.load(),
    known: known.load(),
    result: blobs.has(resultHash) ? readFileSync(blobs.pathOf(resultHash), 'utf8') : '',
  };
  return ok({
    ...told,
    play: async (events) => {
      await blobs.put(Readable.from([Buffer.from(resultText)]), hours(1), undefined);
      const before = [...store.events(0)];
      const all = events.map((event, place) => ({ seq: before.length + place + 1, at, event }));
      for (const { event, rows } of [...rowsFromLog([...before, ...all])].slice(before.length))
        store.append(at, [event], rows);
    },
    approve: () =>
      known.save([
        ...known.load(),
        {
          ...{ machineKey: '52:54:00:00:00:02', hardware: 'a'.repeat(64), name: null, at },
          verdict: 'approved',
        },
      ]),
    issueToken: () => {
      enrolment.service.issueBootIdentity({
        ...{ validFor: hours(1000), single: false, name: null, address: null },
      });
    },
  });
}

/** A lab after a short night whose head was killed: its write-ahead log is full of what happened. */
export async function makeHome(folder: string, labName: string): Promise<void> {
  const living = `${folder}.living`;
  const opened = await openInFull(living, labName);
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  const { play, issueToken, approve, close } = opened.value;
  issueToken();
  approve();
  await play(happenings(factsOf('52:54:00:00:00:01')));
  writeHeadJson(headHome(living), {
    ...{ pid: 1, port: 7411, url: 'https://127.0.0.1:7411', startedAt: 1, practice: false },
    browserUrl: 'http://127.0.0.1:7412/?token=x',
  });
  netbootSettingsFile(join(living, 'netboot'), () => undefined).save({
    ...{
      on: false,
      interfaces: null,
      hours: null,
      atOnce: 8,
      kernelOptions: '',
      since: epochMillis(0),
    },
    floppies: null,
  });
  mkdirSync(join(living, 'images'));
  writeFileSync(
    join(living, 'images', 'choice.json'),
    JSON.stringify({ use: '12792fb4-03ab77c1' }),
  );
  cpSync(living, folder, { recursive: true });
  await close();
}

/** Every file below a folder, relative to it, with what is in it. */
export function filesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => lstatSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  );
}
