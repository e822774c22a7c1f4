import { z } from 'zod';
import { reportSchema, type Report } from '../../../shared/api/views.ts';
import { epochMillis, type EpochMillis, type Millis } from '../../../shared/base/units.ts';
import type { JobId, MemberId, TaskId } from '../../../shared/domain/ids.ts';
import type { Job, Migration, Task } from '../../../shared/domain/job.ts';
import type { Seat, Member } from '../../../shared/domain/member.ts';
import { newTask } from '../state/new-task.ts';
import { emptyTally, usualKeepFor, type Loss, type NightTally } from '../state/state.ts';
import {
  decodeBody,
  encodeBody,
  exactly,
  isBody,
  numberOf,
  reasonForm,
  saidIn,
  saidInEach,
  textOf,
  type Body,
  type Form,
  type Upgrade,
} from './form.ts';
import { jobForm, migrationShape, taskForm, withoutNetwork } from './job-form.ts';
import { memberForm, seatForm } from './member-form.ts';

/** What of the lab is neither a member, nor a job, nor a task. */
export interface LabRow {
  readonly nextJob: number;
  readonly night: NightTally;
  readonly keepFor: Millis;
  readonly retired: readonly (readonly [MemberId, EpochMillis])[];
}

export interface SeatRow {
  readonly machineKey: string;
  readonly seat: Seat;
}

/** What a night that is over came to, once somebody has asked. */
export interface ReportRow {
  readonly report: Report;
}

const text = z.string();
const count = z.number();
const moment = numberOf<EpochMillis>();
const task = textOf<TaskId>();

const tallyForm = exactly<NightTally>({
  ...{
    number: count,
    openedAt: moment,
    endedAt: moment.nullable(),
    checkpoints: count,
    lostMs: count,
  },
  losses: z.array(
    exactly<Loss>({
      ...{ task, machine: textOf<MemberId>(), at: moment, lostMs: count, reason: reasonForm },
    }),
  ),
  ...{ tasksDone: count, tasksFailed: count, cpuSeconds: count },
  gone: exactly<NonNullable<NightTally['gone']>>({
    moves: z.array(exactly<Migration & { readonly task: TaskId }>({ ...migrationShape, task })),
    failures: z.array(
      exactly<NonNullable<NightTally['gone']>['failures'][number]>({
        task,
        reason: reasonForm.nullable(),
      }),
    ),
  }).optional(),
});

/** Rows of the first version lack what came later. */
const fill =
  (missing: Body): Upgrade =>
  (body) => ({ ...missing, ...body });

function saidInNight(night: Body): Body {
  const losses = saidInEach(night['losses'], 'reason');
  const { gone } = night;
  if (!isBody(gone)) return { ...night, losses };
  const moves = saidInEach(gone['moves'], 'because');
  return { ...night, losses, gone: { moves, failures: saidInEach(gone['failures'], 'reason') } };
}

function saidInTask(body: Body): Body {
  const { attempt } = body;
  const recalled = isBody(attempt) ? saidIn('recalledFor')(attempt) : null;
  const move = recalled && isBody(recalled['move']) ? saidIn('because')(recalled['move']) : null;
  return {
    ...saidIn('reason', 'heldFor')(body),
    attempt: recalled && { ...recalled, move },
    migrations: saidInEach(body['migrations'], 'because'),
  };
}

/** Reports were told in sentences then. */
function saidInReport(report: Body): Body {
  const { moves, losses, failures, machines } = report;
  return {
    ...report,
    moves: saidInEach(moves, 'because'),
    losses: saidInEach(losses, 'reason'),
    failures: each(failures, heldInWords),
    machines: saidInEach(machines, 'note'),
  };
}

const heldInWords: Upgrade = (failure) => {
  const { reason } = failure;
  const held = typeof reason === 'string' && reason.startsWith('held: ');
  return { ...saidIn('reason')(held ? { ...failure, reason: reason.slice(6) } : failure), held };
};

const each = (list: unknown, upgrade: Upgrade): unknown =>
  Array.isArray(list) ? list.map((one: unknown) => (isBody(one) ? upgrade(one) : one)) : list;

const nightOf = ({ night }: Body): Body => (isBody(night) ? night : {});

const labForm: Form<LabRow> = {
  schema: exactly<LabRow>({
    nextJob: count,
    night: tallyForm,
    keepFor: numberOf<Millis>(),
    retired: z.array(z.tuple([textOf<MemberId>(), moment])),
  }),
  upgrades: [
    (body) => ({
      ...{ keepFor: usualKeepFor, retired: [] },
      ...body,
      night: { ...emptyTally(0, epochMillis(0)), ...nightOf(body) },
    }),
    // Nights did not end then.
    (body) => ({ ...body, night: { endedAt: null, ...nightOf(body) } }),
    (body) => ({ ...body, night: saidInNight(nightOf(body)) }),
  ],
};

const seatRowForm: Form<SeatRow> = {
  schema: exactly<SeatRow>({ machineKey: text, seat: seatForm }),
  upgrades: [],
};

const reportForm: Form<ReportRow> = {
  schema: z.object({ report: reportSchema }),
  upgrades: [(body) => ({ report: saidInReport(isBody(body['report']) ? body['report'] : {}) })],
};

/** PCs of a time when nobody watched whether they left are gone long ago. */
function departures(body: Body): Body {
  const { releasedAt } = body;
  const departure =
    typeof releasedAt === 'number' ? { leftAt: releasedAt, stayed: false, expected: false } : null;
  return {
    ...{ departure, cameBack: null, wrongClock: null, enrolledBy: null, banned: null },
    ...body,
  };
}

const memberRowForm: Form<Member> = {
  schema: memberForm,
  upgrades: [departures, fill({ lostAt: null, outdated: null })],
};
const jobRowForm: Form<Job> = { schema: jobForm, upgrades: [withoutNetwork] };
const { id: _id, job: _job, index: _index, ...emptyTask } = newTask('0' as JobId, 0);
const taskRowForm: Form<Task> = {
  schema: taskForm,
  upgrades: [fill({ ...emptyTask }), saidInTask],
};

const isOf = (row: unknown, key: string): boolean => isBody(row) && key in row;

/** A row of the table `lab`, by what it is of. */
export type LabTableRow =
  | { readonly of: 'lab'; readonly row: LabRow }
  | { readonly of: 'seat'; readonly row: SeatRow }
  | { readonly of: 'report'; readonly row: ReportRow };

/** Bodies of rows as they are stored, and back; whatever cannot be read is an `UnreadableEntry`. */
export const labRows = {
  encodeLab: (row: LabRow): object => encodeBody(labForm, row),
  encodeSeat: (row: SeatRow): object => encodeBody(seatRowForm, row),
  encodeReport: (row: ReportRow): object => encodeBody(reportForm, row),
  encodeMember: (row: Member): object => encodeBody(memberRowForm, row),
  encodeJob: (row: Job): object => encodeBody(jobRowForm, row),
  encodeTask: (row: Task): object => encodeBody(taskRowForm, row),

  /** `lab`, seats and reports stand in one table and are told apart by what they hold. */
  decodeLabTable(row: unknown): LabTableRow {
    if (isOf(row, 'report'))
      return { of: 'report', row: decodeBody(reportForm, 'the report of a night', row) };
    if (isOf(row, 'machineKey')) return { of: 'seat', row: decodeBody(seatRowForm, 'a seat', row) };
    return { of: 'lab', row: decodeBody(labForm, 'the row of the lab', row) };
  },
  decodeMember: (row: unknown): Member =>
    decodeBody(memberRowForm, `the row of PC ${idOf(row)}`, row),
  decodeJob: (row: unknown): Job => decodeBody(jobRowForm, `the row of job ${idOf(row)}`, row),
  decodeTask: (row: unknown): Task => decodeBody(taskRowForm, `the row of task ${idOf(row)}`, row),
};

const idOf = (row: unknown): string => (isBody(row) ? String(row['id']) : '?');
