// Composition of everything PCs meet first: the lab's identity, the TLS port, enrolment, links, mDNS.
import { join } from 'node:path';
import { ok, refuse, type Result } from '../shared/base/result.ts';
import { hours } from '../shared/base/units.ts';
import type { MemberId } from '../shared/domain/ids.ts';
import type { Disposable } from '../shared/ports/clock.ts';
import type { MemberLinks } from '../shared/ports/member-link.ts';
import { memberLinkPath, protocolVersion } from '../shared/wire/codec.ts';
import type { BootIdentity } from '../shared/wire/enrolment.ts';
import { announcedName, Announcer, findOtherHead } from './platform/announcer.ts';
import { nodeDigests } from './platform/identity/digests.ts';
import { KnownPcFile } from './platform/identity/known-pc-file.ts';
import { LabIdentity, type KnownLab } from './platform/identity/lab-identity.ts';
import { noWitness, type FileWitness } from './platform/identity/sealed-file.ts';
import { TokenFile } from './platform/identity/token-file.ts';
import { addEnrolmentRoutes } from './platform/listener/enrolment-routes.ts';
import type { LabOfPeers } from './platform/listener/peer.ts';
import { Router, type RequestHandler, type UpgradeHandler } from './platform/listener/router.ts';
import { knockFor } from './platform/knock.ts';
import { isOwnAddress, labInterfaces, type LabInterface } from './platform/lab-interfaces.ts';
import { OtherHeads } from './platform/other-heads.ts';
import { TlsListener } from './platform/listener/tls-listener.ts';
import { WebSocketMemberLinks } from './platform/member-links.ts';
import {
  EnrolmentShell,
  type BootIdentityWish,
  type EnrolmentSurroundings,
} from './shells/enrolment-shell.ts';

export interface FrontDoorOptions extends Pick<
  EnrolmentSurroundings,
  'timings' | 'clock' | 'rng' | 'enrol' | 'seen' | 'letInBy'
> {
  /** `<NIGHTSHIFT_HOME>/identity`; made at first start. */
  readonly folder: string;
  /** The lab this home is known to belong to; null in a new one. */
  readonly known?: KnownLab | null;
  /** Of the files of this lab. */
  readonly witness?: (labId: string) => FileWitness;
  /** What a member's certificate is good for; everything, where nobody says otherwise. */
  readonly standingOf?: LabOfPeers['standingOf'];
  /** Name of the lab at first start; later the kept one holds. */
  readonly labName: string;
  /** 0: any free port. */
  readonly port: number;
  /** The interface that leads to a practice lab's switch: PCs are looked for there and nowhere else. */
  readonly practiceCable?: string | undefined;
  /** This head was killed a moment ago: do not keep its members waiting while looking for another one. */
  readonly isBack?: boolean;
  /** Another head of this lab was heard of, or is gone. */
  readonly onOtherHead?: () => void;
  readonly log: (line: string) => void;
}

export interface FrontDoor {
  readonly lab: { readonly id: string; readonly name: string };
  /** SHA-256 of the head's public key, hex. */
  readonly headKey: string;
  /** PEM; whoever connects to the head verifies it with this and the name `nightshift-head`. */
  readonly labCertificate: string;
  readonly links: MemberLinks;
  route(prefix: string, handler: RequestHandler): void;
  upgrade(path: string, handler: UpgradeHandler): void;
  /** From now on PCs come in. */
  open(): Promise<Result<{ readonly port: number }>>;
  issueBootIdentity(wish: BootIdentityWish): BootIdentity;
  readonly tokens: Pick<EnrolmentShell, 'tokens' | 'revokeToken' | 'limitToken'>;
  /** Ends all connections of a member. */
  hangUp(member: MemberId): void;
  /** What everybody may read, as in network boot: no token. */
  openBootIdentity(address: string | null): BootIdentity;
  /** PCs without a token that show a code, and what a person says to it. */
  readonly approvals: Pick<EnrolmentShell, 'waiting' | 'decide' | 'forget'>;
  /** `host:port` of another head that serves this very lab at this moment. */
  otherHead(): string | null;
  close(): Promise<void>;
}

export async function openFrontDoor(options: FrontDoorOptions): Promise<Result<FrontDoor>> {
  const { clock, rng, folder, log } = options;
  const opened = await LabIdentity.open(
    folder,
    options.labName,
    rng,
    clock.wall(),
    options.known ?? null,
  );
  if (!opened.ok) return opened;
  const identity = opened.value;
  const witness = options.witness?.(identity.lab.id) ?? noWitness;
  const tokens = TokenFile.open(join(folder, 'tokens.json'), witness);
  if (!tokens.ok) return tokens;
  const known = KnownPcFile.open(join(folder, 'known-pcs.json'), witness);
  if (!known.ok) return known;
  const desk = new EnrolmentShell({
    clock,
    rng,
    timings: options.timings,
    lab: identity.lab,
    headKeySha256: identity.headKeySha256,
    authority: identity,
    tokens: tokens.value,
    known: known.value,
    digests: nodeDigests,
    enrol: (facts, wantedName, by) => options.enrol(facts, wantedName, by),
    letInBy: (member) => options.letInBy?.(member) ?? null,
    log,
    seen: (report) => options.seen(report),
  });
  const links = new WebSocketMemberLinks(log);
  const router = new Router(log);
  addEnrolmentRoutes(router, desk);
  router.upgrade(memberLinkPath, links.accept);

  const tlsIdentity = async () => ({
    key: identity.headKey,
    certificate: await identity.headCertificate(clock.wall()),
    labCertificate: identity.labCertificate,
  });
  const listener = new TlsListener(await tlsIdentity(), router, {
    standingOf: (id) => options.standingOf?.(id) ?? 'present',
    linkedSince: (id) => links.linkedSince(id),
  });
  const knock = knockFor(identity.headKeySha256);
  const interfaces = (): readonly LabInterface[] => labInterfaces(options.practiceCable);
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

  return ok({
    lab: identity.lab,
    headKey: identity.headKeySha256,
    labCertificate: identity.labCertificate,
    links,
    route: (prefix, handler) => router.route(prefix, handler),
    upgrade: (path, handler) => router.upgrade(path, handler),
    issueBootIdentity: (wish) => desk.issueBootIdentity(wish),
    tokens: desk,
    hangUp: (member) => listener.hangUp(member),
    openBootIdentity: (address) => desk.openBootIdentity(address),
    approvals: desk,
    open: async () => {
      const other =
        options.isBack === true
          ? undefined
          : await findOtherHead(identity.lab.id, interfaces, clock, knock, (where) =>
              log(
                `${where} announces itself as a head of this lab and does not have its key; it is ignored`,
              ),
            );
      if (other !== undefined) {
        return refuse(
          'refused',
          `Another head of lab "${identity.lab.name}" answers at ${other}; stop that one first, since one lab has one head.`,
        );
      }
      const listening = await listener.listen(options.port);
      if (!listening.ok) return listening;
      const announcement = {
        lab: announcedName(identity.lab.name),
        id: identity.lab.id,
        key: identity.headKeySha256,
        v: String(protocolVersion),
      };
      const { port } = listening.value;
      const own = { id: identity.lab.id, port, isOwn: isOwnAddress, knock };
      others = new OtherHeads(own, clock, () => {
        log(`another head of this lab: ${others?.current() ?? 'gone'}`);
        options.onOtherHead?.();
      });
      announcer = new Announcer(clock, announcement, port, interfaces, others, log);
      announcer.start();
      renewDaily();
      return listening;
    },
    otherHead: () => others?.current() ?? null,
    close: async () => {
      renewal?.dispose();
      await announcer?.stop();
      links.closeAll();
      await listener.close();
    },
  });
}
