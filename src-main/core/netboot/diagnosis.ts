import type { DhcpAnswer } from './dhcp-packet.ts';
import type { BootingPc } from './boot-progress.ts';
import type { TftpAnswer } from './tftp-packet.ts';

/** What was seen on one interface by asking as a PC does. */
export interface BootEvidence {
  readonly name: string;
  readonly address: string;
  /** All of this machine's own, ours among them. */
  readonly ownAddresses: readonly string[];
  /** Whether network boot is on here. */
  readonly on: boolean;
  /** Network boot is off, but boot floppies are served here. */
  readonly floppies: boolean;
  /** Answers to a BIOS and to a UEFI PC; a sentence when the question could not be put. */
  readonly answers: readonly DhcpAnswer[] | { readonly obstacle: string };
  /** To a read request for the first stage through the interface's address; undefined: none came; null: not asked. */
  readonly tftp: TftpAnswer | undefined | null;
  /** Why the boot files do not come by HTTP; null when they do or nobody asked. */
  readonly httpFault: string | null;
  /** PCs that got our answer and never came for the first stage. */
  readonly stuck: readonly BootingPc[];
  /** PCs that asked in the last minutes for what is not here. */
  readonly unanswered?: readonly BootingPc[];
}

/** As the doctor's findings: what was looked at, what was seen, what to do about it. */
export interface BootFinding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  readonly remedy: string | null;
}

const sticks = 'or boot these PCs from sticks that carry the head’s address';

/** Tells apart what can keep a lab from booting over its network. */
export function diagnoseBoot(evidence: BootEvidence): readonly BootFinding[] {
  const { name, address, answers } = evidence;
  if ('obstacle' in answers) {
    return [bad(`DHCP on ${name}`, answers.obstacle, 'then run netboot diagnose again.')];
  }
  return [
    addressFinding(evidence, answers),
    ...rivalFindings(evidence, answers),
    ...(evidence.on
      ? [
          ownFinding(evidence, answers),
          ...transferFindings(evidence),
          ...unansweredFindings(evidence),
        ]
      : []),
    ...(evidence.floppies ? floppyFindings(evidence) : []),
    ...(evidence.on || evidence.floppies
      ? []
      : [
          bad(
            `network boot on ${name}`,
            `network boot is off on ${name} (${address}), so TFTP was not tried.`,
            'switch it on with `nightshift netboot on` and run netboot diagnose again.',
          ),
        ]),
  ];
}

function addressFinding(
  { name, address }: BootEvidence,
  answers: readonly DhcpAnswer[],
): BootFinding {
  const servers = unique(answers.filter((answer) => answer.address !== null));
  if (servers.length > 0) {
    return good(
      `DHCP on ${name}`,
      `${servers.map(({ server }) => server).join(' and ')} gives out addresses.`,
    );
  }
  return bad(
    `DHCP on ${name}`,
    `no DHCP server answers on ${name} (${address}), so PCs get no address there.`,
    'plug this machine into the lab’s own network, or start the lab’s DHCP server (or its relay) for this network.',
  );
}

function rivalFindings(
  { name, ownAddresses }: BootEvidence,
  answers: readonly DhcpAnswer[],
): readonly BootFinding[] {
  const others = answers.filter(({ server }) => !ownAddresses.includes(server));
  // A boot server without a file is what every DHCP server says of itself.
  const withFile = unique(others.filter((one) => one.address !== null && one.bootFile !== null));
  const rivals = unique(others.filter((one) => one.isPxe && one.address === null));
  // PXE 2.1 §2.4.1: firmware that got an address from who calls itself PXEClient asks nobody else what to boot.
  const claims = unique(
    others.filter((one) => one.isPxe && one.address !== null && one.bootFile === null),
  );
  if (withFile.length === 0 && rivals.length === 0 && claims.length === 0) {
    return [
      good(`other boot servers on ${name}`, 'nobody else answers PCs that boot from the network.'),
    ];
  }
  return [
    ...rivals.map((rival) =>
      bad(
        `other boot servers on ${name}`,
        `a second network-boot server (proxyDHCP) answers at ${rival.server}${whatIn(rival)}; PCs take whichever answer comes first.`,
        `switch that one off for this network, ${sticks}.`,
      ),
    ),
    ...claims.map(({ server }) =>
      bad(
        `other boot servers on ${name}`,
        `the DHCP server ${server} calls itself a network-boot server (option 60), so PCs ask it alone at port 4011.`,
        `take option 60 (PXEClient) out of its settings for this network, ${sticks}.`,
      ),
    ),
    ...withFile.map((server) =>
      bad(
        `other boot servers on ${name}`,
        `the DHCP server ${server.server} itself tells PCs what to boot${whatIn(server)}, and most firmware prefers that to our answer.`,
        `take boot server and boot file (options 66 and 67, next-server, filename) out of its settings for this network, ${sticks}.`,
      ),
    ),
  ];
}

function ownFinding(
  { name, ownAddresses }: BootEvidence,
  answers: readonly DhcpAnswer[],
): BootFinding {
  const check = `our answer on ${name}`;
  if (answers.some(({ server, isPxe }) => isPxe && ownAddresses.includes(server))) {
    return good(check, 'PCs that boot from the network hear this head.');
  }
  return bad(
    check,
    'network boot is on but its answer was not heard.',
    'let UDP ports 67 and 4011 through this machine’s firewall; `nightshift netboot status` says whether dnsmasq runs.',
  );
}

function transferFindings(evidence: BootEvidence): readonly BootFinding[] {
  const { name, address, tftp, httpFault, stuck } = evidence;
  const check = `TFTP on ${name}`;
  const findings: BootFinding[] = [];
  const open = `let UDP port 69 through this machine’s firewall and the switches between it and the PCs, ${sticks}.`;
  if (tftp === undefined) {
    findings.push(
      bad(check, `TFTP is blocked: no answer from ${address}, port 69, to a read request.`, open),
    );
  } else if (tftp?.kind === 'error') {
    findings.push(
      bad(
        check,
        `TFTP at ${address} answers "${tftp.words}" instead of the first stage.`,
        'switch network boot off and on again; if another TFTP server runs on this machine, stop it.',
      ),
    );
  } else if (stuck.length > 0) {
    const who = stuck.map(({ mac }) => mac).slice(0, 5);
    findings.push(
      bad(
        check,
        `${stuck.length === 1 ? '1 PC' : `${stuck.length} PCs`} heard our answer and never fetched the first stage (${who.join(', ')}${stuck.length > who.length ? ', …' : ''}): TFTP is blocked on its way, or its firmware ignores a proxy’s answer.`,
        open,
      ),
    );
  } else if (tftp?.kind === 'piece') {
    findings.push(good(check, `the first stage comes from ${address}.`));
  }
  if (httpFault !== null) findings.push(httpFinding(name, httpFault));
  return findings;
}

/** One finding a reason, with the PCs it concerns. */
function unansweredFindings({ name, unanswered = [] }: BootEvidence): readonly BootFinding[] {
  const reasons = [...new Set(unanswered.map(({ problem }) => problem ?? ''))];
  return reasons.map((reason) => {
    const who = unanswered.filter(({ problem }) => (problem ?? '') === reason);
    const macs = who.map(({ mac }) => mac).slice(0, 5);
    const more = who.length > macs.length ? ', …' : '';
    return bad(
      `questions on ${name}`,
      `${who.length === 1 ? '1 PC' : `${who.length} PCs`} asked and got no answer (${macs.join(', ')}${more}).`,
      reason,
    );
  });
}

function floppyFindings({ name, address, httpFault }: BootEvidence): readonly BootFinding[] {
  return [
    good(
      `network boot on ${name}`,
      `network boot is off on ${name} (${address}), so TFTP was not tried; boot floppies do not need it.`,
    ),
    httpFault === null
      ? good(`HTTP on ${name}`, 'boot floppies get what they fetch.')
      : httpFinding(name, httpFault),
  ];
}

const httpFinding = (name: string, fault: string): BootFinding =>
  bad(
    `HTTP on ${name}`,
    `kernel and image do not come by HTTP (${fault}).`,
    'let the boot port through this machine’s firewall; `nightshift netboot status` names it.',
  );

const whatIn = ({ bootFile, bootServer }: DhcpAnswer): string =>
  bootFile === null ? '' : ` (${bootFile}${bootServer === null ? '' : ` from ${bootServer}`})`;

const unique = (answers: readonly DhcpAnswer[]): readonly DhcpAnswer[] => [
  ...new Map(answers.map((answer) => [answer.server, answer])).values(),
];

const good = (check: string, found: string): BootFinding => ({
  check,
  ok: true,
  found,
  remedy: null,
});
const bad = (check: string, found: string, remedy: string): BootFinding => ({
  check,
  ok: false,
  found,
  remedy,
});
