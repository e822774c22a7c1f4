import { hours, millis } from '../../../shared/base/units.ts';
import type { NetbootView } from '../../../shared/api/netboot-views.ts';
import type { MediaEvent } from '../../../shared/api/media-views.ts';
import type { JobView, LabView } from '../../../shared/api/views.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { blobHash, jobId, taskIdOf, type BlobHash } from '../../../shared/domain/ids.ts';
import type { JobSpec } from '../../../shared/domain/job.ts';
import type { Disposable } from '../../../shared/ports/clock.ts';
import type { HeadServices, LabService, LogSink } from '../../../src-main/api/head-services.ts';

/** A lab without PCs that a test moves by hand. It knows one job, `1`, and one task, `1.0`. */
export class ScriptedLab implements LabService {
  readonly submitted: { readonly spec: JobSpec; readonly held: boolean }[] = [];
  readonly calls: string[] = [];
  readonly referenced = new Set<BlobHash>();
  readonly listeners = new Set<() => void>();
  readonly readers = new Set<LogSink>();
  diary: LabView['diary'] = [];
  viewsMade = 0;
  /** Thrown by the next command. */
  surprise: Error | undefined;

  /** A line of the diary. */
  say(pc: string): void {
    const seq = this.diary.length + 1;
    const line = { code: 'member-arrived', facts: { pc } } as const;
    this.diary = [...this.diary, { seq, at: 0, tone: 'plain', ...line }];
    for (const listener of this.listeners) listener();
  }

  view(): LabView {
    this.viewsMade += 1;
    return {
      lab: 'Room 12',
      labId: 'simulated',
      version: '0',
      night: 1,
      startedAt: 0,
      address: '',
      practice: true,
      machines: [],
      otherHead: null,
      strangers: [],
      jobs: this.jobs(),
      moves: [],
      arrived: [],
      diary: this.diary,
    };
  }

  report(): ReturnType<LabService['report']> {
    return {
      lab: 'Room 12',
      night: 1,
      from: 0,
      until: 1,
      tasksDone: 0,
      tasksFailed: 0,
      tasksSuspended: 0,
      moves: [],
      checkpoints: 0,
      minutesLost: 0,
      losses: [],
      coreHours: 0,
      returned: { given: 0, confirmed: 0 },
      machines: [],
      failures: [],
    };
  }

  async reportOf(night: number): ReturnType<LabService['reportOf']> {
    if (night === 1) return ok(this.report());
    return refuse('not-found', `there is no night ${night}; the newest is night 1.`);
  }

  machines(): ReturnType<LabService['machines']> {
    return [];
  }

  cordon = (names: readonly string[] | 'all') => this.#command('cordon', names);
  uncordon = (names: readonly string[] | 'all') => this.#command('uncordon', names);
  removeJobs = (jobs: readonly string[]) =>
    jobs.includes('1')
      ? ok({ ids: [jobId('1')] })
      : refuse('not-found', `there is no job "${jobs[0]}".`);
  keepFor = () => ok({ keepFor: millis(90 * 24 * hours(1)) });
  ban = (names: readonly string[]) => this.#command('ban', names);
  unban = (names: readonly string[]) => this.#command('unban', names);
  forget = (names: readonly string[]) => this.#command('forget', names);
  evacuate = (names: readonly string[] | 'all') => this.#command('evacuate', names);

  seats = (): ReturnType<LabService['seats']> => [];
  giveSeats = (seats: readonly unknown[]) => ok({ changed: seats.length });
  clearSeats = () => ok({ changed: 0 });

  release(names: readonly string[] | 'all', when: string) {
    const released = this.#command(`release ${when}`, names);
    return released.ok ? ok({ ...released.value, minutesLost: 0 }) : released;
  }

  submit(spec: JobSpec, held: boolean) {
    this.submitted.push({ spec, held });
    return ok({ id: jobId('1'), warnings: [] });
  }

  jobs(): JobView[] {
    return [];
  }

  job = (name: string) => this.#unknownJob(name);
  jobChanges = (name: string) => this.#unknownJob(name);
  cancelJob = (name: string) => this.#known(name);
  holdJob = (name: string) => this.#known(name);
  resumeJob = (name: string) => this.#known(name);
  outputs = (name: string) => this.#unknownJob(name);

  moveTargets = (): ReturnType<LabService['moveTargets']> => ok([]);

  migrate(_task: string, machine: string) {
    return ok({ task: taskIdOf(jobId('1'), 0), from: 'pc-01', to: machine });
  }

  logs(task: string, _follow: boolean, sink: LogSink): Result<Disposable> {
    if (task !== '1.0') return refuse('not-found', `there is no task ${task}.`);
    this.readers.add(sink);
    return ok({ dispose: () => void this.readers.delete(sink) });
  }

  onChange(listener: () => void): Disposable {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  enrol(): ReturnType<LabService['enrol']> {
    return refuse('refused', 'no PC enrols in this test.');
  }

  seen(): void {
    // nobody looks
  }

  pcs(): ReturnType<LabService['pcs']> {
    return ok([]);
  }

  holdBlob(): void {
    // Nothing is collected here.
  }

  referencedBlobs(): Set<BlobHash> {
    return new Set(this.referenced);
  }

  #command(call: string, names: readonly string[] | 'all'): Result<{ machines: string[] }> {
    if (this.surprise) throw this.surprise;
    const machines = names === 'all' ? ['pc-01', 'pc-02'] : [...names];
    const unknown = machines.find((name) => !/^pc-0\d$/.test(name));
    if (unknown)
      return refuse('not-found', `there is no machine ${unknown}; see nightshift machines.`);
    this.calls.push(`${call} ${machines.join(' ')}`);
    return ok({ machines });
  }

  #known(name: string) {
    return name === '1' ? ok({ id: jobId('1') }) : this.#unknownJob(name);
  }

  #unknownJob(name: string) {
    return refuse('not-found', `there is no job ${name}; see nightshift jobs.`);
  }
}

export function scriptedServices(lab: LabService, stopped: () => void): HeadServices {
  const off = async () => refuse('refused', 'this head serves a real lab.');
  return {
    lab,
    practice: {
      up: async ({ pcs }) =>
        ok(
          Array.from({ length: pcs }, (_, index) => ({
            name: `pc-0${index + 1}`,
            state: 'on' as const,
            cut: false,
            screen: [],
          })),
        ),
      list: async () => ok([]),
      down: async () => ok({}),
      unplug: off,
      replug: off,
      cut: off,
      heal: off,
      keypress: off,
    },
    media: {
      list: async () => ok([]),
      write: async () => refuse('refused', 'no sticks here.'),
      restore: async () => refuse('refused', 'no sticks here.'),
      image: async ({ file }, sink) => {
        sink.event({ t: 'preparing', line: 'boot loaders: fetching' });
        sink.event(resultFor(file.path));
        return ok(null);
      },
    },
    approvals: {
      waiting: () => [],
      decide: (code) => refuse('not-found', `no PC waits with the code ${code}.`),
      forget: (machine) => ok({ machine }),
    },
    tokens: {
      list: () => [],
      revoke: (id) => refuse('not-found', `there is no token "${id}".`),
      limit: (id) => refuse('not-found', `there is no token "${id}".`),
    },
    netboot: {
      on: async () => refuse('refused', 'Network boot needs root.'),
      off: async () => ok(noNetboot),
      status: () => noNetboot,
      diagnose: async () => ok([]),
      wake: (names) => ok({ machines: names === 'all' ? ['pc-01'] : [...names] }),
    },
    issueIdentity: (wish) =>
      ok({
        version: 1,
        lab: 'Room 12',
        labId: 'simulated',
        headKey: 'a'.repeat(64),
        token: null,
        headAddress: wish.address ? '10.0.0.1:7411' : null,
        name: wish.name,
        timings: 'practice',
      }),
    images: { list: () => [], build: async () => ok([]), use: () => ok([]) },
    software: async () => [],
    doctor: async () => [{ check: 'node', ok: true, found: '24', remedy: null }],
    shutdown: stopped,
    toBase64: (bytes) => Buffer.from(bytes).toString('base64'),
  };
}

const noNetboot: NetbootView = {
  ...{ on: false, interfaces: [], hours: null, answer: null, httpPort: null },
  ...{ problem: null, atOnce: 8, pcs: [], floppies: null },
};

const resultFor = (target: string): MediaEvent => ({
  t: 'result',
  target,
  ok: true,
  sentence: null,
  bytes: 1024,
  took: 5,
  sha256: 'ab'.repeat(32),
});

export const someHash = blobHash('ab'.repeat(32));
