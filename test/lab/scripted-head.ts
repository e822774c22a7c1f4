import type { SeatView } from '../../shared/api/seat-views.ts';
import type { SessionView } from '../../shared/api/session-views.ts';
import type { TokenView } from '../../shared/api/token-views.ts';
import type {
  BootFinding,
  DecidedPcView,
  NetbootView,
  WaitingPcView,
} from '../../shared/api/netboot-views.ts';
import { ORPCError, implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { contract, type Submit } from '../../shared/api/contract.ts';
import type { BootImageView } from '../../shared/api/image-views.ts';
import type { DriveView, MediaEvent } from '../../shared/api/media-views.ts';
import type {
  JobDetail,
  LabView,
  MachineView,
  PracticePc,
  Report,
} from '../../shared/api/views.ts';
import { refuse, type RefusalKind } from '../../shared/base/result.ts';
import { epochMillis, hours, millis } from '../../shared/base/units.ts';
import { blobHash, jobId, taskIdOf } from '../../shared/domain/ids.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { LabIdentity } from '../../src-main/platform/identity/lab-identity.ts';
import { SeededRng } from '../../src-sim/seeded-rng.ts';
import { jobOf, labOf, reportOf, stillAt, taskOf } from './scripted-views.ts';

const token = 'a-token-of-the-simulated-head';

/**
 * A head as a client sees it: the contract over a WebSocket and blobs over HTTPS, on the real certificates, in front of
 * a lab that a test writes by hand. It decides nothing.
 */
export class ScriptedHead {
  machines: MachineView[] = [];
  seats: SeatView[] = [];
  jobs: JobDetail[] = [];
  moves: LabView['moves'] = [];
  strangers: LabView['strangers'] = [];
  otherHead: string | null = null;
  diary: LabView['diary'] = [];
  report: Report = reportOf();
  pcs: PracticePc[] = [];
  images: BootImageView[] = [];
  drives: DriveView[] = [];
  /** What comes of writing media; by default every target comes out well. */
  mediaStory: (targets: readonly string[]) => readonly MediaEvent[] = (targets) =>
    targets.map((target) => ({
      t: 'result',
      target,
      ok: true,
      sentence: null,
      bytes: 80_000_000,
      took: 8000,
      sha256: 'ab'.repeat(32),
    }));
  /** What a task wrote so far; grows while it is followed. */
  readonly logs = new Map<string, string>();
  readonly blobs = new Map<string, Buffer>();
  readonly submitted: Submit[] = [];
  /** `machines.cordon` and its input, in order. */
  readonly calls: { readonly call: string; readonly input: unknown }[] = [];
  readonly puts: string[] = [];
  diskFull = false;
  waiting: WaitingPcView[] = [];
  /** What the first of them shows. */
  readonly codeOnScreen = 'K7MQ-4F';
  tokens: TokenView[] = [];
  sessions: SessionView[] = [];
  netboot: NetbootView = {
    ...{ on: false, interfaces: ['eth0'], hours: null, answer: null, httpPort: 7414 },
    ...{ problem: null, atOnce: 8, pcs: [], floppies: null },
  };
  bootFindings: BootFinding[] = [];
  /** Called after a command that begins something, to let the test change the lab. */
  onCommand: (call: string, input: unknown) => void = () => undefined;
  readonly home: string;
  #server: Server | undefined;
  #sockets: WebSocketServer | undefined;
  #port = 0;
  #changed: (() => void)[] = [];

  constructor(home: string) {
    this.home = home;
  }

  async start(): Promise<void> {
    mkdirSync(this.home, { recursive: true });
    const opened = await LabIdentity.open(
      join(this.home, 'identity'),
      'Room 12',
      new SeededRng(1),
      epochMillis(Date.now()),
    );
    if (!opened.ok) throw new Error(refusalWords(opened.error));
    writeFileSync(join(this.home, 'api-token'), `${token}\n`);
    const server = createServer(
      {
        key: opened.value.headKey,
        cert: await opened.value.headCertificate(epochMillis(Date.now())),
        minVersion: 'TLSv1.3',
      },
      (request, response) => void this.#onHttp(request, response),
    );
    const handler = new RPCHandler(this.#router());
    const sockets = new WebSocketServer({
      server,
      path: '/api',
      verifyClient: ({ req }: { req: IncomingMessage }) => allowed(req),
    });
    sockets.on('connection', (socket) => void handler.upgrade(socket));
    // The same port after a restart, as a real head has.
    await new Promise<void>((done) => server.listen(this.#port, '127.0.0.1', done));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#sockets = sockets;
    writeFileSync(
      join(this.home, 'head.json'),
      JSON.stringify({
        pid: process.pid,
        port: this.#port,
        url: `https://127.0.0.1:${this.#port}`,
        browserUrl: null,
        startedAt: stillAt,
      }),
    );
  }

  /** As SIGKILL would: links break, head.json stays. */
  async kill(): Promise<void> {
    const server = this.#server;
    for (const socket of this.#sockets?.clients ?? []) socket.terminate();
    this.#sockets?.close();
    server?.closeAllConnections();
    await new Promise((done) => (server ? server.close(done) : done(undefined)));
    this.#server = undefined;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(join(this.home, 'head.json'), { force: true });
  }

  /** Tells watchers that the lab is another now. */
  changed(): void {
    for (const tell of this.#changed.splice(0)) tell();
  }

  view(): LabView {
    return {
      ...labOf(this.machines, this.jobs),
      moves: this.moves,
      strangers: this.strangers,
      otherHead: this.otherHead,
      diary: this.diary,
    };
  }

  putBlob(text: string): string {
    const hash = createHash('sha256').update(text).digest('hex');
    this.blobs.set(hash, Buffer.from(text));
    return hash;
  }

  #router() {
    const os = implement(contract);
    const note = (call: string, input: unknown): void => {
      this.calls.push({ call, input });
      this.onCommand(call, input);
    };
    const affected = (
      call: string,
      names: readonly string[] | 'all',
      without: readonly string[] = [],
    ): { machines: string[] } => {
      const machines =
        names === 'all'
          ? this.machines.filter(({ state }) => !without.includes(state)).map(({ name }) => name)
          : names.map((name) => this.#machine(name).name);
      note(call, names);
      return { machines };
    };
    const onJob = (call: string, name: string) => {
      const { id } = this.#job(name);
      note(call, name);
      return { id };
    };
    const tokenOf = (id: string): TokenView => {
      const found = this.tokens.find((token) => token.id === id);
      if (!found) throw refused('not-found', `there is no token "${id}".`);
      return found;
    };
    const decided = (call: string, code: string): DecidedPcView => {
      const [found] = code === this.codeOnScreen ? this.waiting : [];
      if (!found) throw refused('not-found', `no PC waits with the code ${code}.`);
      note(`enrolment.${call}`, code);
      return { ...found, code };
    };
    const onPc = (call: string, name: string): PracticePc => {
      const pc = this.pcs.find((one) => one.name === name);
      if (!pc)
        throw refused(
          'not-found',
          `there is no practice PC "${name}"; nightshift practice list lists them.`,
        );
      note(call, name);
      return pc;
    };
    const next = (): Promise<void> => new Promise((done) => this.#changed.push(done));
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- generators have a `this` of their own
    const head = this;
    return os.router({
      lab: {
        view: os.lab.view.handler(() => this.view()),
        watch: os.lab.watch.handler(async function* () {
          for (;;) {
            yield { version: 'simulated', whole: head.view() };
            await next();
          }
        }),
        report: os.lab.report.handler(({ input }) => {
          const { night } = this.report;
          if ((input?.night ?? night) <= night)
            return { ...this.report, night: input?.night ?? night };
          throw refused(
            'not-found',
            `there is no night ${input?.night}; the newest is night ${night}.`,
          );
        }),
        shutdown: os.lab.shutdown.handler(() => {
          note('lab.shutdown', {});
          return {};
        }),
      },
      machines: {
        list: os.machines.list.handler(() => this.machines),
        cordon: os.machines.cordon.handler(({ input }) =>
          affected('machines.cordon', input.machines),
        ),
        uncordon: os.machines.uncordon.handler(({ input }) =>
          affected('machines.uncordon', input.machines),
        ),
        ban: os.machines.ban.handler(({ input }) => affected('machines.ban', input.machines)),
        unban: os.machines.unban.handler(({ input }) => affected('machines.unban', input.machines)),
        forget: os.machines.forget.handler(({ input }) =>
          affected('machines.forget', input.machines),
        ),
        evacuate: os.machines.evacuate.handler(({ input }) =>
          affected('machines.evacuate', input.machines),
        ),
        release: os.machines.release.handler(({ input }) => ({
          ...affected('machines.release', input.machines, ['lost', 'released']),
          minutesLost: input.when === 'now' ? 1.5 : 0,
        })),
        wake: os.machines.wake.handler(({ input }) =>
          affected('machines.wake', input.machines, ['ready']),
        ),
      },
      seats: {
        list: os.seats.list.handler(() => this.seats),
        set: os.seats.set.handler(({ input }) => {
          note('seats.set', input.seats);
          return { changed: input.seats.length };
        }),
        clear: os.seats.clear.handler(({ input }) => {
          note('seats.clear', input.machines);
          return { changed: this.seats.filter(({ seat }) => seat !== null).length };
        }),
      },
      jobs: {
        submit: os.jobs.submit.handler(({ input }) => {
          const missing = input.inputs.find(({ hash }) => !this.blobs.has(hash));
          if (missing)
            throw refused('misuse', `the input "${missing.path}" has not been sent to the head.`);
          if (input.cpus > 64)
            throw refused(
              'refused',
              `no PC of this lab fits: ${input.cpus} processors are asked for, the largest PC has 4.`,
            );
          this.submitted.push(input);
          const id = String(this.jobs.length + 1);
          const { first, last } = input.array ?? { first: 0, last: 0 };
          const tasks = Array.from({ length: last - first + 1 }, (_, at) => taskOf(id, first + at));
          this.jobs.push(jobOf(id, input.name ?? '', tasks, { state: 'queued' }));
          note('jobs.submit', input);
          return { id: jobId(id), warnings: [] };
        }),
        list: os.jobs.list.handler(() => this.view().jobs),
        get: os.jobs.get.handler(({ input }) => {
          const job = this.#job(input.job);
          const { task } = input;
          return task === null
            ? job
            : { ...job, tasks: job.tasks.filter(({ index }) => index === task) };
        }),
        changes: os.jobs.changes.handler(({ input }) => ({
          ...{ revision: '0', whole: true, job: this.#job(input.job) },
        })),
        cancel: os.jobs.cancel.handler(({ input }) => onJob('jobs.cancel', input.job)),
        hold: os.jobs.hold.handler(({ input }) => onJob('jobs.hold', input.job)),
        remove: os.jobs.remove.handler(({ input }) => {
          note('jobs.remove', input);
          return { ids: input.jobs.map((job) => this.#job(job).id) };
        }),
        keepFor: os.jobs.keepFor.handler(({ input }) => {
          note('jobs.keepFor', input);
          return { keepFor: input.keepFor ?? millis(90 * 24 * hours(1)) };
        }),
        resume: os.jobs.resume.handler(({ input }) => onJob('jobs.resume', input.job)),
        logs: os.jobs.logs.handler(async function* ({ input }) {
          const job = head.#job(input.task.split('.')[0] ?? '');
          if (!input.task.includes('.') && job.tasks.length > 1) {
            throw refused(
              'misuse',
              `job ${job.id} has ${job.tasks.length} tasks; name one, such as ${job.tasks[0]?.id}.`,
            );
          }
          const task = input.task.includes('.')
            ? input.task
            : taskIdOf(job.id, job.tasks[0]?.index ?? 0);
          let at = 0;
          let restarts = 0;
          for (;;) {
            const text = head.logs.get(task) ?? '';
            const now = head.#job(job.id).tasks.find(({ id }) => id === task);
            if ((now?.restartsFromZero ?? 0) > restarts) at = 0;
            restarts = now?.restartsFromZero ?? 0;
            if (text.length > at) {
              const fresh = text.slice(at);
              yield input.bytes
                ? { text: '', base64: Buffer.from(fresh).toString('base64'), restarts }
                : { text: fresh, restarts };
            }
            at = text.length;
            if (!input.follow || now?.finishedAt != null) return;
            await next();
          }
        }),
        outputs: os.jobs.outputs.handler(({ input }) =>
          this.#job(input.job).tasks.map(({ id, index, outputs, finishedAt }) => ({
            task: id,
            index,
            files: outputs,
            log: finishedAt === null ? null : blobHash(this.putBlob(this.logs.get(id) ?? '')),
            logName: 'task.log',
          })),
        ),
      },
      tasks: {
        targets: os.tasks.targets.handler(() => []),
        migrate: os.tasks.migrate.handler(({ input }) => {
          const job = this.#job(input.task.split('.')[0] ?? '');
          const task = job.tasks.find(({ id }) => id === input.task) ?? job.tasks[0];
          const { name } = this.#machine(input.machine);
          if (task?.machine == null)
            throw refused(
              'refused',
              `task ${input.task} is not running; only a running task moves.`,
            );
          if (task.machine === name)
            throw refused('refused', `task ${input.task} runs on ${name} already.`);
          const reply = { task: task.id, from: task.machine, to: name };
          note('tasks.migrate', input);
          return reply;
        }),
      },
      enrolment: {
        issue: os.enrolment.issue.handler(() => {
          throw refused('refused', 'the simulated head issues nothing.');
        }),
        tokens: os.enrolment.tokens.handler(() => this.tokens),
        revoke: os.enrolment.revoke.handler(({ input }) => {
          note('enrolment.revoke', input);
          return { ...tokenOf(input.token), revoked: true };
        }),
        limit: os.enrolment.limit.handler(({ input }) => {
          note('enrolment.limit', input);
          return { ...tokenOf(input.token), mostPcs: input.mostPcs };
        }),
        waiting: os.enrolment.waiting.handler(() => this.waiting),
        approve: os.enrolment.approve.handler(({ input }) => decided('approve', input.code)),
        refuse: os.enrolment.refuse.handler(({ input }) => decided('refuse', input.code)),
        forget: os.enrolment.forget.handler(({ input }) => {
          note('enrolment.forget', input);
          return input;
        }),
      },
      sessions: {
        list: os.sessions.list.handler(() => this.sessions),
        end: os.sessions.end.handler(({ input: { session } }) => {
          const ended = this.sessions.filter(({ id }) => session === 'all' || id === session);
          if (ended.length === 0 && session !== 'all')
            throw refused(
              'not-found',
              `there is no session "${session}"; nightshift sessions lists them.`,
            );
          this.sessions = this.sessions.filter((one) => !ended.includes(one));
          return { ended: ended.map(({ id }) => id) };
        }),
      },
      netboot: {
        on: os.netboot.on.handler(({ input }) => {
          note('netboot.on', input);
          this.netboot = { ...this.netboot, on: true, answer: 'lab', hours: input.hours };
          return this.netboot;
        }),
        off: os.netboot.off.handler(() => {
          note('netboot.off', {});
          this.netboot = { ...this.netboot, on: false, answer: null };
          return this.netboot;
        }),
        status: os.netboot.status.handler(() => this.netboot),
        diagnose: os.netboot.diagnose.handler(() => this.bootFindings),
      },
      media: {
        list: os.media.list.handler(() => this.drives),
        write: os.media.write.handler(async function* ({ input }) {
          note('media.write', input);
          yield* head.mediaStory(input.drives.map(({ path }) => path));
        }),
        restore: os.media.restore.handler(async function* ({ input }) {
          note('media.restore', input);
          yield* head.mediaStory(input.drives.map(({ path }) => path));
        }),
        image: os.media.image.handler(async function* ({ input }) {
          note('media.image', input);
          yield* head.mediaStory([input.file.path]);
        }),
      },
      practice: {
        up: os.practice.up.handler(({ input }) => {
          note('practice.up', input);
          return this.pcs;
        }),
        list: os.practice.list.handler(() => this.pcs),
        down: os.practice.down.handler(() => {
          note('practice.down', {});
          return {};
        }),
        unplug: os.practice.unplug.handler(({ input }) => onPc('practice.unplug', input.pc)),
        replug: os.practice.replug.handler(({ input }) => onPc('practice.replug', input.pc)),
        cut: os.practice.cut.handler(({ input }) => onPc('practice.cut', input.pc)),
        heal: os.practice.heal.handler(({ input }) => onPc('practice.heal', input.pc)),
        keypress: os.practice.keypress.handler(({ input }) => onPc('practice.keypress', input.pc)),
      },
      images: {
        list: os.images.list.handler(() => this.images),
        build: os.images.build.handler(() => {
          note('images.build', null);
          return this.images;
        }),
        use: os.images.use.handler(({ input: { version } }) => {
          if (version !== null && !this.images.some((image) => image.version === version))
            throw refused(
              'not-found',
              `there is no boot image "${version}"; this head has ${this.images.map((image) => image.version).join(', ')}.`,
            );
          note('images.use', version);
          const used = version ?? this.images[0]?.version;
          return (this.images = this.images.map((image) => ({
            ...image,
            inUse: image.version === used,
            chosen: image.version === version,
          })));
        }),
      },
      software: {
        list: os.software.list.handler(() => [
          {
            name: 'base',
            version: '13.1',
            bytes: 210 * 1024 ** 2,
            description: 'Debian trixie with python3, perl, gcc and xz',
          },
        ]),
      },
      doctor: os.doctor.handler(() => [
        { check: 'mmdebstrap', ok: true, found: '1.3.5', remedy: null },
        {
          check: 'qemu',
          ok: false,
          found: 'not installed',
          remedy: 'apt-get install qemu-system-x86',
        },
      ]),
    });
  }

  #job(name: string): JobDetail {
    const found = this.jobs.findLast((job) => job.id === name || job.name === name);
    if (!found)
      throw refused('not-found', `there is no job "${name}"; nightshift jobs lists them.`);
    return found;
  }

  #machine(name: string): MachineView {
    const found = this.machines.find((machine) => machine.name === name || machine.id === name);
    if (!found)
      throw refused('not-found', `there is no machine "${name}"; nightshift machines lists them.`);
    return found;
  }

  async #onHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, top, hash = ''] = (request.url ?? '').split('/');
    if (!allowed(request) || top !== 'blob') {
      response.writeHead(allowed(request) ? 404 : 401).end();
      return;
    }
    if (request.method === 'PUT') {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      if (this.diskFull) {
        response
          .writeHead(507, { 'content-type': 'text/plain' })
          .end('the disk of the head is full\n');
        return;
      }
      const body = Buffer.concat(pieces);
      const sum = createHash('sha256').update(body).digest('hex');
      this.blobs.set(sum, body);
      this.puts.push(sum);
      response.writeHead(201).end(JSON.stringify({ hash: sum, size: body.length }));
      return;
    }
    const blob = this.blobs.get(hash);
    response.writeHead(blob ? 200 : 404, { 'content-length': blob?.length ?? 0 });
    response.end(request.method === 'HEAD' ? undefined : blob);
  }
}

function allowed(request: IncomingMessage): boolean {
  return request.headers.authorization === `Bearer ${token}`;
}

function refused(kind: RefusalKind, sentence: string): ORPCError<'REFUSED', unknown> {
  return new ORPCError('REFUSED', {
    status: 422,
    message: sentence,
    data: { ...refuse(kind, sentence).error, sentence },
    defined: true,
  });
}
