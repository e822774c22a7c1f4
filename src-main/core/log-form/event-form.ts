import { z } from 'zod';
import type { Millis } from '../../../shared/base/units.ts';
import type { BlobHash, Epoch, JobId, MemberId, TaskId } from '../../../shared/domain/ids.ts';
import type { LabEvent } from '../state/events.ts';
import {
  decodeBody,
  encodeBody,
  exactly,
  isBody,
  numberOf,
  reasonForm,
  saidIn,
  textOf,
  UnreadableEntry,
  type Form,
  type Shape,
  type Upgrade,
} from './form.ts';
import { checkpointForm, jobForm, nodeForm, outputForm, withoutNetwork } from './job-form.ts';
import { drainPurpose, factsForm, releaseMoment, seatForm } from './member-form.ts';

type Kind = LabEvent['e'];
type EventOf<Of extends Kind> = Extract<LabEvent, { readonly e: Of }>;

const text = z.string();
const count = z.number();
const member = textOf<MemberId>();
const job = textOf<JobId>();
const task = textOf<TaskId>();
const epoch = numberOf<Epoch>();
const hash = textOf<BlobHash>();
const results = {
  outputs: z.array(outputForm),
  outputNodes: z.array(nodeForm).optional(),
  log: hash.nullable(),
  cpuSeconds: count,
};

/** Each event as it is written now. */
const shapes: { readonly [Of in Kind]: Omit<Shape<EventOf<Of>>, 'e'> } = {
  'member-enrolled': {
    ...{ member, name: text, seat: seatForm.nullable(), facts: factsForm, by: text.optional() },
  },
  'member-banned': { member, because: text.nullable() },
  'member-unbanned': { member },
  'member-forgotten': { member },
  'member-arrived': { member, facts: factsForm },
  'member-described': { member, facts: factsForm },
  'member-suspected': { member },
  'member-returned': { member },
  'member-lost': { member },
  'member-outdated': { member, kind: text },
  'member-cordoned': { member, because: reasonForm },
  'member-uncordoned': { member },
  'member-draining': {
    ...{ member, purpose: drainPurpose, moment: releaseMoment, because: reasonForm },
    clockSaid: text.optional(),
  },
  'member-evacuated': { member },
  'member-released': { member },
  'member-left': { member },
  'member-stayed': { member },
  'member-expected': { member },
  'member-came-back': { member, facts: factsForm, after: numberOf<Millis>() },
  'seats-given': {
    seats: z.array(
      exactly<EventOf<'seats-given'>['seats'][number]>({
        machineKey: text,
        seat: seatForm.nullable(),
      }),
    ),
  },
  'night-opened': { night: count },
  'night-ended': { night: count, because: z.enum(['release', 'morning']) },
  'job-submitted': { job: jobForm },
  'job-held': { job },
  'job-resumed': { job },
  'job-cancelled': { job },
  'job-archived': { job },
  'job-removed': { job, because: reasonForm },
  'keep-for-set': { keepFor: numberOf<Millis>() },
  'job-queue-cancelled': { job },
  'task-placed': { task, epoch, machine: member, from: hash.nullable() },
  'task-started': { task, epoch, resumed: z.boolean() },
  'task-move-begun': { task, to: member, toEpoch: epoch, because: reasonForm },
  'task-moved': { task, toEpoch: epoch },
  'task-move-measured': { task, to: member, bytes: count, freezeMs: count, totalMs: count },
  'task-move-failed': { task, to: member, reason: reasonForm },
  'task-saved': { task, checkpoint: checkpointForm, suspended: z.boolean(), freezeMs: count },
  'task-checkpoint-dropped': { task, hash, reason: reasonForm, lostMs: count.optional() },
  'task-attempt-lost': { task, epoch, reason: reasonForm, lostMs: count, avoid: member.nullable() },
  'task-done': { task, exitCode: count, ...results },
  'task-retried': {
    ...{ task, exitCode: count.nullable(), reason: reasonForm, log: hash.nullable() },
    avoid: member.nullable(),
  },
  'task-failed': { task, exitCode: count.nullable(), reason: reasonForm, ...results },
  'task-stopping': { task },
  'task-blamed': { task, machine: member },
  'task-held': { task, reason: reasonForm },
  'task-let-go': { task },
  'task-cleared': { task, machine: member },
  'task-recalled': { task, epoch, reason: reasonForm },
  'task-cancelled': { task },
};

/** How events of older versions become those of today, by kind. */
const upgrades: { readonly [Of in Kind]?: readonly Upgrade[] } = {
  'job-submitted': [
    ({ job: submitted, ...body }) => ({
      ...body,
      job: isBody(submitted) ? withoutNetwork(submitted) : submitted,
    }),
  ],
  'member-cordoned': [saidIn('because')],
  'member-draining': [saidIn('because')],
  'job-removed': [saidIn('because')],
  'task-move-begun': [saidIn('because')],
  'task-move-failed': [saidIn('reason')],
  'task-checkpoint-dropped': [saidIn('reason')],
  'task-attempt-lost': [saidIn('reason')],
  'task-retried': [saidIn('reason')],
  'task-failed': [saidIn('reason')],
  'task-held': [saidIn('reason')],
  'task-recalled': [saidIn('reason')],
};

const forms = new Map<string, Form<LabEvent>>(
  (Object.keys(shapes) as Kind[]).map((kind) => [
    kind,
    {
      schema: z.object({ e: z.literal(kind), ...shapes[kind] }) as unknown as z.ZodType<LabEvent>,
      upgrades: upgrades[kind] ?? [],
    },
  ]),
);

/** What the store needs to know of events. */
export const labEvents = {
  kindOf: (event: LabEvent): string => event.e,

  encode(event: LabEvent): unknown {
    const form = forms.get(event.e);
    return form ? encodeBody(form, event) : event;
  },

  /** Throws `UnreadableEntry`. `seq`: its place in the log, for the complaint. */
  decode(body: unknown, seq: number): LabEvent {
    const kind = isBody(body) ? String(body['e']) : 'nothing';
    const form = forms.get(kind);
    if (!form) throw new UnreadableEntry(`event ${seq}`, `its kind is "${kind}"`, true);
    return decodeBody(form, `event ${seq} (${kind})`, body);
  },
};
