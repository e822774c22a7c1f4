// Composition of a PC's way into its lab: discovery, enrolment, the link to the head, and TLS for the rest.
import type { Agent } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { EpochMillis } from '../shared/base/units.ts';
import type { MemberId } from '../shared/domain/ids.ts';
import type { MemberFacts } from '../shared/domain/member.ts';
import type { Clock, Disposable } from '../shared/ports/clock.ts';
import type { MemberCredentials } from './ports/head-client.ts';
import type { HeadLink } from '../shared/ports/member-link.ts';
import type { Rng } from '../shared/ports/rng.ts';
import type { BootIdentity } from '../shared/wire/enrolment.ts';
import { MulticastHeadFinder } from './platform/head/discovery.ts';
import { enroller } from './platform/head/ask-to-enrol.ts';
import { renewAt, tellHead } from './platform/head/enrol.ts';
import { hardwareMark } from './platform/pc/hardware-mark.ts';
import { dialHead } from './platform/head/head-link.ts';
import { headAgent, memberAt, peerAgent } from './platform/head/member-peers.ts';
import { EnrolmentShell } from './shells/enrolment-shell.ts';

export interface LabConnectionOptions {
  readonly identity: BootIdentity;
  readonly clock: Clock;
  readonly rng: Rng;
  /** `localAddress`: this PC's address on its way to the head; empty while it is unknown. */
  facts(localAddress: string): MemberFacts;
  /** What the PC's screen says while it is not part of its lab. */
  onScreen(sentence: string): void;
  onLog?(line: string): void;
  /** The head's wall clock, as just heard. */
  onWallClock?(head: EpochMillis): void;
}

export interface LabConnection {
  /** Begins at `listen`; finds, enrols, reconnects and renews by itself. `onOpen`: send the hello. */
  readonly link: HeadLink;
  /** Undefined before the first enrolment. */
  credentials(): MemberCredentials | undefined;
  /** After each enrolment and renewal; at once when there are credentials already. */
  onCredentials(listener: (credentials: MemberCredentials) => void): Disposable;
  /** `https://host:port` of the head linked last. */
  headUrl(): string | undefined;
  /** For requests to the head: pinned, with this member's certificate. */
  readonly headAgent: Agent;
  /** For requests to members of this lab. */
  readonly peerAgent: Agent;
  /** Who has connected to a listener of ours that asks for certificates and rejects none. */
  peerOf(socket: TLSSocket): MemberId | undefined;
  /** This PC's address on its way to the head; empty before the first contact. */
  localAddress(): string;
  /** Milliseconds to add to this PC's wall clock to have the head's. */
  wallOffset(): number;
  close(): void;
}

export function connectToLab(options: LabConnectionOptions): LabConnection {
  const { identity, clock, rng } = options;
  const log = (line: string): void => options.onLog?.(line);
  const listeners = new Set<(credentials: MemberCredentials) => void>();
  let credentials: MemberCredentials | undefined;
  let headAddress: string | undefined;
  let localAddress = '';
  let wallOffset = 0;

  const link = new EnrolmentShell({
    identity,
    clock,
    rng,
    log,
    finder: new MulticastHeadFinder(log),
    client: { enrol: enroller(hardwareMark), renew: renewAt, tell: tellHead, link: dialHead },
    facts: (address) => {
      if (address !== '') localAddress = address;
      return options.facts(localAddress);
    },
    onScreen: (sentence) => options.onScreen(sentence),
    onCredentials: (fresh) => {
      credentials = fresh;
      for (const listener of listeners) listener(fresh);
    },
    onWallClock: (head) => {
      // The caller may set this PC's clock, so the offset is taken afterwards.
      options.onWallClock?.(head);
      wallOffset = head - clock.wall();
    },
    onHead: (address) => {
      headAddress = address;
    },
  });
  const ownCredentials = (): MemberCredentials | undefined => credentials;
  const headWall = (): number => clock.wall() + wallOffset;
  const toHead = headAgent(identity.headKey, ownCredentials);
  const toPeers = peerAgent(ownCredentials, headWall);

  return {
    link,
    credentials: ownCredentials,
    onCredentials: (listener) => {
      listeners.add(listener);
      if (credentials) listener(credentials);
      return { dispose: () => listeners.delete(listener) };
    },
    headUrl: () => (headAddress === undefined ? undefined : `https://${headAddress}`),
    headAgent: toHead,
    peerAgent: toPeers,
    peerOf: (socket) => credentials && memberAt(socket, credentials.labCertificate, headWall()),
    localAddress: () => localAddress,
    wallOffset: () => wallOffset,
    close: () => {
      link.close();
      toHead.destroy();
      toPeers.destroy();
    },
  };
}
