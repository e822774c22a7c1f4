import type { MachineView } from '../../../shared/api/views.ts';
import { lookName, machineLook } from '../../ui/looks.ts';

/** A PC as a small tile shows it: texts that stay the same while what is seen does. */
export interface Tile {
  readonly label: string;
  readonly isHere: boolean;
  /** Values of the style sheet: its icon, and how far its bars reach. */
  readonly style: string;
}

const tiles = new WeakMap<MachineView, Tile>();

export function tileOf(machine: MachineView): Tile {
  const known = tiles.get(machine);
  if (known) return known;
  const look = machineLook(machine);
  const count = machine.tasks.length;
  const made: Tile = {
    label: `${machine.name}, ${look.word}, ${count} ${count === 1 ? 'task' : 'tasks'}, load ${machine.load.toFixed(1)} of ${machine.cpu}`,
    isHere: machine.state !== 'lost' && machine.state !== 'released',
    style: [
      `--icon: var(--look-${lookName(look)})`,
      `--load: ${percent(machine.load, machine.cpu)}`,
      `--memory: ${percent(machine.memory - machine.memoryFree, machine.memory)}`,
    ].join('; '),
  };
  tiles.set(machine, made);
  return made;
}

/** In whole hundredths: what cannot be seen to change is not drawn anew. */
const percent = (value: number, max: number): string =>
  `${Math.round(Math.min(1, Math.max(0, max > 0 ? value / max : 0)) * 100)}%`;
