import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { createHash, webcrypto } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface CertificateRequest {
  /** PKCS #8 PEM; made in RAM, and it stays there. */
  readonly key: string;
  /** PKCS #10 PEM. */
  readonly request: string;
  /** SHA-256 of the public key's SPKI DER, hex. */
  readonly publicKeySha256: string;
}

/** A fresh key and a request for a certificate; the head fills in the name. */
export async function newCertificateRequest(): Promise<CertificateRequest> {
  const { subtle } = webcrypto;
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ['member'] }],
    keys,
    signingAlgorithm: algorithm,
  });
  const pkcs8 = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const spki = await subtle.exportKey('spki', keys.publicKey);
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`,
    request: request.toString('pem'),
    publicKeySha256: createHash('sha256').update(Buffer.from(spki)).digest('hex'),
  };
}
