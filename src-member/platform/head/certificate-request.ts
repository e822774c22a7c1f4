import { createHash, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';

export interface CertificateRequest {
  /** PKCS #8 PEM; made in RAM, and it stays there. */
  readonly key: string;
  /** PKCS #10 PEM. */
  readonly request: string;
  /** SHA-256 of the public key's SPKI DER, hex. */
  readonly publicKeySha256: string;
}

/** Object identifiers as DER has them: id-at-commonName, ecdsa-with-SHA256. */
const commonName = '0603550403';
const ecdsaWithSha256 = '06082a8648ce3d040302';

/**
 * A fresh P-256 key and a request for a certificate (RFC 2986); the head fills in the name. Written by hand: a library for
 * it is a third of the agent, and every PC would wait for it at every start.
 */
export async function newCertificateRequest(): Promise<CertificateRequest> {
  const keys = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' });
  const subject = sequence(
    der(0x31, sequence(Buffer.from(commonName, 'hex'), der(0x0c, Buffer.from('member')))),
  );
  const version = der(0x02, Buffer.of(0));
  const noAttributes = der(0xa0, Buffer.alloc(0));
  const wish = sequence(version, subject, publicKey, noAttributes);
  const request = sequence(
    wish,
    sequence(Buffer.from(ecdsaWithSha256, 'hex')),
    // A bit string whose last byte has no unused bits.
    der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', wish, keys.privateKey)])),
  );
  return {
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    request: pem('CERTIFICATE REQUEST', request),
    publicKeySha256: createHash('sha256').update(publicKey).digest('hex'),
  };
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, Buffer.concat(parts));

/** Tag, length, content (X.690); nothing here is longer than 64 KiB. */
function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size =
    length < 0x80
      ? [length]
      : length < 0x100
        ? [0x81, length]
        : [0x82, Math.floor(length / 256), length % 256];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function pem(label: string, content: Uint8Array): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
