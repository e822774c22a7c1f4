import Ban from '@lucide/svelte/icons/ban';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Link from '@lucide/svelte/icons/link';
import LogOut from '@lucide/svelte/icons/log-out';
import OctagonPause from '@lucide/svelte/icons/octagon-pause';
import Plug from '@lucide/svelte/icons/plug';
import Sunrise from '@lucide/svelte/icons/sunrise';
import Unlink from '@lucide/svelte/icons/unlink';
import Unplug from '@lucide/svelte/icons/unplug';
import type { MachineView, PracticePc } from '../../../shared/api/views.ts';
import { machineCan, practicePcCan } from '../../../shared/domain/actions.ts';
import type { App } from '../../state/app.svelte.ts';
import type { MenuAction, MenuGroup } from '../../ui/menu.ts';

/** What can be done with a PC, as a menu. `release` opens the dialog that asks for the moment. */
export function machineActions(
  { bridge, commands }: Pick<App, 'bridge' | 'commands'>,
  machine: MachineView,
  pc: PracticePc | undefined,
  release: () => void,
): readonly MenuGroup[] {
  const { api } = bridge;
  const machines = [machine.name];
  const lab: readonly MenuAction[] = [
    machine.cordoned
      ? {
          label: 'Uncordon',
          icon: Ban,
          can: machineCan.uncordon(machine),
          act: () => void commands.run(() => api.machines.uncordon({ machines })),
        }
      : {
          label: 'Cordon: no new tasks',
          icon: OctagonPause,
          can: machineCan.cordon(machine),
          act: () => void commands.run(() => api.machines.cordon({ machines })),
        },
    {
      label: 'Evacuate: move its tasks away',
      icon: LogOut,
      can: machineCan.evacuate(machine),
      act: () => void commands.run(() => api.machines.evacuate({ machines })),
    },
    { label: 'Release…', icon: Sunrise, can: machineCan.release(machine), act: release },
  ];
  if (!pc) return [{ actions: lab }];
  return [
    { actions: lab },
    { heading: 'Practice', actions: practiceActions({ bridge, commands }, pc) },
  ];
}

export function practiceActions(
  { bridge, commands }: Pick<App, 'bridge' | 'commands'>,
  pc: PracticePc,
): readonly MenuAction[] {
  const { practice } = bridge.api;
  const action = (
    label: string,
    what: keyof typeof practicePcCan,
    icon: NonNullable<MenuAction['icon']>,
    danger = false,
  ): MenuAction => ({
    label,
    icon,
    danger,
    can: practicePcCan[what](pc),
    act: () => void commands.run(() => practice[what]({ pc: pc.name })),
  });
  return [
    action('Press a key at this PC', 'keypress', Keyboard),
    pc.cut ? action('Heal its network', 'heal', Link) : action('Cut its network', 'cut', Unlink),
    pc.state === 'on'
      ? action('Unplug: power gone, nothing said', 'unplug', Unplug, true)
      : action('Plug in again', 'replug', Plug),
  ];
}
