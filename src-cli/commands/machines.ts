import { machineJson } from '../core/worded.ts';
import { otherHeadSentence } from '../../shared/domain/other-head.ts';
import { answer, listed } from '../core/answer.ts';
import type { World } from '../core/ports.ts';
import { machinesTable } from '../core/views.ts';
import { withHead } from '../core/with-head.ts';

export async function showMachines(world: World, json: boolean): Promise<number> {
  const { machines, unenrolled, otherHead } = await withHead(world, ({ api }) => api.lab.view());
  if (otherHead !== null) world.terminal.say(`nightshift: ${otherHeadSentence(otherHead)}`);
  answer(world, json, machines.map(machineJson), () => [
    ...(machines.length === 0
      ? [
          'No PC has enrolled yet; start some with the lab’s boot medium, or try nightshift practice up.',
        ]
      : machinesTable(machines, world.terminal.paint)),
    ...unenrolled.map(({ name, address, machineKey, reason, waits }) =>
      waits === true
        ? `${name ?? address} (network card ${machineKey}) waits to be let in: read the code off its screen and type nightshift approve CODE.`
        : `Seen, not enrolled: ${name ?? address} (${reason})`,
    ),
  ]);
  return 0;
}

export async function cordonMachines(
  world: World,
  json: boolean,
  names: readonly string[],
  what: 'cordon' | 'uncordon',
): Promise<number> {
  const done = await withHead(world, ({ api }) => api.machines[what]({ machines: [...names] }));
  answer(world, json, done, () => [
    what === 'cordon'
      ? `${listed(done.machines)} will take no new tasks; what runs there goes on.`
      : `${listed(done.machines)} may take tasks again.`,
  ]);
  return 0;
}

export async function banMachines(
  world: World,
  json: boolean,
  names: readonly string[],
  because: string | null,
): Promise<number> {
  const done = await withHead(world, ({ api }) =>
    api.machines.ban({ machines: [...names], because }),
  );
  answer(world, json, done, () => [
    `${listed(done.machines)} may not come in any more; what ran there goes on elsewhere when its lease is over. nightshift media list-tokens shows which stick let it in.`,
  ]);
  return 0;
}

const ordered = {
  unban: (names: string) => `${names} may come in again.`,
  forget: (names: string) =>
    `${names} is forgotten; with a boot medium of this lab it comes in as a new PC.`,
} as const;

export async function orderMachines(
  world: World,
  json: boolean,
  names: readonly string[],
  order: 'unban' | 'forget',
): Promise<number> {
  const done = await withHead(world, ({ api }) => api.machines[order]({ machines: [...names] }));
  answer(world, json, done, () => [ordered[order](listed(done.machines))]);
  return 0;
}
