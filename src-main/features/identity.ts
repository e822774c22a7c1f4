// Who the lab is: its keys, and the files of what it has let in.
import { join } from 'node:path';
import { ok, type Result } from '../../shared/base/result.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { KnownPcFile } from '../platform/identity/known-pc-file.ts';
import { LabIdentity, type KnownLab } from '../platform/identity/lab-identity.ts';
import { noWitness, type FileWitness } from '../platform/identity/sealed-file.ts';
import { TokenFile } from '../platform/identity/token-file.ts';

export interface IdentityParts {
  /** `<NIGHTSHIFT_HOME>/identity`; made at first start. */
  readonly folder: string;
  /** The lab this home is known to belong to; null in a new one. */
  readonly known?: KnownLab | null;
  /** Of the files of this lab. */
  readonly witness?: (labId: string) => FileWitness;
  /** Name of the lab at first start; later the kept one holds. */
  readonly labName: string;
  readonly clock: Clock;
  readonly rng: Rng;
}

export interface OpenIdentity {
  readonly identity: LabIdentity;
  readonly tokens: TokenFile;
  readonly known: KnownPcFile;
}

export async function openIdentity(parts: IdentityParts): Promise<Result<OpenIdentity>> {
  const { folder, labName, rng, clock } = parts;
  const opened = await LabIdentity.open(folder, labName, rng, clock.wall(), parts.known ?? null);
  if (!opened.ok) return opened;
  const identity = opened.value;
  const witness = parts.witness?.(identity.lab.id) ?? noWitness;
  const tokens = TokenFile.open(join(folder, 'tokens.json'), witness);
  if (!tokens.ok) return tokens;
  const known = KnownPcFile.open(join(folder, 'known-pcs.json'), witness);
  return known.ok ? ok({ identity, tokens: tokens.value, known: known.value }) : known;
}
