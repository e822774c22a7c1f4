import type { AttemptKey } from '../domain/attempt-key.ts';
import type { MemberId } from '../domain/ids.ts';
import type { ToHead } from '../wire/to-head.ts';
import type { ToMember } from '../wire/to-member.ts';

export type Hello = Extract<ToHead, { readonly t: 'hello' }>;

/** The head's ends of all links. Messages of one link arrive in order; a message may be lost with its link. */
export interface MemberLinks {
  /** False when there is no link: the message is gone, the member's next hello settles it. */
  send(member: MemberId, message: ToMember): boolean;
  /** Closes the link, if any. */
  close(member: MemberId): void;
  listen(listener: MemberLinksListener): void;
}

export interface MemberLinksListener {
  /**
   * Asked of each hello before its link counts: why it may not be this member's, if so. It is told so and closed, and a
   * link that is open goes on.
   */
  refusalOf?(member: MemberId, hello: Hello): string | undefined;
  /** A newer link of the same member replaces the older, which is closed without `onClosed`. */
  onMessage(member: MemberId, message: ToHead): void;
  /** The end of an attempt was told in a way that is not understood; the link goes on. */
  onBadReport?(member: MemberId, of: AttemptKey, reason: string): void;
  onClosed(member: MemberId): void;
}

/** The member's end: one link at a time, with its own reconnecting. */
export interface HeadLink {
  send(message: ToHead): void;
  listen(listener: {
    onOpen(): void;
    onMessage(message: ToMember): void;
    onClosed(reason: string): void;
  }): void;
  close(): void;
}
