import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok, refuse } from '../../../shared/base/result.ts';
import { epochMillis, hours, type EpochMillis } from '../../../shared/base/units.ts';
import { memberId, type MemberId } from '../../../shared/domain/ids.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { memberLinkPath, protocolVersion } from '../../../shared/wire/codec.ts';
import type { BootIdentity, SeenReport } from '../../../shared/wire/enrolment.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import { nodeDigests } from '../../../src-main/platform/identity/digests.ts';
import { KnownPcFile } from '../../../src-main/platform/identity/known-pc-file.ts';
import { LabIdentity } from '../../../src-main/platform/identity/lab-identity.ts';
import { TokenFile } from '../../../src-main/platform/identity/token-file.ts';
import { addEnrolmentRoutes } from '../../../src-main/platform/listener/enrolment-routes.ts';
import { Router } from '../../../src-main/platform/listener/router.ts';
import { usualLimits } from '../../../src-main/platform/listener/connection-caps.ts';
import { SecuredSockets } from '../../../src-main/platform/listener/secured-sockets.ts';
import { TlsListener } from '../../../src-main/platform/listener/tls-listener.ts';
import { WebSocketMemberLinks } from '../../../src-main/platform/listener/member-links.ts';
import { systemClock, systemRng } from '../../../shared/node/system-clock.ts';
import { EnrolmentShell, type EnrolmentPorts } from '../../../src-main/shells/enrolment-shell.ts';
import { practiceTimings } from '../../../shared/domain/timings.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

/** The real enrolment listener of a lab on loopback, without multicast; greets members as a lab shell would. */
export class LoopbackHead {
  readonly folder: string;
  readonly seen: (SeenReport & { readonly code?: string })[] = [];
  readonly heard: (readonly [MemberId, ToHead])[] = [];
  readonly closed: MemberId[] = [];
  readonly logged: string[] = [];
  /** What a story says of members; whoever is not in it is present. */
  readonly standings = new Map<MemberId, 'away' | 'banned'>();
  /** Whose link the clock jumped over, and when the link's certificate was made. */
  readonly linked = new Map<MemberId, number>();
  /** Boots that are not the ones whose leases hold. */
  readonly otherBoots = new Set<string>();
  readonly letInBy = new Map<MemberId, string>();
  readonly enrolment: EnrolmentShell;
  readonly identity: LabIdentity;
  readonly links: WebSocketMemberLinks;
  readonly router: Router;
  port = 0;
  readonly #listener: TlsListener;
  readonly #secured = new SecuredSockets();

  private constructor(parts: {
    folder: string;
    identity: LabIdentity;
    certificate: string;
    wall: () => EpochMillis;
  }) {
    const { folder, identity, wall } = parts;
    this.folder = folder;
    this.identity = identity;
    const tokens = TokenFile.open(join(folder, 'tokens.json'));
    if (!tokens.ok) throw new Error(refusalWords(tokens.error));
    const known = KnownPcFile.open(join(folder, 'known-pcs.json'));
    if (!known.ok) throw new Error(refusalWords(known.error));
    const clock: Clock = { ...systemClock(), wall };
    const ports: EnrolmentPorts = {
      authority: identity,
      tokens: tokens.value,
      known: known.value,
      digests: nodeDigests,
      clock,
      rng: systemRng(),
      enrol: (facts, wanted, by) => {
        const member = memberId(wanted ?? facts.machineKey);
        if (this.standings.get(member) === 'banned')
          return refuse('refused', `${member} is banned.`);
        this.letInBy.set(member, by);
        return ok({ member, name: member });
      },
      letInBy: (member) => this.letInBy.get(member) ?? null,
      seen: (report) => this.seen.push(report),
    };
    const { lab, headKeySha256 } = identity;
    this.enrolment = new EnrolmentShell(ports, { lab, headKeySha256, timings: 'practice' });
    const log = (line: string): void => void this.logged.push(line);
    this.router = new Router(log);
    this.links = new WebSocketMemberLinks(log);
    addEnrolmentRoutes(this.router, this.enrolment);
    this.router.upgrade(memberLinkPath, this.links.accept);
    this.links.listen({
      refusalOf: (member, { facts }) =>
        this.otherBoots.has(facts.boot ?? '') ? `another PC is ${member} in this lab` : undefined,
      onMessage: (member, message) => {
        this.heard.push([member, message]);
        if (message.t === 'hello') {
          const { name } = identity.lab;
          this.links.send(member, {
            t: 'welcome',
            member,
            name: member,
            seat: null,
            lab: name,
            wallClock: clock.wall(),
            timings: practiceTimings,
          });
        }
        if (message.t === 'beat') this.links.send(member, { t: 'lease', n: message.n });
      },
      onClosed: (member) => this.closed.push(member),
    });
    this.#listener = new TlsListener(
      {
        key: identity.headKey,
        certificate: parts.certificate,
        labCertificate: identity.labCertificate,
      },
      this.router,
      {
        standingOf: (id) => this.standings.get(id) ?? 'present',
        linkedSince: (id) => this.linked.get(id) ?? this.links.linkedSince(id),
      },
      usualLimits,
      this.#secured,
    );
  }

  hangUp(member: MemberId): void {
    this.#secured.hangUp(member);
  }

  /** `folder`: of a head that was closed, to start it again. `wall`: the clock its enrolment goes by. */
  static async start(
    lab: string,
    change: { folder?: string; port?: number; wall?: () => EpochMillis } = {},
  ): Promise<LoopbackHead> {
    const folder = change.folder ?? mkdtempSync(join(tmpdir(), 'nightshift-head-'));
    const wall = change.wall ?? (() => epochMillis(Date.now()));
    const identity = await LabIdentity.open(folder, lab, systemRng(), wall());
    if (!identity.ok) throw new Error(refusalWords(identity.error));
    const certificate = await identity.value.headCertificate(wall());
    const head = new LoopbackHead({
      folder,
      identity: identity.value,
      certificate,
      wall,
    });
    const listening = await head.#listener.listen(change.port ?? 0);
    if (!listening.ok) throw new Error(refusalWords(listening.error));
    head.port = listening.value.port;
    return head;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  bootIdentity(change: { single?: boolean; name?: string; validFor?: number } = {}): BootIdentity {
    return this.enrolment.issueBootIdentity({
      validFor: (change.validFor ?? hours(12)) as ReturnType<typeof hours>,
      single: change.single ?? false,
      name: change.name ?? null,
      address: this.address,
    });
  }

  /** As kill −9 would: nobody is told. */
  async stop(): Promise<void> {
    this.links.closeAll();
    await this.#listener.close();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const hello = (facts: Extract<ToHead, { t: 'hello' }>['facts']): ToHead => ({
  t: 'hello',
  protocol: protocolVersion,
  facts,
  attempts: [],
});
