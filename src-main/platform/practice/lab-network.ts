import { createHash } from 'node:crypto';
import { run, tryRun } from './host-commands.ts';

/** Names and addresses of one practice lab; all follow from its home, so that a restarted head finds them again. */
export interface LabNames {
  /** Six hex digits of the home's path. */
  readonly hash: string;
  /** Interface names have at most 15 letters. */
  readonly bridge: string;
  /** Control group below every hierarchy's root. */
  readonly group: string;
}

export function labNames(home: string): LabNames {
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 6);
  return { hash, bridge: `nsb${hash}`, group: `nightshift-${hash}` };
}

export const pcName = (number: number): string => `pc-${String(number).padStart(2, '0')}`;
export const netnsOf = (lab: LabNames, number: number): string => `${lab.bridge}-${pcName(number)}`;
export const vethOf = (lab: LabNames, number: number): string => `nsv${lab.hash}${number}`;

/** A locally administered address that stays the same night after night: the PC's machine key. */
export function macOf(lab: LabNames, number: number): string {
  const pairs = lab.hash.match(/../g) ?? [];
  return ['02', ...pairs, '00', number.toString(16).padStart(2, '0')].join(':');
}

/** Private /24s a practice lab may take, in the order this lab tries them: its own place first. */
export function subnetCandidates(lab: LabNames): readonly string[] {
  const start = Number.parseInt(lab.hash, 16);
  return Array.from({ length: 256 * 16 }, (_, step) => {
    const place = (start + step * 257) % (256 * 16);
    return `10.${224 + (place >> 8)}.${place & 255}`;
  });
}

/** The first candidate none of the taken addresses or routes lies in. */
export function chooseSubnet(lab: LabNames, taken: readonly string[]): string | undefined {
  const firsts = new Set(taken.map((address) => address.split('.').slice(0, 3).join('.')));
  return subnetCandidates(lab).find((candidate) => !firsts.has(candidate));
}

/** The bridge's subnet when it stands already. */
export async function bridgeSubnet(lab: LabNames): Promise<string | undefined> {
  const shown = await run('ip', ['-4', '-o', 'addr', 'show', 'dev', lab.bridge]).catch(() => '');
  return /inet (\d+\.\d+\.\d+)\.1\//.exec(shown)?.[1];
}

/** The lab's own switch, with the head at `.1`. Nothing is forwarded from it. */
export async function makeBridge(lab: LabNames): Promise<string> {
  const there = await bridgeSubnet(lab);
  if (there) return there;
  const addresses = await run('ip', ['-4', '-o', 'addr', 'show']);
  const routes = await run('ip', ['-4', 'route', 'show', 'table', 'all']);
  const subnet = chooseSubnet(lab, `${addresses}\n${routes}`.match(/\d+\.\d+\.\d+\.\d+/g) ?? []);
  if (!subnet) throw new Error('no private network is free for the practice lab');
  await tryRun('ip', ['link', 'del', lab.bridge]);
  await run('ip', [
    'link',
    'add',
    lab.bridge,
    'type',
    'bridge',
    'stp_state',
    '0',
    'forward_delay',
    '0',
    'mcast_snooping',
    '0',
  ]);
  await run('ip', ['addr', 'add', `${subnet}.1/24`, 'dev', lab.bridge]);
  await run('ip', ['link', 'set', lab.bridge, 'up']);
  return subnet;
}

/** A network namespace with one wired NIC on the lab's switch. */
export async function makePort(lab: LabNames, subnet: string, number: number): Promise<void> {
  const netns = netnsOf(lab, number);
  const veth = vethOf(lab, number);
  await removePort(lab, number);
  await run('ip', ['netns', 'add', netns]);
  await run('ip', [
    'link',
    'add',
    veth,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'address',
    macOf(lab, number),
    'netns',
    netns,
  ]);
  await run('ip', ['link', 'set', veth, 'master', lab.bridge, 'up']);
  const inside = (...words: string[]): Promise<string> => run('ip', ['-n', netns, ...words]);
  await inside('link', 'set', 'lo', 'up');
  await inside('addr', 'add', `${subnet}.${10 + number}/24`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  // Multicast needs a route or its sends fail; the head forwards nothing.
  await inside('route', 'add', 'default', 'via', `${subnet}.1`);
}

/** First the cable, so that not even the end of its connections is said. */
export async function removePort(lab: LabNames, number: number): Promise<void> {
  await tryRun('ip', ['link', 'del', vethOf(lab, number)]);
  await tryRun('ip', ['netns', 'del', netnsOf(lab, number)]);
}

export const unplugCable = (lab: LabNames, number: number): Promise<boolean> =>
  tryRun('ip', ['link', 'del', vethOf(lab, number)]);
/** No packet passes either way; both ends keep their link and know nothing. */
export const cutCable = (lab: LabNames, number: number): Promise<string> =>
  run('ip', ['link', 'set', vethOf(lab, number), 'nomaster']);
export const healCable = (lab: LabNames, number: number): Promise<string> =>
  run('ip', ['link', 'set', vethOf(lab, number), 'master', lab.bridge]);
export const removeBridge = (lab: LabNames): Promise<boolean> =>
  tryRun('ip', ['link', 'del', lab.bridge]);
