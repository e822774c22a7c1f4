// Network boot, waking and approvals as the API offers them: the shells with this machine's dnsmasq, sockets and images.
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import type { DecidedPcView, WaitingPcView } from '../../shared/api/netboot-views.ts';
import { parseMacAddress } from '../../shared/domain/mac-address.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import type { ApprovalService, NetbootService } from '../api/head-services.ts';
import { identityPart, type BootImages } from './boot-images.ts';
import type { WaitingPc } from '../core/identity/approval-book.ts';
import { cardsOf } from '../core/netboot/who-boots.ts';
import type { Enrolment } from './enrolment.ts';
import type { Feature } from './feature.ts';
import type { HeadHome } from '../platform/home/head-home.ts';
import { sortInterfaces, type LabInterface } from '../platform/discovery/lab-interfaces.ts';
import { PlainBootServer } from '../platform/netboot/boot-http.ts';
import { DnsmasqServer } from '../platform/netboot/dnsmasq-server.ts';
import { netbootSettingsFile } from '../platform/netboot/netboot-settings-file.ts';
import { openProbes } from '../platform/netboot/probes.ts';
import { withNetmasks } from '../platform/netboot/wired-interfaces.ts';
import { buildBootLoaders } from '../platform/system-builder/boot-loaders.ts';
import type { LabShell } from '../shells/lab-shell.ts';
import { NetbootShell } from '../shells/netboot-shell.ts';
import { wakePcs } from '../shells/wake-shell.ts';

export interface NetbootParts {
  readonly lab: LabShell;
  readonly labName: string;
  readonly enrolment: Enrolment;
  readonly home: HeadHome;
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly images: BootImages;
  /** Packs that members may ask for. */
  readonly packs: readonly string[];
  /** The TLS port. */
  readonly port: () => number;
  readonly interfaces: () => readonly LabInterface[];
  readonly log: (line: string) => void;
}

export interface OpenNetboot extends NetbootService {
  readonly approvals: ApprovalService;
  readonly serveFloppies: NetbootShell['serveFloppies'];
}

/** Boot files' port, counted from the TLS port: after the browser's and the members' own. */
const bootPortAfter = 3;

export function openNetboot(parts: NetbootParts): Feature<OpenNetboot> {
  const { lab, enrolment, home, cacheDir, clock, images, log } = parts;
  const interfaces = () => withNetmasks(parts.interfaces());
  const leftOut = () => {
    const taken = interfaces();
    const { leftOut: others } = sortInterfaces();
    const unusable = parts
      .interfaces()
      .filter(({ address }) => !taken.some((one) => one.address === address));
    return [...unusable, ...others];
  };
  const probes = openProbes(log);
  const shell = new NetbootShell(
    {
      clock,
      log,
      interfaces,
      leftOut,
      proxy: new DnsmasqServer(home.netboot, log),
      server: new PlainBootServer(() => parts.port() + bootPortAfter),
      probes,
      rng: parts.rng,
      settings: netbootSettingsFile(home.netboot, log),
      loaders: async () => {
        const built = await buildBootLoaders({
          cacheDir,
          onProgress: ({ step, line }) => log(`${step}: ${line}`),
        });
        if (!built.ok) return built;
        const { networkIpxe, shim, networkGrub } = built.value;
        return ok({ bios: networkIpxe, uefi: shim, uefiSecond: networkGrub });
      },
      material: async () => {
        const image = await images.current();
        if (!image.ok) return image;
        // Network boot stays on for weeks: another image may be made or chosen, and this one dropped.
        const inUse = () => images.kept() ?? image.value;
        return ok({
          get kernel() {
            return inUse().kernel;
          },
          get image() {
            return inUse().parts;
          },
          identity: (address) =>
            identityPart({
              ...enrolment.openBootIdentity(`${address}:${parts.port()}`),
              packs: [...parts.packs],
            }),
        });
      },
      pcs: () => {
        const all = lab.pcs('all');
        return all.ok ? all.value : [];
      },
      minuteOfDay: (at) => {
        const local = new Date(at);
        return local.getHours() * 60 + local.getMinutes();
      },
    },
    parts.labName,
  );

  const service: OpenNetboot = {
    on: (wish) => shell.on(wish),
    off: () => shell.off(),
    status: () => shell.status(),
    diagnose: () => shell.diagnose(),
    serveFloppies: (order) => shell.serveFloppies(order),
    wake: (names) => {
      const found = lab.pcs(names);
      if (!found.ok) return found;
      const asleep = names === 'all' ? found.value.filter(({ isHere }) => !isHere) : found.value;
      if (asleep.length === 0) {
        return refuse('refused', 'every PC that this head knows is in the lab already.');
      }
      const woken = wakePcs(
        { clock, probes, interfaces, woken: (macs) => shell.woken(macs) },
        asleep,
      );
      if (!woken.ok) return woken;
      const expected = lab.expectBack(woken.value.machines);
      return expected.ok ? woken : expected;
    },
    approvals: {
      waiting: () => enrolment.approvals.waiting().map(waitingView),
      decide: (code, verdict) => {
        const decided = enrolment.approvals.decide(code, verdict);
        return decided.ok ? ok(decidedView(decided.value)) : decided;
      },
      forget: (machine) => forget(parts, machine),
    },
  };
  // Goes on where the head before it was, once the port it tells PCs of is known.
  return { service, listen: () => shell.start(), close: () => shell.close() };
}

const decidedView = ({ code, machineKey, address, name }: WaitingPc): DecidedPcView => ({
  code,
  machineKey,
  address,
  name,
});
const waitingView = ({ machineKey, address, name, sinceWall }: WaitingPc): WaitingPcView => ({
  ...{ machineKey, address, name, since: sinceWall },
});

function forget({ lab, enrolment }: NetbootParts, machine: string): Result<{ machine: string }> {
  const known = lab.pcs([machine]);
  const keys = known.ok
    ? known.value.flatMap((pc) => [pc.machineKey, ...cardsOf(pc)])
    : [parseMacAddress(machine)].filter((mac) => mac !== undefined);
  // Each of them, since it may have been decided on by any.
  if (keys.filter((key) => enrolment.approvals.forget(key)).length > 0) return ok({ machine });
  return refuse(
    'not-found',
    `nobody has let in or refused a machine "${machine}" by its code; write its name, or its network card's address.`,
  );
}
