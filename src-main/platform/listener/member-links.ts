import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import type { Refusal } from '../../../shared/base/result.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { MemberLinks, MemberLinksListener } from '../../../shared/ports/member-link.ts';
import {
  badReportIn,
  decodeToHead,
  encodeToMember,
  protocolVersion,
  unknownKindToHead,
  type UnknownKind,
} from '../../../shared/wire/codec.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';
import { linkClosings } from '../../../shared/wire/link-closings.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { Inbox } from './inbox.ts';
import { issuedAt, type Peer } from './peer.ts';
import { refuseUpgrade } from './router.ts';

/** Longest message of a member: a hello with a thousand packs, or a piece of a log. */
const longestMessage = 8 * 1024 * 1024;
/** Whoever links says hello at once; a slow PC may take a moment. */
const helloWithin = 30_000;

/**
 * Links over WebSocket. No compression, pings or TCP keep-alive: heartbeats and their answers are the only
 * traffic of an idle lab, and silence is judged by the membership decider.
 */
export class WebSocketMemberLinks implements MemberLinks {
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: longestMessage,
    clientTracking: false,
  });
  readonly #links = new Map<MemberId, WebSocket>();
  /** When the certificates of the links were made. */
  readonly #made = new WeakMap<WebSocket, number>();
  readonly #inbox = new Inbox();
  /** Of links that were told to wait, how many messages. */
  readonly #unheard = new WeakMap<WebSocket, number>();
  /** Those that we closed. */
  readonly #left = new WeakSet<WebSocket>();
  readonly #log: (line: string) => void;
  #listener: MemberLinksListener | undefined;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  listen(listener: MemberLinksListener): void {
    this.#listener = listener;
  }

  send(member: MemberId, message: ToMember): boolean {
    const link = this.#links.get(member);
    if (link === undefined || link.readyState !== link.OPEN) return false;
    link.send(encodeToMember(message));
    return true;
  }

  close(member: MemberId): void {
    const link = this.#links.get(member);
    if (link) this.#hangUp(link, linkClosings.done, 'closed by the head');
  }

  /** Handler of the upgrade requests on `memberLinkPath`. */
  readonly accept = (request: IncomingMessage, socket: Duplex, head: Buffer, peer: Peer): void => {
    if (peer.kind === 'nobody') {
      refuseUpgrade(
        socket,
        401,
        'Only a member with a certificate of this lab may link; enrol first.',
      );
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (link) => {
      const certificate = (request.socket as TLSSocket).getPeerX509Certificate();
      if (certificate) this.#made.set(link, issuedAt(certificate));
      this.#open(peer.id, link);
    });
  };

  /** When the certificate was made with which its open link came. */
  linkedSince(member: MemberId): number | undefined {
    const link = this.#links.get(member);
    return link?.readyState === WebSocket.OPEN ? this.#made.get(link) : undefined;
  }

  closeAll(): void {
    for (const link of this.#links.values()) link.terminate();
  }

  /** It takes the place of an open link only with a hello that is this member's: a certificate may be an old one. */
  #open(member: MemberId, link: WebSocket): void {
    const of: Link = { member, socket: link, greeted: false, passedOver: new Set() };
    let late: NodeJS.Timeout | undefined = setTimeout(() => link.terminate(), helloWithin);
    late.unref();
    // What is not waited for any more would stay in the memory as long as the link.
    const isHere = (): void => {
      clearTimeout(late);
      late = undefined;
    };
    link.on('message', (bytes: Buffer, isBinary) => {
      if (link.readyState !== link.OPEN) return;
      this.#inTurn(link, () => {
        this.#hear(of, isBinary ? '' : bytes.toString('utf8'));
        if (of.greeted) isHere();
      });
    });
    link.on('error', (error) => this.#log(`${member}: link broke, ${error.message}`));
    link.on('close', () => {
      isHere();
      this.#inbox.take(() => {
        if (this.#links.get(member) !== link) return;
        this.#links.delete(member);
        this.#listener?.onClosed(member);
      });
    });
  }

  /** Whoever has to wait is not read from meanwhile, so that it cannot fill the memory. */
  #inTurn(link: WebSocket, hear: () => void): void {
    if (this.#inbox.isFree) {
      this.#inbox.take(hear);
      return;
    }
    link.pause();
    this.#unheard.set(link, (this.#unheard.get(link) ?? 0) + 1);
    this.#inbox.take(() => {
      const left = (this.#unheard.get(link) ?? 1) - 1;
      this.#unheard.set(link, left);
      if (left === 0) link.resume();
      hear();
    });
  }

  #hear(of: Link, text: string): void {
    const { member, socket: link } = of;
    const isReplaced = of.greeted && this.#links.get(member) !== link;
    if (this.#left.has(link) || isReplaced) return;
    const fault = of.greeted ? undefined : helloFault(text);
    if (fault !== undefined) {
      this.#refuse(member, link, fault, 'protocol mismatch');
      return;
    }
    const message = decodeToHead(text);
    if (!message.ok) this.#notUnderstood(of, text, message.error);
    else if (of.greeted || this.#greet(of, message.value))
      this.#listener?.onMessage(member, message.value);
  }

  /** Whether its first message makes this the member's link. */
  #greet(of: Link, message: ToHead): boolean {
    const { member, socket: link } = of;
    if (message.t !== 'hello') return true;
    const reason = this.#listener?.refusalOf?.(member, message);
    if (reason !== undefined) {
      this.#refuse(member, link, reason, 'not this member');
      return false;
    }
    of.greeted = true;
    const former = this.#links.get(member);
    if (former) this.#hangUp(former, linkClosings.replaced, 'replaced by a newer link');
    this.#links.set(member, link);
    return true;
  }

  #notUnderstood(
    { greeted, member, socket: link, passedOver }: Link,
    text: string,
    why: Refusal,
  ): void {
    const unknown = greeted ? unknownKindToHead(text) : undefined;
    if (unknown) {
      this.#passOver(member, link, unknown, passedOver);
      return;
    }
    const bad = badReportIn(text);
    if (bad && greeted && this.#listener?.onBadReport) {
      this.#log(`${member}: a report was refused, ${refusalWords(why)}`);
      this.#listener.onBadReport(member, bad, refusalWords(why));
      return;
    }
    this.#log(`${member}: link closed, ${refusalWords(why)}`);
    this.#hangUp(link, linkClosings.notUnderstood, refusalWords(why).slice(0, 100));
  }

  /** Nothing that it still says is heard. */
  #hangUp(link: WebSocket, code: number, reason: string): void {
    this.#left.add(link);
    link.close(code, reason);
  }

  /** A later version than this head speaks, or somebody who makes up words: each kind is noted once, and only so many. */
  #passOver(member: MemberId, link: WebSocket, of: UnknownKind, known: Set<string>): void {
    if (of.isEssential) {
      const reason = `it says "${of.kind}", which this head does not know and must: update the head`;
      this.#log(`${member}: link closed, ${reason}`);
      this.#hangUp(link, linkClosings.notUnderstood, reason);
    } else if (known.size < mostKindsNoted && !known.has(of.kind)) {
      known.add(of.kind);
      this.#log(`${member}: "${of.kind}" is passed over, this head does not know it`);
    }
  }

  #refuse(member: MemberId, link: WebSocket, reason: string, why: string): void {
    this.#log(`${member}: ${reason}`);
    link.send(encodeToMember({ t: 'refused', reason }));
    this.#hangUp(link, linkClosings.refused, why);
  }
}

interface Link {
  readonly member: MemberId;
  readonly socket: WebSocket;
  /** Its hello was this member's. */
  greeted: boolean;
  /** Kinds of message that were noted. */
  readonly passedOver: Set<string>;
}

/** Of one link. */
const mostKindsNoted = 8;

/** Looks at the first message loosely, so that a member of any other version is told what is wrong. */
function helloFault(text: string): string | undefined {
  let first: unknown;
  try {
    first = JSON.parse(text);
  } catch {
    first = undefined;
  }
  const hello = first as { t?: unknown; protocol?: unknown } | null | undefined;
  if (typeof hello !== 'object' || hello?.t !== 'hello')
    return 'The first message was no hello; restart this PC.';
  if (hello.protocol === protocolVersion) return undefined;
  // Whatever it says there; turning an object that came over the network into text can throw.
  const theirs = typeof hello.protocol === 'number' ? `protocol ${hello.protocol}` : 'no protocol';
  return (
    `This PC's member system speaks ${theirs}, the head speaks ${protocolVersion}; ` +
    'make a new boot medium with this head.'
  );
}
