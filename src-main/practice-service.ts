// The practice lab as the API offers it: the driver where there is one, a refusal in words where there is none.
import { refuse } from '../shared/base/result.ts';
import type { PracticeLab } from '../shared/ports/practice-lab.ts';
import type { FrontDoor } from './front-door.ts';
import type { HeadHome } from './platform/head-home.ts';
import { ContainerPracticeLab } from './platform/practice/practice-lab.ts';
import { practiceSystems } from './platform/practice-systems.ts';

export interface PracticeParts {
  /** Whether this head was started for practice. */
  readonly practice: boolean;
  readonly home: HeadHome;
  readonly cacheDir: string;
  readonly issueIdentity: FrontDoor['issueBootIdentity'];
  log(line: string): void;
}

export function openPractice(parts: PracticeParts): PracticeLab {
  if (!parts.practice) return noPractice;
  return new ContainerPracticeLab({
    home: parts.home.folder,
    systems: () =>
      practiceSystems(parts.cacheDir, ({ step, line }) => parts.log(`${step}: ${line}`)),
    // Its members find the head by mDNS over the lab's own switch.
    issueIdentity: (wish) => parts.issueIdentity({ ...wish, address: null }),
  });
}

const none = async () =>
  refuse(
    'refused',
    'this head serves a real lab; start one for practice with `nightshift practice up`, under another NIGHTSHIFT_HOME.',
  );

const noPractice: PracticeLab = {
  up: none,
  list: none,
  down: none,
  unplug: none,
  replug: none,
  cut: none,
  heal: none,
  keypress: none,
};
