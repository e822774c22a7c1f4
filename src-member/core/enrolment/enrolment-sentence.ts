import { seconds, type MonotonicMillis } from '../../../shared/base/units.ts';
import type { EnrolmentState, OtherHead, Trouble } from './enrolment-state.ts';

/** Before that a missing answer means nothing. */
export const patience = seconds(5);

/** What the PC's own screen says: what it is doing, or why it gets no further and what to do about it. */
export function enrolmentSentence(state: EnrolmentState, now: MonotonicMillis): string {
  const { lab } = state.identity;
  const { phase } = state;
  if (phase.at === 'linked') return `Part of lab "${lab}".`;
  const obstacle = obstacleSentence(state, now);
  if (obstacle !== undefined) return obstacle;
  if (phase.at === 'enrolling') return `Enrolling at the head of lab "${lab}" (${phase.address}).`;
  if (phase.at === 'linking') return `Connecting to the head of lab "${lab}" (${phase.address}).`;
  return `Looking for the head of lab "${lab}".`;
}

function obstacleSentence(state: EnrolmentState, now: MonotonicMillis): string | undefined {
  const { nics, trouble, otherHeads, identity } = state;
  if (nics.length === 0) {
    return 'No network card was found; use a PC with a wired network card that the member system knows.';
  }
  if (!nics.some(({ link }) => link)) {
    return `No link: plug the network cable in, or check the switch port (${names(nics)}).`;
  }
  if (!nics.some(({ address }) => address !== null)) {
    if (now - state.seekingSince < patience) return undefined;
    return `No address: no DHCP server answers on ${names(nics.filter(({ link }) => link))}; check the network's DHCP server.`;
  }
  // A refusal by the head itself says more than anything seen from outside.
  if (trouble && tells(trouble)) return troubleSentence(trouble, identity.lab);
  if (state.addresses.length === 0 && now - state.seekingSince >= patience) {
    const [found] = otherHeads;
    if (found) return otherHeadSentence(found[0], found[1], identity.lab);
    if (trouble) {
      return (
        `Nobody answers as head of lab "${identity.lab}", neither by multicast nor at ${trouble.address}; ` +
        'is the head running and in this network?'
      );
    }
    return (
      `Nobody answers by multicast as head of lab "${identity.lab}"; is the head running and in this network? ` +
      'Where multicast is blocked, make a boot medium with a fixed address.'
    );
  }
  return trouble ? troubleSentence(trouble, identity.lab) : undefined;
}

export function otherHeadSentence(address: string, head: OtherHead, lab: string): string {
  return head.impostor
    ? `A machine at ${address} calls itself the head of lab "${lab}" but its key is another one, so this PC does not ` +
        'join it; if the head was set up anew, make a new boot medium with it.'
    : `Found the head of lab "${head.lab}" at ${address}; this boot medium belongs to lab "${lab}". ` +
        'Use a boot medium of that lab, or start the head of this one.';
}

function troubleSentence({ address, cause }: Trouble, lab: string): string {
  switch (cause.why) {
    case 'refused':
      return `The head at ${address} refuses this PC. ${cause.refusal.sentence}`;
    case 'waiting':
      return `This PC waits to be let into lab "${lab}". Its code is ${cause.code}: type it at the head (nightshift approve ${cause.code}).`;
    case 'no-token':
      return 'This boot medium carries no token; make a new boot medium.';
    case 'wrong-key':
      return 'lab' in cause && cause.lab !== null && cause.lab !== lab
        ? `Found the head of lab "${cause.lab}" at ${address}; this boot medium belongs to lab "${lab}".`
        : `The machine at ${address} does not have the key of the head of lab "${lab}", so this PC does not join it; ` +
            'if the head was set up anew, make a new boot medium with it.';
    case 'unreachable':
      return `The head of lab "${lab}" does not answer at ${address} (${cause.reason}); is it running, does a firewall close its port?`;
    case 'certificate-refused':
      return `The head at ${address} no longer accepts this PC's certificate; enrolling anew.`;
    case 'closed':
      return `The link to the head at ${address} is down (${cause.reason}); connecting again.`;
  }
}

const tells = ({ cause }: Trouble): boolean =>
  cause.why === 'refused' ||
  cause.why === 'waiting' ||
  cause.why === 'no-token' ||
  cause.why === 'wrong-key';

const names = (nics: readonly { readonly name: string }[]): string =>
  nics.map(({ name }) => name).join(', ');
