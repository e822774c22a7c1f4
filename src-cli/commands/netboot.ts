import type { BootFinding, BootingPcView, NetbootView } from '../../shared/api/netboot-views.ts';
import { answer, listed } from '../core/answer.ts';
import { parseWhole } from '../core/environment-wish.ts';
import type { World } from '../core/ports.ts';
import { must } from '../core/refused.ts';
import { formatAgo, formatMoment } from '../core/relative-time.ts';
import { formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';

export interface NetbootOptions {
  readonly hours?: string;
  readonly interface?: readonly string[];
  readonly atOnce: string;
  readonly kernelOptions?: string;
}

export async function netbootOn(
  world: World,
  json: boolean,
  options: NetbootOptions,
): Promise<number> {
  const atOnce = must(parseWhole(options.atOnce, '--at-once', 1, 64));
  world.terminal.progress('Making ready what PCs will fetch …');
  const view = await withHead(world, ({ api }) =>
    api.netboot.on({
      hours: options.hours ?? null,
      interfaces: options.interface === undefined ? null : [...options.interface],
      atOnce,
      ...(options.kernelOptions === undefined ? {} : { kernelOptions: options.kernelOptions }),
    }),
  );
  world.terminal.progress(null);
  answer(world, json, view, () => [
    summary(view),
    ...whereLines(view),
    'New PCs show a code: let them in with nightshift approve CODE. If they do not come, ask nightshift netboot diagnose.',
  ]);
  return 0;
}

export async function netbootOff(world: World, json: boolean): Promise<number> {
  const view = await withHead(world, ({ api }) => api.netboot.off());
  answer(world, json, view, () => [
    'Network boot is off; PCs boot their own disks.',
    ...floppyLines(world, view),
  ]);
  return 0;
}

export async function netbootStatus(world: World, json: boolean): Promise<number> {
  const view = await withHead(world, ({ api }) => api.netboot.status());
  answer(world, json, view, () => [
    summary(view),
    ...(view.problem === null ? [] : [world.terminal.paint.bad(view.problem)]),
    ...floppyLines(world, view),
    ...(view.pcs.length === 0 ? [] : pcsTable(world, view.pcs)),
  ]);
  return view.problem === null && (view.floppies?.problem ?? null) === null ? 0 : 1;
}

/** What becomes of PCs that start from a floppy, while there are any. */
export function floppyLines({ terminal }: World, { floppies }: NetbootView): string[] {
  if (floppies === null) return [];
  const { address, until, problem } = floppies;
  if (problem !== null) return [terminal.paint.bad(`Boot floppies: ${problem}`)];
  const end = formatMoment(until, new Date(until).getTimezoneOffset());
  return [`Boot floppies fetch the member system at ${address ?? ''} until ${end}.`];
}

export async function netbootDiagnose(world: World, json: boolean): Promise<number> {
  world.terminal.progress('Asking the network as a PC does …');
  const findings = await withHead(world, ({ api }) => api.netboot.diagnose());
  world.terminal.progress(null);
  const { paint } = world.terminal;
  answer(world, json, findings, () => [
    ...formatTable<BootFinding>(
      [
        {
          title: '',
          text: ({ ok }) => (ok ? 'ok' : '!!'),
          paint: (text, { ok }) => (ok ? paint.good(text) : paint.bad(text)),
        },
        { title: 'CHECK', text: ({ check }) => check },
        { title: 'FOUND', text: ({ found }) => found },
      ],
      findings,
      paint,
    ),
    ...findings.flatMap(({ ok, check, remedy }) =>
      ok || remedy === null ? [] : [`${check}: ${remedy}`],
    ),
  ]);
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

/** Which of this machine's addresses PCs are answered from, and which not. */
function whereLines({ addresses = [], leftOut = [] }: NetbootView): readonly string[] {
  if (addresses.length === 0) return [];
  const others = leftOut.length === 0 ? '' : ` Left out: ${leftOut.join(', ')}.`;
  return [`It answers from ${listed(addresses)}.${others}`];
}

function summary({ on, interfaces, hours, answer: now }: NetbootView): string {
  if (!on) return 'Network boot is off.';
  const where = `Network boot is on at ${listed(interfaces)}`;
  if (hours === null) return `${where}, at any hour.`;
  return now === 'lab'
    ? `${where} from ${hours}; now PCs boot the lab.`
    : `${where} from ${hours}; now PCs are told to boot their own disks.`;
}

const stageText: Readonly<Record<BootingPcView['stage'], string>> = {
  discovered: 'asked for a boot server',
  'first-stage': 'has the first stage',
  waiting: 'waits for its turn',
  kernel: 'fetches the kernel',
  image: 'fetches the member system',
  started: 'starts the member system',
  enrolled: 'is a member',
  disk: 'boots its own disk',
  unanswered: 'asks for what is not here',
};

function pcsTable(world: World, pcs: readonly BootingPcView[]): readonly string[] {
  const { paint } = world.terminal;
  return formatTable<BootingPcView>(
    [
      { title: 'NETWORK CARD', text: ({ mac }) => mac },
      { title: 'ADDRESS', text: ({ address }) => address ?? '' },
      { title: 'FIRMWARE', text: ({ firmware }) => firmware ?? '' },
      {
        title: 'STATE',
        text: (pc) => pc.problem ?? `${stageText[pc.stage]}${shareText(pc)}`,
        paint: (text, { problem }) => (problem === null ? text : paint.bad(text)),
      },
      { title: 'SINCE', text: ({ since }) => formatAgo(since, world.now()) },
    ],
    pcs,
    paint,
  );
}

function shareText({ stage, bytes, total }: BootingPcView): string {
  if ((stage !== 'kernel' && stage !== 'image') || total === 0) return '';
  return ` (${Math.floor((bytes / total) * 100)} %)`;
}
