import Ban from '@lucide/svelte/icons/ban';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CirclePause from '@lucide/svelte/icons/circle-pause';
import CirclePlay from '@lucide/svelte/icons/circle-play';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock';
import Hand from '@lucide/svelte/icons/hand';
import LogIn from '@lucide/svelte/icons/log-in';
import LogOut from '@lucide/svelte/icons/log-out';
import OctagonPause from '@lucide/svelte/icons/octagon-pause';
import Sunrise from '@lucide/svelte/icons/sunrise';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import Undo2 from '@lucide/svelte/icons/undo-2';
import Unplug from '@lucide/svelte/icons/unplug';
import type { JobView, MachineView, TaskView } from '../../shared/api/views.ts';
import type { Icon } from './icon.ts';

export type Tone = 'good' | 'active' | 'warn' | 'bad' | 'quiet';

/** How a state looks: a colour never stands alone. */
export interface Look {
  readonly word: string;
  readonly tone: Tone;
  readonly icon: Icon;
}

const machineLooks: Readonly<Record<MachineView['state'], Look>> = {
  enrolling: { word: 'Enrolling', tone: 'active', icon: LogIn },
  ready: { word: 'Ready', tone: 'good', icon: CircleCheck },
  draining: { word: 'Draining', tone: 'active', icon: LogOut },
  suspect: { word: 'Suspect', tone: 'warn', icon: TriangleAlert },
  lost: { word: 'Lost', tone: 'bad', icon: Unplug },
  released: { word: 'Released', tone: 'quiet', icon: Sunrise },
};
const cordoned: Look = { word: 'Cordoned', tone: 'warn', icon: OctagonPause };
const cameBack: Look = { word: 'Came back', tone: 'bad', icon: Undo2 };
const stayed: Look = { word: 'Still running', tone: 'bad', icon: TriangleAlert };

/**
 * Cordoned shows only where it changes anything: on a PC that would else take tasks. What somebody has to see to in the
 * morning shows before it.
 */
export function machineLook(machine: Pick<MachineView, 'state' | 'cordoned' | 'flag'>): Look {
  if (machine.flag === 'stayed') return stayed;
  if (machine.state !== 'ready') return machineLooks[machine.state];
  if (machine.flag === 'came-back') return cameBack;
  return machine.cordoned ? cordoned : machineLooks.ready;
}

/** Each look that a PC may have. */
export const machineLookList: readonly Look[] = [
  ...Object.values(machineLooks),
  cordoned,
  cameBack,
  stayed,
];

/** Of a look, for style sheets: its word in small letters. */
export const lookName = ({ word }: Look): string => word.toLowerCase().replaceAll(' ', '-');

export const jobLooks: Readonly<Record<JobView['state'], Look>> = {
  queued: { word: 'Queued', tone: 'quiet', icon: Clock },
  running: { word: 'Running', tone: 'active', icon: CirclePlay },
  suspended: { word: 'Suspended', tone: 'warn', icon: CirclePause },
  held: { word: 'Held', tone: 'warn', icon: Hand },
  done: { word: 'Done', tone: 'good', icon: CircleCheck },
  failed: { word: 'Failed', tone: 'bad', icon: CircleX },
  cancelled: { word: 'Cancelled', tone: 'quiet', icon: Ban },
};

export const taskLooks: Readonly<Record<TaskView['state'], Look>> = jobLooks;

export const toneText: Readonly<Record<Tone, string>> = {
  good: 'text-good',
  active: 'text-accent',
  warn: 'text-warn',
  bad: 'text-bad',
  quiet: 'text-muted',
};
export const toneFill: Readonly<Record<Tone, string>> = {
  good: 'bg-good',
  active: 'bg-accent',
  warn: 'bg-warn',
  bad: 'bg-bad',
  quiet: 'bg-line-strong',
};
