// The practice lab as the API offers it: the driver where there is one, a refusal in words where there is none.
import { fileURLToPath } from 'node:url';
import { ok, refuse } from '../shared/base/result.ts';
import type { PracticeLab } from '../shared/ports/practice-lab.ts';
import type { FrontDoor } from './front-door.ts';
import type { HeadHome } from './platform/head-home.ts';
import { ContainerPracticeLab } from './platform/practice/practice-lab.ts';
import { buildMemberSystem } from './platform/system-builder/member-system.ts';
import { buildSoftwarePack, shippedPack } from './platform/system-builder/software-pack.ts';

export interface PracticeParts {
  /** Whether this head was started for practice. */
  readonly practice: boolean;
  readonly home: HeadHome;
  readonly cacheDir: string;
  readonly issueIdentity: FrontDoor['issueBootIdentity'];
  log(line: string): void;
}

const agentBundle = fileURLToPath(new URL('../dist/agent.mjs', import.meta.url));

export function openPractice(parts: PracticeParts): PracticeLab {
  if (!parts.practice) return noPractice;
  const { cacheDir } = parts;
  const onProgress = ({ step, line }: { readonly step: string; readonly line?: string }): void =>
    parts.log(line ?? step);
  return new ContainerPracticeLab({
    home: parts.home.folder,
    systems: async () => {
      const tree = await buildMemberSystem({ cacheDir, onProgress });
      if (!tree.ok) return tree;
      const pack = await buildSoftwarePack({ recipe: shippedPack('base'), cacheDir, onProgress });
      if (!pack.ok) return pack;
      return ok({
        tree: tree.value.path,
        version: tree.value.version,
        agent: agentBundle,
        packs: [{ name: 'base', path: pack.value.path }],
      });
    },
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
