import type { Result } from '../../shared/base/result.ts';
import type { EpochMillis } from '../../shared/base/units.ts';
import type { MemberId } from '../../shared/domain/ids.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import type {
  Announcement,
  BootIdentity,
  EnrolRefusal,
  SeenReport,
} from '../../shared/wire/enrolment.ts';

/** A wired interface as the PC sees it. */
export interface NicSight {
  readonly name: string;
  /** Whether a cable with something alive at its other end is plugged in. */
  readonly link: boolean;
  /** IPv4. */
  readonly address: string | null;
}

export interface SeenHead {
  readonly announcement: Announcement;
  /** `host:port`, the host as its answer came from. */
  readonly address: string;
}

/** Discovery: asks by multicast on every interface. Each answer is told, also when it was told before. */
export interface HeadFinder {
  sights(): readonly NicSight[];
  listen(onHead: (head: SeenHead) => void): void;
  ask(): void;
  /** Listens no more until the next `ask`. */
  rest(): void;
}

export interface MemberCredentials {
  readonly member: MemberId;
  readonly name: string;
  /** PEM; the key was made in RAM and stays there. */
  readonly key: string;
  readonly certificate: string;
  readonly labCertificate: string;
  /** By the head's clock. */
  readonly expires: EpochMillis;
}

export interface Enrolled {
  readonly credentials: MemberCredentials;
  /** The head's, when it answered. */
  readonly wallClock: EpochMillis;
}

export type EnrolFailure =
  | { readonly why: 'unreachable'; readonly reason: string }
  /** Somebody is there, but not who was pinned; `lab` is what that head calls its lab. */
  | { readonly why: 'wrong-key'; readonly lab: string | null; readonly labId: string | null }
  | { readonly why: 'refused'; readonly refusal: EnrolRefusal }
  | { readonly why: 'no-token' }
  /** A person at the head has to let this PC in; it shows this code. */
  | { readonly why: 'waiting'; readonly code: string };

export interface LinkEvents {
  onOpen(): void;
  onText(text: string): void;
  /** Once, also when it never opened. */
  onClosed(closing: LinkClosing): void;
}

export type LinkClosing =
  | { readonly why: 'unreachable' | 'wrong-key' | 'certificate-refused'; readonly reason: string }
  /** It was open; `code` as in `linkClosings`, or one of WebSocket's own. */
  | { readonly why: 'closed'; readonly code: number; readonly reason: string };

export interface DialledLink {
  send(text: string): void;
  /** `onClosed` still comes. With a code (`linkClosings`) the head hears all that was sent, and then the code. */
  close(code?: number): void;
}

/** The head's enrolment listener and link, as a PC calls them. Every call answers within seconds; nothing throws. */
export interface HeadClient {
  /** `facts` gets this PC's address on the way to the head. */
  enrol(
    address: string,
    identity: BootIdentity,
    facts: (localAddress: string) => MemberFacts,
  ): Promise<Result<Enrolled, EnrolFailure>>;
  /** A new certificate on the strength of one that is still good. */
  renew(
    address: string,
    identity: BootIdentity,
    credentials: MemberCredentials,
  ): Promise<Result<Enrolled, EnrolFailure>>;
  /** Tells a head, be it ours or not, why this PC did not enrol. */
  tell(address: string, report: SeenReport): Promise<void>;
  link(
    address: string,
    identity: BootIdentity,
    credentials: MemberCredentials,
    events: LinkEvents,
  ): DialledLink;
}
