import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { hours, type EpochMillis } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { LabAuthority } from '../../../shared/ports/enrolment.ts';
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

const labSchema = z.object({ id: z.string().min(1), name: z.string().min(1) });

/** The lab's CA and the head's key, kept in a folder nobody else may read. */
export class LabIdentity implements LabAuthority {
  readonly lab: { readonly id: string; readonly name: string };
  readonly labCertificate: string;
  readonly headKey: string;
  /** SHA-256 of the head's public key, pinned in every boot identity. */
  readonly headKeySha256: string;
  readonly #folder: string;
  readonly #labKey: string;

  private constructor(folder: string, lab: { id: string; name: string }, files: LabFiles) {
    this.#folder = folder;
    this.lab = lab;
    this.#labKey = files.labKey;
    this.labCertificate = files.labCertificate;
    this.headKey = files.headKey;
    this.headKeySha256 = publicKeySha256(files.headKey);
  }

  /** Reads the identity, or makes it at first start. */
  static async open(
    folder: string,
    labName: string,
    rng: Rng,
    now: EpochMillis,
  ): Promise<Result<LabIdentity>> {
    try {
      makePrivateFolder(folder);
      // The lab's page is written last: without it the making was cut short, and nobody has seen the keys yet.
      if (!existsSync(join(folder, fileNames.lab))) await make(folder, labName, rng, now);
      const lab = labSchema.parse(JSON.parse(read(folder, fileNames.lab)));
      return ok(
        new LabIdentity(folder, lab, {
          labKey: read(folder, fileNames.labKey),
          labCertificate: read(folder, fileNames.labCertificate),
          headKey: read(folder, fileNames.headKey),
        }),
      );
    } catch (error) {
      return refuse(
        'failed',
        `The lab's identity in ${folder} cannot be used (${firstLine(error)}); put the folder back from a ` +
          'backup, or move it away to begin a new lab with new boot media.',
      );
    }
  }

  /** The head's certificate, made or renewed when it has to be. */
  async headCertificate(now: EpochMillis): Promise<string> {
    const path = join(this.#folder, fileNames.headCertificate);
    if (existsSync(path)) {
      const pem = readFileSync(path, 'utf8');
      if (isGood(pem, this.labCertificate, this.headKeySha256, now)) return pem;
    }
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
    writePrivateFile(path, pem);
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
  readonly labCertificate: string;
  readonly headKey: string;
}

const fileNames = {
  lab: 'lab.json',
  labKey: 'lab-ca.key',
  labCertificate: 'lab-ca.pem',
  headKey: 'head.key',
  headCertificate: 'head.pem',
} as const;

async function make(folder: string, name: string, rng: Rng, now: EpochMillis): Promise<void> {
  const labKey = newPrivateKey();
  writePrivateFile(join(folder, fileNames.labKey), labKey);
  writePrivateFile(
    join(folder, fileNames.labCertificate),
    await selfSignedLabCertificate(labKey, name, span(now - day, labYears)),
  );
  writePrivateFile(join(folder, fileNames.headKey), newPrivateKey());
  writePrivateFile(join(folder, fileNames.lab), `${JSON.stringify({ id: rng.token(8), name })}\n`);
}

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
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

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
