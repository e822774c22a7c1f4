import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  type JsonGeneralNames,
} from '@peculiar/x509';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  webcrypto,
} from 'node:crypto';

/** ECDSA P-256 throughout: Electron's BoringSSL refuses Ed25519 certificates in TLS. */
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
type Key = webcrypto.CryptoKey;
const { subtle } = webcrypto;

export interface Validity {
  readonly from: number;
  readonly until: number;
}

/** A new private key, PKCS #8 PEM. */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** SHA-256 of a private key's public half (SPKI DER), hex: what a boot identity pins. */
export function publicKeySha256(privateKey: string): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}

export async function selfSignedLabCertificate(
  privateKey: string,
  lab: string,
  validity: Validity,
): Promise<string> {
  const keys = {
    privateKey: await signingKey(privateKey),
    publicKey: await publicKeyOf(privateKey),
  };
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [`Nightshift lab ${lab}`] }],
    notBefore: new Date(validity.from),
    notAfter: new Date(validity.until),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return certificate.toString('pem');
}

export interface Leaf {
  readonly commonName: string;
  readonly names: JsonGeneralNames;
  readonly roles: readonly ('client' | 'server')[];
  readonly validity: Validity;
}

/** A certificate signed by the lab; `subjectKey` is a private key of ours or somebody's request. */
export async function signLeaf(
  lab: { readonly key: string; readonly certificate: string },
  subjectKey: { readonly privateKey: string } | { readonly request: string },
  leaf: Leaf,
): Promise<string> {
  const publicKey =
    'request' in subjectKey
      ? await new Pkcs10CertificateRequest(subjectKey.request).publicKey.export()
      : await publicKeyOf(subjectKey.privateKey);
  const usages = { client: ExtendedKeyUsage.clientAuth, server: ExtendedKeyUsage.serverAuth };
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [leaf.commonName] }],
    issuer: new X509Certificate(lab.certificate).subjectName.toJSON(),
    notBefore: new Date(leaf.validity.from),
    notAfter: new Date(leaf.validity.until),
    publicKey,
    signingKey: await signingKey(lab.key),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(leaf.roles.map((role) => usages[role])),
      new SubjectAlternativeNameExtension(leaf.names),
    ],
  });
  return certificate.toString('pem');
}

/** SHA-256 (hex) of the public key in a request whose own signature is good; undefined for anything else. */
export async function readRequestKey(pem: string): Promise<string | undefined> {
  try {
    const request = new Pkcs10CertificateRequest(pem);
    const { name, namedCurve } = request.publicKey.algorithm as webcrypto.EcKeyAlgorithm;
    if (name !== 'ECDSA' || namedCurve !== 'P-256' || !(await request.verify())) return undefined;
    return createHash('sha256').update(Buffer.from(request.publicKey.rawData)).digest('hex');
  } catch {
    return undefined; // not PEM, not ASN.1, not a request
  }
}

function newSerial(): string {
  // RFC 5280 §4.1.2.2: positive, at most 20 octets.
  const serial = webcrypto.getRandomValues(new Uint8Array(16));
  serial[0] = (serial[0] ?? 0) & 0x7f || 1;
  return Buffer.from(serial).toString('hex');
}

function signingKey(pem: string): Promise<Key> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign']);
}

function publicKeyOf(pem: string): Promise<Key> {
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return subtle.importKey('spki', new Uint8Array(der), algorithm, true, ['verify']);
}
