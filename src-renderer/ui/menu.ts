import type { Result } from '../../shared/base/result.ts';
import type { Icon } from './icon.ts';

export interface MenuAction {
  readonly label: string;
  readonly icon?: Icon;
  /** Whether it is possible now; a refusal's sentence stands beside it. */
  readonly can: Result<unknown>;
  readonly act: () => void;
  readonly danger?: boolean;
}

export interface MenuGroup {
  readonly heading?: string;
  readonly actions: readonly MenuAction[];
  /** Stands below them, where there is something to say. */
  readonly note?: string | null;
}
