import type { Report } from '../../shared/api/views.ts';
import type { EpochMillis, Millis, MonotonicMillis } from '../../shared/base/units.ts';
import type { JobId, MemberId } from '../../shared/domain/ids.ts';
import type { Job, Task } from '../../shared/domain/job.ts';
import type { Member, Seat, StoredMember } from '../../shared/domain/member.ts';
import type { Projection, Removal, Tables } from '../../shared/ports/event-store.ts';
import { newTask } from '../core/lab/new-task.ts';
import { addTasks, reindexTask } from '../core/lab/reindex.ts';
import {
  emptyLab,
  emptyTally,
  machinesOf,
  usualKeepFor,
  type LabState,
  type NightTally,
} from '../core/lab/state.ts';
import type { Turn } from '../core/lab/turn.ts';
import { unseen } from '../core/membership/leases.ts';

type Late = Pick<StoredMember, 'departure' | 'cameBack' | 'wrongClock' | 'enrolledBy' | 'banned'>;

interface SeatRow {
  readonly machineKey: string;
  readonly seat: Seat;
}
const seatRowId = (machineKey: string): string => `seat.${machineKey}`;

/** What a night that is over came to, once somebody has asked. */
export interface ReportRow {
  readonly report: Report;
}
export const isReportRow = (row: unknown): row is ReportRow =>
  typeof row === 'object' && row !== null && 'report' in row;

interface LabRow {
  readonly nextJob: number;
  readonly night: NightTally;
  readonly keepFor?: Millis;
  readonly retired?: readonly (readonly [MemberId, EpochMillis])[];
}

const isSeatRow = (row: unknown): row is SeatRow =>
  typeof row === 'object' && row !== null && 'machineKey' in row;

/** Rows of everything the turns touched. Tasks that never left the queue have no row: their job implies them. */
export function projectionsOf(
  state: LabState,
  turns: readonly Pick<Turn, 'touched' | 'events'>[],
): (Projection | Removal)[] {
  const rows: (Projection | Removal)[] = [
    {
      table: 'lab',
      id: 'lab',
      state: '',
      body: {
        nextJob: state.nextJob,
        night: state.night,
        keepFor: state.keepFor,
        retired: [...state.retired],
      } satisfies LabRow,
    },
  ];
  for (const machineKey of new Set(turns.flatMap((turn) => [...turn.touched.seats]))) {
    const seat = state.seats.get(machineKey);
    const id = seatRowId(machineKey);
    rows.push(
      seat
        ? { table: 'lab', id, state: 'seat', body: { machineKey, seat } satisfies SeatRow }
        : { table: 'lab', gone: id },
    );
  }
  const members = new Set(turns.flatMap((turn) => [...turn.touched.members]));
  const jobs = new Set(turns.flatMap((turn) => [...turn.touched.jobs]));
  const tasks = new Set(turns.flatMap((turn) => [...turn.touched.tasks]));
  for (const id of members) {
    const member = state.members.get(id);
    if (member)
      rows.push({ table: 'members', id, state: member.state, body: storedMember(member) });
    else rows.push({ table: 'members', gone: id });
  }
  // A job's row changes only with the job itself, not with every task of it.
  const changed = new Set(
    turns.flatMap((turn) =>
      turn.events.flatMap((event) =>
        event.e === 'job-submitted' ? [event.job.id] : 'job' in event ? [event.job] : [],
      ),
    ),
  );
  for (const id of jobs) {
    const job = state.jobs.get(id);
    if (!job) rows.push(...rowsOfJob(id));
    if (job && changed.has(id))
      rows.push({
        table: 'jobs',
        id,
        state: job.cancelled ? 'cancelled' : job.held ? 'held' : 'open',
        body: job,
      });
  }
  for (const { touched } of turns)
    for (const [job, hashes] of touched.refs)
      if (state.jobs.has(job))
        for (const hash of hashes)
          rows.push({ table: 'refs', id: `${job}.${hash}`, state: hash, body: 0 });
  for (const id of tasks) {
    const task = state.tasks.get(id);
    if (task) rows.push({ table: 'tasks', id, state: task.state, body: task });
  }
  return rows;
}

/** Without what is seen from moment to moment. */
export function storedMember(member: Member): StoredMember {
  const { linked: _linked, heardAt: _heardAt, load: _load, ...stored } = member;
  return stored;
}

const rowsOfJob = (id: JobId): Removal[] => [
  { table: 'jobs', gone: id },
  { table: 'tasks', gone: id, withParts: true },
  { table: 'refs', gone: id, withParts: true },
];

/** Tasks of archived jobs are many more than those of the others. */
const isLive = ({ archived }: Job): boolean => !archived;

/** Rows after which whoever loads in pieces may let others have their turn. */
const rowsInAPiece = 200;

/** The lab as the store has it. What a restart may forget begins empty; every present member counts as just heard. */
export function loadLab(store: Tables, now: MonotonicMillis): LabState {
  const loading = loadLabInPieces(store, now);
  for (;;) {
    const { done, value } = loading.next();
    if (done) return value;
  }
}

export function* loadLabInPieces(
  store: Tables,
  now: MonotonicMillis,
): Generator<undefined, LabState> {
  let rows = 0;
  const state = emptyLab();
  for (const row of store.rows('lab')) {
    if (isReportRow(row)) continue;
    if (isSeatRow(row)) {
      state.seats.set(row.machineKey, row.seat);
      continue;
    }
    const lab = row as LabRow;
    state.nextJob = lab.nextJob;
    // Rows of an older version lack what came later.
    state.night = { ...emptyTally(lab.night.number, lab.night.openedAt), ...lab.night };
    state.keepFor = lab.keepFor ?? usualKeepFor;
    for (const [id, at] of lab.retired ?? []) state.retired.set(id, at);
  }
  for (const row of store.rows('members')) {
    // Rows of an older version lack what came later; their PCs left long ago.
    const {
      departure,
      cameBack = null,
      wrongClock = null,
      enrolledBy = null,
      banned = null,
      ...rest
    } = row as Omit<StoredMember, keyof Late> & Partial<Late>;
    const leftAt = rest.releasedAt;
    const longAgo = leftAt === null ? null : { leftAt, stayed: false, expected: false };
    const stored: StoredMember = {
      ...rest,
      departure: departure ?? longAgo,
      cameBack,
      wrongClock,
      enrolledBy,
      banned,
    };
    const member: Member = { ...stored, ...unseen(stored.facts, now) };
    state.members.set(member.id, member);
  }
  for (const row of store.rows('jobs')) {
    if ((rows += 1) % rowsInAPiece === 0) yield;
    const job = row as Job;
    state.jobs.set(job.id, job);
    addTasks(state, job);
  }
  state.tasks.lookUpIn((id) => {
    const row = store.row('tasks', id) as Task | undefined;
    return row && { ...newTask(row.job, row.index), ...row };
  });
  for (const { id } of [...state.jobs.values()].filter(isLive)) {
    if (rows >= rowsInAPiece) {
      yield;
      rows = 0;
    }
    rows += 1;
    for (const row of store.parts('tasks', id)) {
      rows += 1;
      // Rows of an older version lack what came later.
      const task = { ...state.tasks.get((row as Task).id), ...(row as Task) };
      const before = state.tasks.get(task.id);
      state.tasks.set(task.id, task);
      reindexTask(state, task, {
        state: before?.state ?? 'queued',
        machines: before ? machinesOf(before) : [],
      });
    }
  }
  for (const id of state.index.active) state.transient.quietSince.set(id, now);
  return state;
}
