import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { pcName } from '../../../shared/domain/pc-names.ts';

/** How the kernel objects of one practice lab are called; two labs on one machine never clash. */
export interface LabNames {
  /** Six hex digits out of the head's home. */
  readonly tag: string;
  /** Control group of everything that runs in the lab. */
  readonly group: string;
  /** The head's end of the cable to the lab's switch. Interface names have 15 characters at the most. */
  readonly uplink: string;
}

export function labNames(home: string): LabNames {
  const tag = createHash('sha256').update(resolve(home)).digest('hex').slice(0, 6);
  return { tag, group: `nightshift-${tag}`, uplink: `nsb${tag}` };
}

export function pcNumber(name: string): number | undefined {
  const number = Number(/^pc-(\d{2,3})$/.exec(name)?.[1]);
  return number > 0 && pcName(number) === name ? number : undefined;
}

/**
 * Address of a PC's network card, the same night after night, since PCs are known by it. 02 marks it as given by
 * software (IEEE 802, locally administered). Number 0 is the head.
 */
export function cardAddress(tag: string, number: number): string {
  const hex = `02${tag}${number.toString(16).padStart(4, '0')}`;
  return hex.match(/../g)?.join(':') ?? '';
}
