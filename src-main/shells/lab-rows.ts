import type { MonotonicMillis } from '../../shared/base/units.ts';
import type { JobId } from '../../shared/domain/ids.ts';
import type { Job } from '../../shared/domain/job.ts';
import type { Projection, Removal, Tables } from '../ports/event-store.ts';
import { labRows } from '../core/log-form/row-form.ts';
import { addTasks, reindexTask } from '../core/state/reindex.ts';
import { emptyLab, machinesOf, type LabState } from '../core/state/state.ts';
import type { Turn } from '../core/state/turn.ts';
import { unseen } from '../core/membership/leases.ts';

const seatRowId = (machineKey: string): string => `seat.${machineKey}`;

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
      body: labRows.encodeLab({
        nextJob: state.nextJob,
        night: state.night,
        keepFor: state.keepFor,
        retired: [...state.retired],
      }),
    },
  ];
  for (const machineKey of new Set(turns.flatMap((turn) => [...turn.touched.seats]))) {
    const seat = state.seats.get(machineKey);
    const id = seatRowId(machineKey);
    rows.push(
      seat
        ? { table: 'lab', id, state: 'seat', body: labRows.encodeSeat({ machineKey, seat }) }
        : { table: 'lab', gone: id },
    );
  }
  const members = new Set(turns.flatMap((turn) => [...turn.touched.members]));
  const jobs = new Set(turns.flatMap((turn) => [...turn.touched.jobs]));
  const tasks = new Set(turns.flatMap((turn) => [...turn.touched.tasks]));
  for (const id of members) {
    const member = state.members.get(id);
    if (member)
      rows.push({
        ...{ table: 'members', id, state: member.state },
        body: labRows.encodeMember(member),
      });
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
        body: labRows.encodeJob(job),
      });
  }
  for (const { touched } of turns)
    for (const [job, hashes] of touched.refs)
      if (state.jobs.has(job))
        for (const hash of hashes)
          rows.push({ table: 'refs', id: `${job}.${hash}`, state: hash, body: 0 });
  for (const id of tasks) {
    const task = state.tasks.get(id);
    if (task) rows.push({ table: 'tasks', id, state: task.state, body: labRows.encodeTask(task) });
  }
  return rows;
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
  for (const stored of store.rows('lab')) {
    const { of, row } = labRows.decodeLabTable(stored);
    if (of === 'seat') state.seats.set(row.machineKey, row.seat);
    if (of !== 'lab') continue;
    state.nextJob = row.nextJob;
    state.night = row.night;
    state.keepFor = row.keepFor;
    for (const [id, at] of row.retired) state.retired.set(id, at);
  }
  for (const row of store.rows('members')) {
    const member = labRows.decodeMember(row);
    member.facts = state.transient.features.in(member.facts);
    state.members.set(member.id, member);
    state.seen.set(member.id, unseen(member.facts, now));
  }
  for (const row of store.rows('jobs')) {
    if ((rows += 1) % rowsInAPiece === 0) yield;
    const job = labRows.decodeJob(row);
    state.jobs.set(job.id, job);
    addTasks(state, job);
  }
  state.tasks.lookUpIn((id) => {
    const row = store.row('tasks', id);
    return row === undefined ? undefined : labRows.decodeTask(row);
  });
  for (const { id } of [...state.jobs.values()].filter(isLive)) {
    if (rows >= rowsInAPiece) {
      yield;
      rows = 0;
    }
    rows += 1;
    for (const row of store.parts('tasks', id)) {
      rows += 1;
      const task = labRows.decodeTask(row);
      task.checkpoints = task.checkpoints.map((of) => state.transient.features.in(of));
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
