import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { hours, type EpochMillis } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { LabAuthority } from '../../ports/enrolment.ts';
import type { Rng } from '../../../shared/ports/rng.ts';
import { headServerName } from '../../../shared/wire/enrolment.ts';
import {
  newPrivateKey,
  publicKeySha256,
  readRequestKey,
  selfSignedLabCertificate,
  signLeaf,
  type Validity,
} from './certificates.ts';
import { makePrivateFolder, writePrivateFile } from './private-file.ts';

const day = 24 * hours(1);
/** The lab outlives its PCs. */
const labYears = 20 * 365 * day;
const headLife = 2 * 365 * day;
/** The head gets a new certificate for its old key when the old one has this long to go. */
const headRenewal = 60 * day;
/** A night and the day around it. */
const memberLife = hours(24);
/** PCs' clocks are often wrong; until a member has learnt the head's, its certificate should not lie in its future. */
const backdated = hours(1);

const labSchema = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  /** SHA-256 of the public keys that belong here, so that one that was exchanged is noticed; an older file says neither. */
  labKey: z.string().optional(),
  headKey: z.string().optional(),
});
type LabPage = z.infer<typeof labSchema>;

/** The lab a home is known to belong to; nulls where an older Nightshift did not say. */
export interface KnownLab {
  readonly id: string | null;
  readonly name: string | null;
}

/** The lab's CA and the head's key, kept in a folder nobody else may read. */
export class LabIdentity implements LabAuthority {
  readonly lab: { readonly id: string; readonly name: string };
  readonly labCertificate: string;
  readonly headKey: string;
  /** SHA-256 of the head's public key, pinned in every boot identity. */
  readonly headKeySha256: string;
  readonly #folder: string;
  readonly #labKey: string;

  private constructor(
    folder: string,
    lab: { readonly id: string; readonly name: string },
    files: LabFiles,
  ) {
    this.#folder = folder;
    this.lab = lab;
    this.#labKey = files.labKey;
    this.labCertificate = files.labCertificate;
    this.headKey = files.headKey;
    this.headKeySha256 = files.headKeySha256;
  }

  /**
   * Reads the identity, or makes it at first start. `known`: the lab this home is known to belong to; then nothing is made anew,
   * since every stick of the lab trusts the keys it had.
   */
  static async open(
    folder: string,
    labName: string,
    rng: Rng,
    now: EpochMillis,
    known: KnownLab | null = null,
  ): Promise<Result<LabIdentity>> {
    try {
      makePrivateFolder(folder);
      let lab = readLabPage(folder);
      // The lab's page is written last: without it the making was cut short, and nobody has seen the keys yet.
      if (lab === undefined && known === null && !isInUse(folder)) {
        await make(folder, labName, rng, now);
        lab = readLabPage(folder);
      }
      const keys = readKeys(folder);
      lab ??= pageFrom(known);
      if (known?.id != null && lab.id !== known.id)
        throw new Error(`${fileNames.lab} is another lab's`);
      if (lab.labKey !== undefined && lab.labKey !== keys.labKeySha256)
        throw new Error(`${fileNames.labKey} is another lab's`);
      if (knownHeadKey(folder, lab, keys) !== keys.headKeySha256)
        throw new Error(
          `${fileNames.headKey} is not the key that this lab's PCs know, so every one would refuse this head`,
        );
      const name = known?.name ?? lab.name;
      const page = { ...lab, name, labKey: keys.labKeySha256, headKey: keys.headKeySha256 };
      if (JSON.stringify(page) !== JSON.stringify(readLabPage(folder))) writeLabPage(folder, page);
      return ok(new LabIdentity(folder, { id: lab.id, name }, keys));
    } catch (error) {
      return refuse(
        'failed',
        `The lab's identity in ${folder} cannot be used (${reasonOf(error)}); put the folder back from a ` +
          'backup (nightshift restore), or move the whole home away to begin a new lab with new boot media.',
      );
    }
  }

  /** The head's certificate, made or renewed when it has to be. */
  async headCertificate(now: EpochMillis): Promise<string> {
    const path = join(this.#folder, fileNames.headCertificate);
    const kept = readIfThere(path);
    if (kept !== undefined && isGood(kept, this.labCertificate, this.headKeySha256, now))
      return kept;
    const pem = await signLeaf(
      { key: this.#labKey, certificate: this.labCertificate },
      { privateKey: this.headKey },
      {
        commonName: headServerName,
        // Clients ask for the name `nightshift-head` whatever address they dialled.
        names: [
          { type: 'dns', value: headServerName },
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ],
        roles: ['server'],
        validity: span(now - day, headLife),
      },
    );
    try {
      writePrivateFile(path, pem);
    } catch {
      // It is made from the key at every start where it cannot be kept, and nobody minds.
    }
    return pem;
  }

  async readRequest(pem: string): Promise<Result<{ readonly publicKeySha256: string }>> {
    const key = await readRequestKey(pem);
    if (key !== undefined) return ok({ publicKeySha256: key });
    return refuse('misuse', 'The certificate request is none, or its signature is not good.');
  }

  issue(pem: string, member: MemberId, now: EpochMillis): Promise<string> {
    return signLeaf(
      { key: this.#labKey, certificate: this.labCertificate },
      { request: pem },
      {
        commonName: member,
        names: [{ type: 'dns', value: `${member}.member.nightshift` }],
        roles: ['client', 'server'],
        validity: { from: now - backdated, until: now + memberLife },
      },
    );
  }
}

interface LabFiles {
  readonly labKey: string;
  readonly labKeySha256: string;
  readonly labCertificate: string;
  readonly headKey: string;
  readonly headKeySha256: string;
}

const fileNames = {
  lab: 'lab.json',
  labKey: 'lab-ca.key',
  labCertificate: 'lab-ca.pem',
  headKey: 'head.key',
  headCertificate: 'head.pem',
} as const;

/** Never over a key that is there: nobody may have seen it yet, but who can be sure? */
async function make(folder: string, name: string, rng: Rng, now: EpochMillis): Promise<void> {
  const pathOf = (file: string): string => join(folder, file);
  const ensure = async (file: string, text: () => string | Promise<string>): Promise<void> => {
    if (!existsSync(pathOf(file))) writePrivateFile(pathOf(file), await text());
  };
  await ensure(fileNames.labKey, newPrivateKey);
  await ensure(fileNames.labCertificate, () =>
    selfSignedLabCertificate(read(folder, fileNames.labKey), name, span(now - day, labYears)),
  );
  await ensure(fileNames.headKey, newPrivateKey);
  writeLabPage(folder, { id: rng.token(8), name });
}

/** Undefined: it is not there, or cannot be read. */
function readLabPage(folder: string): LabPage | undefined {
  try {
    return labSchema.parse(JSON.parse(read(folder, fileNames.lab)));
  } catch {
    return undefined;
  }
}

function writeLabPage(folder: string, page: LabPage): void {
  writePrivateFile(join(folder, fileNames.lab), `${JSON.stringify(page)}\n`);
}

/** Files that come only after the keys were used. */
function isInUse(folder: string): boolean {
  return [fileNames.headCertificate, 'tokens.json', 'known-pcs.json'].some((file) =>
    existsSync(join(folder, file)),
  );
}

function readKeys(folder: string): LabFiles {
  const labKey = read(folder, fileNames.labKey);
  const labCertificate = read(folder, fileNames.labCertificate);
  const headKey = read(folder, fileNames.headKey);
  const labKeySha256 = keyIn(fileNames.labKey, () => publicKeySha256(labKey));
  const certified = keyIn(fileNames.labCertificate, () => keyOfLab(labCertificate));
  if (labKeySha256 !== certified)
    throw new Error(`${fileNames.labKey} and ${fileNames.labCertificate} do not belong together`);
  const headKeySha256 = keyIn(fileNames.headKey, () => publicKeySha256(headKey));
  return { labKey, labKeySha256, labCertificate, headKey, headKeySha256 };
}

function keyIn(file: string, sha256: () => string): string {
  try {
    return sha256();
  } catch {
    throw new Error(`${file} is damaged`);
  }
}

/** Of the lab's own certificate, which it signed itself. */
function keyOfLab(pem: string): string {
  const certificate = new X509Certificate(pem);
  if (!certificate.verify(certificate.publicKey)) throw new Error('its signature is not good');
  return keyOfCertificate(certificate);
}

function keyOfCertificate({ publicKey }: X509Certificate): string {
  return publicKeySha256(publicKey.export({ type: 'spki', format: 'pem' }).toString());
}

/** The lab's page is gone, but its store says which lab this is. */
function pageFrom(known: KnownLab | null): LabPage {
  const { id = null, name = null } = known ?? {};
  if (id === null || name === null) throw new Error(`${fileNames.lab} is missing or damaged`);
  return { id, name };
}

/** What the page says; an older page is vouched for by the certificate that this lab gave its head. */
function knownHeadKey(folder: string, lab: LabPage, keys: LabFiles): string {
  if (lab.headKey !== undefined) return lab.headKey;
  const pem = readIfThere(join(folder, fileNames.headCertificate));
  try {
    const certificate = pem === undefined ? undefined : new X509Certificate(pem);
    if (certificate?.verify(new X509Certificate(keys.labCertificate).publicKey) === true)
      return keyOfCertificate(certificate);
  } catch {
    // Damaged: it says nothing.
  }
  return keys.headKeySha256;
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new Error(code === 'ENOENT' ? `${name} is missing` : `${name} cannot be read (${code})`, {
      cause: error,
    });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function span(from: number, length: number): Validity {
  return { from, until: from + length };
}

function isGood(pem: string, labCertificate: string, keySha256: string, now: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const lab = new X509Certificate(labCertificate);
    const spki = certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return (
      publicKeySha256(spki) === keySha256 &&
      certificate.verify(lab.publicKey) &&
      Date.parse(certificate.validTo) - now > headRenewal
    );
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
