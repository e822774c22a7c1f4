import { z } from 'zod';
import { listChanges, sameValue, withListChanges } from './list-changes.ts';
import { labViewSchema, type LabView } from './views.ts';

const { machines, unenrolled, jobs, moves, arrived, diary, ...single } = labViewSchema.shape;

const changesOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ gone: z.array(z.string()), put: z.array(z.tuple([z.number().int(), row])) });

/** Made of the fields of the view itself. `single`: what is no list, all of it when any of it is another. */
export const labChangesSchema = z.object({
  single: z.object(single).optional(),
  machines: changesOf(machines.element).optional(),
  unenrolled: changesOf(unenrolled.element).optional(),
  jobs: changesOf(jobs.element).optional(),
  moves: changesOf(moves.element).optional(),
  arrived: changesOf(arrived.removeDefault().element).optional(),
  diary: changesOf(diary.element).optional(),
});
export type LabChanges = z.infer<typeof labChangesSchema>;

/**
 * A whole picture, or what makes the picture before into this one; see `ListChanges`. `version` names the picture that
 * results: who has it may go on from there over another connection.
 */
export const labFeedSchema = z.union([
  z.object({ version: z.string(), whole: labViewSchema }),
  z.object({ version: z.string(), changes: labChangesSchema }),
]);
export type LabFeed = z.infer<typeof labFeedSchema>;

const key = {
  machine: ({ id }: LabView['machines'][number]) => id,
  pc: ({ machineKey }: LabView['unenrolled'][number]) => machineKey,
  job: ({ id }: LabView['jobs'][number]) => id,
  move: ({ task }: LabView['moves'][number]) => task,
  arrival: ({ task, at }: LabView['arrived'][number]) => `${task} ${at}`,
  line: ({ seq }: LabView['diary'][number]) => String(seq),
};

export function labChanges(before: LabView, after: LabView): LabChanges {
  const now = singleOf(after);
  return {
    single: sameValue(singleOf(before), now) ? undefined : now,
    machines: listChanges(before.machines, after.machines, key.machine),
    unenrolled: listChanges(before.unenrolled, after.unenrolled, key.pc),
    jobs: listChanges(before.jobs, after.jobs, key.job),
    moves: listChanges(before.moves, after.moves, key.move),
    arrived: listChanges(before.arrived, after.arrived, key.arrival),
    diary: listChanges(before.diary, after.diary, key.line),
  };
}

/** What is no list; a field of the view that is missing here does not compile. */
const singleOf = (view: LabView): NonNullable<LabChanges['single']> => ({
  lab: view.lab,
  labId: view.labId,
  version: view.version,
  night: view.night,
  startedAt: view.startedAt,
  address: view.address,
  practice: view.practice,
  otherHead: view.otherHead,
});

/** Rows that did not change stay the same objects. */
export function withLabChanges(before: LabView, changes: LabChanges): LabView {
  return {
    ...before,
    ...changes.single,
    machines: withListChanges(before.machines, changes.machines, key.machine),
    unenrolled: withListChanges(before.unenrolled, changes.unenrolled, key.pc),
    jobs: withListChanges(before.jobs, changes.jobs, key.job),
    moves: withListChanges(before.moves, changes.moves, key.move),
    arrived: withListChanges(before.arrived, changes.arrived, key.arrival),
    diary: withListChanges(before.diary, changes.diary, key.line),
  };
}

/** Changes to a picture that nobody has are a fault of whoever sent them. */
export function withLabFeed(before: LabView | null, message: LabFeed): LabView {
  if ('whole' in message) return message.whole;
  if (before === null) throw new Error('the head sent changes before it sent a picture.');
  return withLabChanges(before, message.changes);
}

/** Each picture that a feed tells. */
export async function* labPictures(
  feed: AsyncIterable<LabFeed>,
): AsyncGenerator<LabView, void, void> {
  let picture: LabView | null = null;
  for await (const message of feed) yield (picture = withLabFeed(picture, message));
}
