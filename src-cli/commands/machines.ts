import { otherHeadSentence } from '../../shared/domain/other-head.ts';
import { answer, listed } from '../core/answer.ts';
import type { World } from '../core/ports.ts';
import { machinesTable } from '../core/views.ts';
import { withHead } from '../core/with-head.ts';

export async function showMachines(world: World, json: boolean): Promise<number> {
  const { machines, strangers, otherHead } = await withHead(world, ({ api }) => api.lab.view());
  if (otherHead !== null) world.terminal.say(`nightshift: ${otherHeadSentence(otherHead)}`);
  answer(world, json, machines, () => [
    ...(machines.length === 0
      ? [
          'No PC has enrolled yet; start some with the lab’s boot medium, or try nightshift practice up.',
        ]
      : machinesTable(machines, world.terminal.paint)),
    ...strangers.map(({ name, address, reason, code }) =>
      code === undefined
        ? `Seen, not enrolled: ${name ?? address} (${reason})`
        : `${name ?? address} shows the code ${code}: nightshift approve ${code} lets it in.`,
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
