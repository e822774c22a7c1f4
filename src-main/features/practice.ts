// The practice lab as the API offers it: the driver where there is one, a refusal in words where there is none.
import { freemem } from 'node:os';
import { join } from 'node:path';
import { refuse, type Result } from '../../shared/base/result.ts';
import { bytes, hours } from '../../shared/base/units.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { PracticeLab as PracticePort } from '../ports/practice-lab.ts';
import { identityPart, type BootImages } from './boot-images.ts';
import type { Enrolment } from './enrolment.ts';
import type { Feature } from './feature.ts';
import { projectRoot } from '../../shared/node/project-root.ts';
import type { HeadHome } from '../platform/home/head-home.ts';
import { ContainerDriver } from '../platform/practice/container-driver.ts';
import { PracticeLab } from '../platform/practice/practice-lab.ts';
import { VmDriver } from '../platform/practice/vm/vm-driver.ts';
import { practiceSystems } from '../platform/making-ready/practice-systems.ts';

export interface PracticeParts {
  /** Whether this head was started for practice. */
  readonly practice: boolean;
  readonly home: HeadHome;
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly issueIdentity: Enrolment['issueBootIdentity'];
  /** The head's TLS port, once it is open. */
  readonly port: () => number;
  readonly images: BootImages;
  /** Makes ready what members fetch when they need it. */
  readonly preparePacks: () => Promise<Result<unknown>>;
  /** Its PCs come back because they were given power again. */
  readonly expectBack: (names: readonly string[]) => Result<null>;
  /** They have no power any more. */
  readonly powerTaken: (names: readonly string[]) => Result<null>;
  readonly log: (line: string) => void;
}

/** Each PC has a token of its own, which outlives the longest practice. */
const tokenLife = hours(24 * 30);

/** Closed, it leaves the PCs running: the next head finds them again. */
export function openPractice(parts: PracticeParts): Feature<PracticePort> {
  const { home, cacheDir, clock, log } = parts;
  if (!parts.practice) return { service: noPractice };
  const service = new PracticeLab({
    drivers: {
      container: new ContainerDriver({
        home: home.folder,
        folder: home.practice,
        assets: join(projectRoot, 'assets'),
      }),
      vm: new VmDriver({
        home: home.folder,
        folder: join(home.practice, 'vm'),
        assets: join(projectRoot, 'assets'),
        headPort: parts.port,
        image: async () => {
          const packs = await parts.preparePacks();
          return packs.ok ? parts.images.current() : packs;
        },
        identityPart,
      }),
    },
    clock,
    freeMemory: () => bytes(freemem()),
    system: () => practiceSystems(cacheDir, ({ step, line }) => log(`${step}: ${line}`)),
    // Its members find the head by mDNS over the lab's own switch, or by what the driver knows.
    identity: (name) =>
      parts.issueIdentity({ name, validFor: tokenLife, single: true, address: null, label: name }),
    expectBack: parts.expectBack,
    powerTaken: parts.powerTaken,
    log,
  });
  return { service, close: () => service.dispose() };
}

const none = async () =>
  refuse(
    'refused',
    'this head serves a real lab; start one for practice with `nightshift practice up`, under another NIGHTSHIFT_HOME.',
  );

const noPractice: PracticePort = {
  up: none,
  list: none,
  down: none,
  unplug: none,
  replug: none,
  cut: none,
  heal: none,
  keypress: none,
};
