import { ok, type Result } from '../../../shared/base/result.ts';
import { agentBundle, ensureAgentBundle } from './build-when-changed.ts';
import type { OnProgress } from '../system-builder/build-progress.ts';
import { buildMemberSystem } from '../system-builder/member-system.ts';
import { buildSoftwarePack, shippedPack } from '../system-builder/software-pack.ts';

/** What a practice PC boots from. */
export interface PracticeSystems {
  readonly tree: string;
  readonly version: string;
  readonly agent: string;
  readonly packs: readonly { readonly name: string; readonly path: string }[];
}

/** The member system, the agent and the base pack: out of the cache, or made now. */
export async function practiceSystems(
  cacheDir: string,
  onProgress: OnProgress,
): Promise<Result<PracticeSystems>> {
  const system = await buildMemberSystem({ cacheDir, onProgress });
  if (!system.ok) return system;
  const pack = await buildSoftwarePack({ recipe: shippedPack('base'), cacheDir, onProgress });
  if (!pack.ok) return pack;
  const agent = await ensureAgentBundle(onProgress);
  if (!agent.ok) return agent;
  const { path: tree, version } = system.value;
  return ok({
    tree,
    version,
    agent: agentBundle,
    packs: [{ name: 'base', path: pack.value.path }],
  });
}
