import type { EpochMillis } from '../base/units.ts';

/** What lets a PC into the lab; lives on a boot medium and in the head's token file. */
export interface EnrolToken {
  readonly id: string;
  /** Never travels: PCs prove that they have it. */
  readonly secret: string;
  readonly notBefore: EpochMillis;
  readonly expires: EpochMillis;
  /** single: for the first PC that uses it, at every boot; many: for any number of PCs. */
  readonly use: 'single' | 'many';
  /** machineKey of the PC a single token belongs to by now. */
  readonly boundTo: string | null;
  /** Hardware mark of that PC, which no other one can say; null where it was bound by an older image, which told none. */
  readonly boundHardware: string | null;
  readonly revoked: boolean;
  /** What it was made for, such as `boot media`; null where an older Nightshift did not say. */
  readonly label: string | null;
  /** So many PCs it lets in; null: any number. One stick is copied quickly. */
  readonly mostPcs: number | null;
  /** machineKeys of those it let in, so that the same PC counts once. */
  readonly pcs: readonly string[];
}
