// Everything PCs meet first: the TLS port, enrolment, links, mDNS.
import { refuse } from '../../shared/base/result.ts';
import { hours } from '../../shared/base/units.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { memberLinkPath, protocolVersion } from '../../shared/wire/codec.ts';
import type { BootIdentity } from '../../shared/wire/enrolment.ts';
import { announcedName, Announcer, findOtherHead } from '../platform/discovery/announcer.ts';
import { nodeDigests } from '../platform/identity/digests.ts';
import { usualLimits } from '../platform/listener/connection-caps.ts';
import { addEnrolmentRoutes } from '../platform/listener/enrolment-routes.ts';
import type { LabOfPeers } from '../platform/listener/peer.ts';
import { Router } from '../platform/listener/router.ts';
import { knockFor } from '../platform/discovery/knock.ts';
import {
  isOwnAddress,
  labInterfaces,
  type LabInterface,
} from '../platform/discovery/lab-interfaces.ts';
import { OtherHeads } from '../platform/discovery/other-heads.ts';
import { SecuredSockets } from '../platform/listener/secured-sockets.ts';
import { TlsListener } from '../platform/listener/tls-listener.ts';
import { WebSocketMemberLinks } from '../platform/listener/member-links.ts';
import {
  EnrolmentShell,
  type BootIdentityWish,
  type EnrolmentPorts,
  type EnrolmentSettings,
} from '../shells/enrolment-shell.ts';
import type { Feature, Routes } from './feature.ts';
import type { Whereabouts } from './whereabouts.ts';
import type { OpenIdentity } from './identity.ts';

/** What carries members' links, made before the lab that hears them and the port they come in by. */
export interface MemberLines {
  readonly links: WebSocketMemberLinks;
  readonly sockets: SecuredSockets;
}

export const openMemberLines = (log: (line: string) => void): MemberLines => ({
  links: new WebSocketMemberLinks(log),
  sockets: new SecuredSockets(),
});

/** The lab behind the port: who may come in, and as whom. */
export interface LabOfEnrolment extends Pick<EnrolmentPorts, 'enrol' | 'seen' | 'letInBy'> {
  /** What a member's certificate is good for; everything, where nobody says otherwise. */
  readonly standingOf?: LabOfPeers['standingOf'];
  /** Another head of this lab was heard of, or is gone. */
  readonly surroundingsChanged?: () => void;
}

export interface EnrolmentParts {
  readonly identity: OpenIdentity;
  readonly lines: MemberLines;
  readonly lab: LabOfEnrolment;
  readonly timings: EnrolmentSettings['timings'];
  readonly head: Whereabouts;
  /** The interface that leads to a practice lab's switch: PCs are looked for there and nowhere else. */
  readonly practiceCable?: string | undefined;
  /** This head was killed a moment ago: do not keep its members waiting while looking for another one. */
  readonly isBack?: boolean;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: (line: string) => void;
}

/** Where PCs come in, and what lets them in. */
export interface Enrolment extends Routes {
  /** SHA-256 of the head's public key, hex. */
  readonly headKey: string;
  /** PEM; whoever connects to the head verifies it with this and the name `nightshift-head`. */
  readonly labCertificate: string;
  issueBootIdentity(wish: BootIdentityWish): BootIdentity;
  readonly tokens: Pick<EnrolmentShell, 'tokens' | 'revokeToken' | 'limitToken'>;
  /** What everybody may read, as in network boot: no token. */
  openBootIdentity(address: string | null): BootIdentity;
  /** PCs without a token that show a code, and what a person says to it. */
  readonly approvals: Pick<EnrolmentShell, 'waiting' | 'decide' | 'forget'>;
}

export async function openEnrolment(
  parts: EnrolmentParts,
): Promise<Required<Omit<Feature<Enrolment>, 'start'>>> {
  const { clock, rng, log, lab, head } = parts;
  const { identity, tokens, known } = parts.identity;
  const { links, sockets } = parts.lines;
  const { lab: named, headKeySha256 } = identity;
  const ports: EnrolmentPorts = {
    clock,
    rng,
    authority: identity,
    tokens,
    known,
    digests: nodeDigests,
    enrol: (facts, wantedName, by) => lab.enrol(facts, wantedName, by),
    letInBy: (member) => lab.letInBy?.(member) ?? null,
    log,
    seen: (report) => lab.seen(report),
  };
  const shell = new EnrolmentShell(ports, { timings: parts.timings, lab: named, headKeySha256 });
  const router = new Router(log);
  addEnrolmentRoutes(router, shell);
  router.upgrade(memberLinkPath, links.accept);

  const tlsIdentity = async () => ({
    key: identity.headKey,
    certificate: await identity.headCertificate(clock.wall()),
    labCertificate: identity.labCertificate,
  });
  const peers: LabOfPeers = {
    standingOf: (id) => lab.standingOf?.(id) ?? 'present',
    linkedSince: (id) => links.linkedSince(id),
  };
  const listener = new TlsListener(await tlsIdentity(), router, peers, usualLimits, sockets);
  const knock = knockFor(identity.headKeySha256);
  const interfaces = (): readonly LabInterface[] => labInterfaces(parts.practiceCable);
  let announcer: Announcer | undefined;
  let others: OtherHeads | undefined;
  let renewal: Disposable | undefined;
  const renewDaily = (): void => {
    renewal = clock.after('renew the head certificate', hours(24), () => {
      void tlsIdentity()
        .then((fresh) => listener.present(fresh))
        .catch((error: unknown) => log(`the head's certificate was not renewed: ${String(error)}`));
      renewDaily();
    });
  };
  const onLiar = (where: string): void =>
    log(`${where} announces itself as a head of this lab and does not have its key; it is ignored`);

  return {
    service: {
      headKey: identity.headKeySha256,
      labCertificate: identity.labCertificate,
      route: (prefix, handler) => router.route(prefix, handler),
      upgrade: (path, handler) => router.upgrade(path, handler),
      issueBootIdentity: (wish) => shell.issueBootIdentity(wish),
      tokens: shell,
      openBootIdentity: (address) => shell.openBootIdentity(address),
      approvals: shell,
    },
    listen: async () => {
      const other =
        parts.isBack === true
          ? undefined
          : await findOtherHead(identity.lab.id, interfaces, clock, knock, onLiar);
      if (other !== undefined) {
        return refuse(
          'refused',
          `Another head of lab "${identity.lab.name}" answers at ${other}; stop that one first, since one lab has one head.`,
        );
      }
      const listening = await listener.listen(head.port());
      if (!listening.ok) return listening;
      const { port } = listening.value;
      head.listensAt(port);
      const announcement = {
        lab: announcedName(identity.lab.name),
        id: identity.lab.id,
        key: identity.headKeySha256,
        v: String(protocolVersion),
      };
      const own = { id: identity.lab.id, port, isOwn: isOwnAddress, knock };
      others = new OtherHeads(own, clock, () => {
        const where = others?.current() ?? null;
        head.heardOf(where);
        log(`another head of this lab: ${where ?? 'gone'}`);
        lab.surroundingsChanged?.();
      });
      announcer = new Announcer(clock, announcement, port, interfaces, others, log);
      announcer.start();
      renewDaily();
      return listening;
    },
    close: async () => {
      renewal?.dispose();
      await announcer?.stop();
      links.closeAll();
      await listener.close();
    },
  };
}
