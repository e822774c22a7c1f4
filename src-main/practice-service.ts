// The practice lab as the API offers it: the driver where there is one, a refusal in words where there is none.
import { refuse } from '../shared/base/result.ts';
import type { PracticeService } from './api/head-services.ts';
import type { FrontDoor } from './front-door.ts';
import type { HeadHome } from './platform/head-home.ts';

export interface PracticeParts {
  /** Whether this head was started for practice. */
  readonly practice: boolean;
  readonly home: HeadHome;
  readonly cacheDir: string;
  readonly issueIdentity: FrontDoor['issueBootIdentity'];
  log(line: string): void;
}

export function openPractice(_parts: PracticeParts): PracticeService & { close(): void } {
  const none = async () =>
    refuse(
      'refused',
      'this head serves a real lab; start one for practice with `nightshift practice up`, under another NIGHTSHIFT_HOME.',
    );
  return {
    up: none,
    list: none,
    down: none,
    unplug: none,
    replug: none,
    cut: none,
    heal: none,
    keypress: none,
    close: () => undefined,
  };
}
