import { assertNever } from '../../shared/base/assert-never.ts';
import { epochMillis, millis, monotonicMillis, type EpochMillis } from '../../shared/base/units.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import { nightTimings, practiceTimings, type LabTimings } from '../../shared/domain/timings.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type {
  DialledLink,
  Enrolled,
  EnrolFailure,
  HeadClient,
  HeadFinder,
  LinkClosing,
  MemberCredentials,
} from '../ports/head-client.ts';
import type { HeadLink } from '../../shared/ports/member-link.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { decodeToMember, encodeToHead, unknownKindToMember } from '../../shared/wire/codec.ts';
import type { BootIdentity } from '../../shared/wire/enrolment.ts';
import { linkClosings } from '../../shared/wire/link-closings.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { onEnrolmentInput } from '../core/enrolment/enrolment.ts';
import {
  beginEnrolment,
  type EnrolmentDirective,
  type EnrolmentInput,
  type EnrolmentState,
} from '../core/enrolment/enrolment-state.ts';

export interface EnrolmentShellPorts {
  readonly identity: BootIdentity;
  readonly finder: HeadFinder;
  readonly client: HeadClient;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly facts: (localAddress: string) => MemberFacts;
  readonly onScreen: (sentence: string) => void;
  readonly onCredentials: (credentials: MemberCredentials) => void;
  readonly onWallClock: (head: EpochMillis) => void;
  /** `host:port` of the head whose link is up. */
  readonly onHead: (address: string) => void;
  readonly log: (line: string) => void;
}

type LinkListener = Parameters<HeadLink['listen']>[0];

/** Finds the head, enrols, and is the one link to it that the rest of the member agent sees. */
export class EnrolmentShell implements HeadLink {
  readonly #ports: EnrolmentShellPorts;
  readonly #timings: LabTimings;
  #state: EnrolmentState;
  #listener: LinkListener | undefined;
  #credentials: MemberCredentials | undefined;
  #link: DialledLink | undefined;
  #open = false;
  /** Kinds of messages that were passed over. */
  readonly #passedOver = new Set<string>();
  #closed = false;
  #shown = '';
  #wake: Disposable | undefined;
  #silence: Disposable | undefined;

  constructor(ports: EnrolmentShellPorts) {
    this.#ports = ports;
    this.#timings = ports.identity.timings === 'practice' ? practiceTimings : nightTimings;
    this.#state = beginEnrolment(ports.identity, ports.clock.now());
  }

  listen(listener: LinkListener): void {
    const { finder } = this.#ports;
    this.#listener = listener;
    finder.listen((head) => this.#feed({ t: 'seen', head }));
    this.#tick();
  }

  send(message: ToHead): void {
    if (!this.#open || this.#link === undefined) return;
    this.#link.send(encodeToHead(message));
    this.#silence ??= this.#ports.clock.after(
      'answer of the head',
      this.#timings.suspectAfter,
      () => this.#dropLink('the head does not answer'),
    );
  }

  close(): void {
    this.#closed = true;
    this.#wake?.dispose();
    this.#silence?.dispose();
    this.#ports.finder.rest();
    this.#link?.close();
  }

  #tick(): void {
    this.#feed({ t: 'tick', nics: this.#ports.finder.sights() });
  }

  #feed(input: EnrolmentInput): void {
    if (this.#closed) return;
    const { clock, rng } = this.#ports;
    const [state, directives] = onEnrolmentInput(this.#state, input, clock.now(), rng.next());
    this.#state = state;
    for (const directive of directives) this.#perform(directive);
  }

  #perform(directive: EnrolmentDirective): void {
    const { identity, finder, client, clock, facts } = this.#ports;
    switch (directive.d) {
      case 'ask':
        finder.ask();
        return;
      case 'rest':
        finder.rest();
        return;
      case 'enrol':
        void client
          .enrol(directive.address, identity, facts)
          .then((answer) =>
            answer.ok ? this.#onEnrolled(answer.value) : this.#feed(failed(answer.error)),
          );
        return;
      case 'renew':
        this.#renew(directive.address);
        return;
      case 'link':
        this.#dial(directive.address);
        return;
      case 'tell':
        void client.tell(directive.address, {
          machineKey: facts('').machineKey,
          address: this.#state.nics.find(({ address }) => address !== null)?.address ?? '',
          name: identity.name,
          reason: directive.reason.slice(0, 500),
        });
        return;
      case 'screen':
        if (directive.sentence === this.#shown) return;
        this.#shown = directive.sentence;
        this.#ports.onScreen(directive.sentence);
        return;
      case 'wake':
        this.#wake?.dispose();
        this.#wake = clock.after('enrolment', millis(Math.max(0, directive.at - clock.now())), () =>
          this.#tick(),
        );
        return;
      default:
        assertNever(directive, 'directive');
    }
  }

  #onEnrolled({ credentials, wallClock }: Enrolled): void {
    if (this.#closed) return;
    const { clock, onCredentials, onWallClock } = this.#ports;
    this.#credentials = credentials;
    onWallClock(wallClock);
    onCredentials(credentials);
    const until = monotonicMillis(clock.now() + (credentials.expires - wallClock));
    this.#feed({ t: 'enrolled', until });
  }

  #renew(address: string): void {
    const { client, identity, log } = this.#ports;
    if (this.#credentials === undefined) return;
    void client.renew(address, identity, this.#credentials).then((answer) => {
      if (answer.ok) {
        this.#onEnrolled(answer.value);
        return;
      }
      log(`the certificate was not renewed: ${answer.error.why}`);
      this.#feed({ t: 'renew-failed' });
    });
  }

  #dial(address: string): void {
    const { client, identity, onHead, log } = this.#ports;
    if (this.#credentials === undefined) {
      this.#feed({
        t: 'link-closed',
        closing: { why: 'certificate-refused', reason: 'there is none' },
      });
      return;
    }
    const link = client.link(address, identity, this.#credentials, {
      onOpen: () => {
        if (this.#link !== link || this.#closed) return;
        this.#open = true;
        onHead(address);
        this.#feed({ t: 'link-open' });
        this.#listener?.onOpen();
      },
      onText: (text) => {
        if (this.#link === link) this.#onText(text);
      },
      onClosed: (closing) => {
        if (this.#link === link) this.#onLinkClosed(closing);
      },
    });
    this.#link = link;
    log(`dialling ${address}`);
  }

  #onText(text: string): void {
    this.#silence?.dispose();
    this.#silence = undefined;
    const message = decodeToMember(text);
    const unknown = message.ok ? undefined : unknownKindToMember(text);
    if (unknown && !unknown.isEssential) {
      if (!this.#passedOver.has(unknown.kind) && this.#passedOver.size < mostKindsNoted) {
        this.#passedOver.add(unknown.kind);
        this.#ports.log(`"${unknown.kind}" is passed over, this member system does not know it`);
      }
      return;
    }
    if (unknown) {
      const reason = `the head says "${unknown.kind}", which this member system does not know and must; make a new boot medium`;
      this.#ports.log(reason);
      this.send({ t: 'cannot-follow', kind: unknown.kind });
      this.#dropLink(reason, 'said');
      return;
    }
    if (!message.ok) {
      this.#ports.log(
        `the head sent what this agent does not understand: ${refusalWords(message.error)}`,
      );
      this.#dropLink('the head sent what this agent does not understand');
      return;
    }
    if (message.value.t === 'welcome')
      this.#ports.onWallClock(epochMillis(message.value.wallClock));
    this.#listener?.onMessage(message.value);
  }

  /**
   * Without waiting for TCP, which takes minutes to see that nobody is there; `said`: the head is there, and what was said to
   * it last still goes out.
   */
  #dropLink(reason: string, how: 'at once' | 'said' = 'at once'): void {
    const link = this.#link;
    const { notUnderstood } = linkClosings;
    this.#onLinkClosed({ why: 'closed', code: notUnderstood, reason });
    link?.close(how === 'said' ? notUnderstood : undefined);
  }

  #onLinkClosed(closing: LinkClosing): void {
    const wasOpen = this.#open;
    this.#link = undefined;
    this.#open = false;
    this.#silence?.dispose();
    this.#silence = undefined;
    this.#ports.log(`link closed: ${closing.reason}`);
    if (wasOpen) this.#listener?.onClosed(closing.reason);
    this.#feed({ t: 'link-closed', closing });
  }
}

/** Since this agent began. */
const mostKindsNoted = 32;

const failed = (failure: EnrolFailure): EnrolmentInput => ({ t: 'enrol-failed', failure });
