import type { Result } from '../../shared/base/result.ts';
import type { Bytes } from '../../shared/base/units.ts';

/** A virtual PC of this machine. */
export interface PracticePc {
  name: string;
  state: 'on' | 'off' | 'unplugged';
  cut: boolean;
  /** What its screen shows. */
  screen: string[];
}

/** Brings up PCs until there are this many. */
export interface PracticeWish {
  readonly pcs: number;
  readonly driver: 'container' | 'vm';
  readonly cpus: number;
  /** null: what the driver thinks right. */
  readonly memory: Bytes | null;
}

type OnePc = (input: { readonly pc: string }) => Promise<Result<PracticePc>>;

/** A practice lab's driver. PCs live on when the head dies; a new head finds them again. */
export interface PracticeLab {
  up(wish: PracticeWish): Promise<Result<PracticePc[]>>;
  list(): Promise<Result<PracticePc[]>>;
  /** Leaves nothing behind; harmless when there is nothing. */
  down(): Promise<Result<Record<string, never>>>;
  /** Power gone, nothing said. */
  readonly unplug: OnePc;
  readonly replug: OnePc;
  /** Network partition. */
  readonly cut: OnePc;
  readonly heal: OnePc;
  readonly keypress: OnePc;
}
