import { implement } from '@orpc/server';
import { contract, type submitSchema } from '../../shared/api/contract.ts';
import { refuse } from '../../shared/base/result.ts';
import { submitCan } from '../../shared/domain/actions.ts';
import type { JobSpec, TaskNetwork } from '../../shared/domain/job.ts';
import type { CallContext } from './caller.ts';
import type { HeadServices, SessionService } from './head-services.ts';
import { logStream } from './log-stream.ts';
import { mediaStream } from './media-stream.ts';
import { granted, refusalError } from './refusal-error.ts';
import type { ChangeTicks } from './change-ticks.ts';
import { rowFeed } from './row-feed.ts';
import type { ViewFeed } from './view-feed.ts';
import type { output } from 'zod';

/** Every procedure of the contract; one without a handler does not compile. */
export function contractRouter(
  services: HeadServices,
  { feed, ticks }: { readonly feed: ViewFeed; readonly ticks: ChangeTicks },
  sessions: SessionService,
) {
  const { approvals, lab, netboot, practice, media } = services;
  // Answers are made by our own typed code: checking 10,000 tasks again at run time would cost more than making them.
  const serve = implement(contract)
    .$context<CallContext>()
    .$config({ initialOutputValidationIndex: Number.NaN });
  return serve.router({
    lab: {
      view: serve.lab.view.handler(() => lab.view()),
      watch: serve.lab.watch.handler(({ input, signal }) =>
        feed.watch(input?.since ?? null, signal ?? never),
      ),
      report: serve.lab.report.handler(async ({ input }) =>
        input?.night === undefined ? lab.report() : granted(await lab.reportOf(input.night)),
      ),
      shutdown: serve.lab.shutdown.handler(() => {
        services.shutdown();
        return {};
      }),
    },
    machines: {
      list: serve.machines.list.handler(() => lab.machines()),
      cordon: serve.machines.cordon.handler(({ input }) => granted(lab.cordon(input.machines))),
      uncordon: serve.machines.uncordon.handler(({ input }) =>
        granted(lab.uncordon(input.machines)),
      ),
      ban: serve.machines.ban.handler(({ input }) =>
        granted(lab.ban(input.machines, input.because)),
      ),
      unban: serve.machines.unban.handler(({ input }) => granted(lab.unban(input.machines))),
      forget: serve.machines.forget.handler(({ input }) => {
        // By their network cards, which the books know no more once they have gone.
        const pcs = lab.pcs(input.machines);
        const done = granted(lab.forget(input.machines));
        for (const { machineKey } of pcs.ok ? pcs.value : []) approvals.forget(machineKey);
        return done;
      }),
      evacuate: serve.machines.evacuate.handler(({ input }) =>
        granted(lab.evacuate(input.machines)),
      ),
      release: serve.machines.release.handler(({ input }) =>
        granted(lab.release(input.machines, input.when, input.preview)),
      ),
      wake: serve.machines.wake.handler(({ input }) => granted(netboot.wake(input.machines))),
    },
    seats: {
      list: serve.seats.list.handler(() => lab.seats()),
      set: serve.seats.set.handler(({ input }) => granted(lab.giveSeats(input.seats))),
      clear: serve.seats.clear.handler(({ input }) => granted(lab.clearSeats(input.machines))),
    },
    jobs: {
      consider: serve.jobs.consider.handler(({ input }) => {
        const network = granted(submitCan.reach(input.network));
        return granted(lab.consider(jobSpecOf(input, network)));
      }),
      submit: serve.jobs.submit.handler(({ input }) => {
        const network = granted(submitCan.reach(input.network));
        return granted(lab.submit(jobSpecOf(input, network), input.hold));
      }),
      list: serve.jobs.list.handler(() => lab.jobs()),
      watch: serve.jobs.watch.handler(({ input, signal }) =>
        rowFeed(ticks, () => granted(lab.jobRow(input.job)), signal ?? never),
      ),
      get: serve.jobs.get.handler(({ input }) =>
        granted(lab.job(input.job, input.task, input.from)),
      ),
      changes: serve.jobs.changes.handler(({ input }) =>
        granted(lab.jobChanges(input.job, input.since)),
      ),
      cancel: serve.jobs.cancel.handler(({ input }) => granted(lab.cancelJob(input.job))),
      hold: serve.jobs.hold.handler(({ input }) => granted(lab.holdJob(input.job))),
      remove: serve.jobs.remove.handler(({ input }) => granted(lab.removeJobs(input.jobs))),
      keepFor: serve.jobs.keepFor.handler(({ input }) => granted(lab.keepFor(input.keepFor))),
      resume: serve.jobs.resume.handler(({ input }) => granted(lab.resumeJob(input.job))),
      logs: serve.jobs.logs.handler(({ input, signal }) =>
        logStream(
          (sink) => lab.logs(input.task, input.follow, sink),
          signal ?? never,
          input.bytes ? (bytes) => services.toBase64(bytes) : null,
        ),
      ),
      outputs: serve.jobs.outputs.handler(({ input }) =>
        granted(lab.outputs(input.job, input.from)),
      ),
    },
    tasks: {
      targets: serve.tasks.targets.handler(({ input }) => granted(lab.moveTargets(input.task))),
      migrate: serve.tasks.migrate.handler(({ input }) =>
        granted(lab.migrate(input.task, input.machine)),
      ),
    },
    enrolment: {
      issue: serve.enrolment.issue.handler(({ input }) => granted(services.issueIdentity(input))),
      tokens: serve.enrolment.tokens.handler(() => services.tokens.list()),
      revoke: serve.enrolment.revoke.handler(({ input }) =>
        granted(services.tokens.revoke(input.token)),
      ),
      limit: serve.enrolment.limit.handler(({ input }) =>
        granted(services.tokens.limit(input.token, input.mostPcs)),
      ),
      waiting: serve.enrolment.waiting.handler(() => approvals.waiting()),
      approve: serve.enrolment.approve.handler(({ input }) =>
        granted(approvals.decide(input.code, 'approved')),
      ),
      refuse: serve.enrolment.refuse.handler(({ input }) =>
        granted(approvals.decide(input.code, 'refused')),
      ),
      forget: serve.enrolment.forget.handler(({ input }) =>
        granted(approvals.forget(input.machine)),
      ),
    },
    sessions: {
      list: serve.sessions.list.handler(() => sessions.list()),
      end: serve.sessions.end.handler(({ input }) => {
        const ended = sessions.end(input.session);
        if (ended.length === 0 && input.session !== 'all')
          throw refusalError(
            refuse(
              'not-found',
              `there is no session "${input.session}"; nightshift sessions lists them.`,
            ).error,
          );
        return { ended: [...ended] };
      }),
    },
    netboot: {
      on: serve.netboot.on.handler(async ({ input }) => granted(await netboot.on(input))),
      off: serve.netboot.off.handler(async () => granted(await netboot.off())),
      status: serve.netboot.status.handler(() => netboot.status()),
      diagnose: serve.netboot.diagnose.handler(async () => granted(await netboot.diagnose())),
    },
    media: {
      list: serve.media.list.handler(async () => granted(await media.list())),
      write: serve.media.write.handler(({ input, signal }) =>
        mediaStream((sink) => media.write(input, sink), signal ?? never),
      ),
      restore: serve.media.restore.handler(({ input, signal }) =>
        mediaStream((sink) => media.restore(input.drives, sink), signal ?? never),
      ),
      image: serve.media.image.handler(({ input, signal }) =>
        mediaStream((sink) => media.image(input, sink), signal ?? never),
      ),
    },
    practice: {
      up: serve.practice.up.handler(async ({ input }) => granted(await practice.up(input))),
      list: serve.practice.list.handler(async () => granted(await practice.list())),
      down: serve.practice.down.handler(async () => granted(await practice.down())),
      unplug: serve.practice.unplug.handler(async ({ input }) =>
        granted(await practice.unplug(input)),
      ),
      replug: serve.practice.replug.handler(async ({ input }) =>
        granted(await practice.replug(input)),
      ),
      cut: serve.practice.cut.handler(async ({ input }) => granted(await practice.cut(input))),
      heal: serve.practice.heal.handler(async ({ input }) => granted(await practice.heal(input))),
      keypress: serve.practice.keypress.handler(async ({ input }) =>
        granted(await practice.keypress(input)),
      ),
    },
    images: {
      list: serve.images.list.handler(() => services.images.list()),
      build: serve.images.build.handler(async () => granted(await services.images.build())),
      use: serve.images.use.handler(({ input }) => granted(services.images.use(input.version))),
    },
    software: { list: serve.software.list.handler(() => services.software()) },
    doctor: serve.doctor.handler(() => services.doctor()),
  });
}

/** For callers in this very process, who never go away. */
const never = new AbortController().signal;

function jobSpecOf(input: output<typeof submitSchema>, network: TaskNetwork): JobSpec {
  const { cpus, memory, wallTime, hold: _, ...rest } = input;
  return {
    ...rest,
    name: input.name ?? input.command[0]?.split('/').at(-1) ?? 'job',
    owner: input.owner ?? 'nobody',
    network,
    resources: { cpus, memory, wallTime },
  };
}
