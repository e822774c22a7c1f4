import { epochMillis, minutes, type EpochMillis } from '../../../shared/base/units.ts';
import type { BootHours } from '../../../shared/domain/boot-hours.ts';

export {
  formatBootHours,
  isNight,
  parseBootHours,
  type BootHours,
} from '../../../shared/domain/boot-hours.ts';

const day = 24 * 60;

/** When the night that it is now began, to the minute. Across a change of clocks it is off by that hour. */
export function nightBegan(hours: BootHours, minuteOfDay: number, now: EpochMillis): EpochMillis {
  return epochMillis(now - minutes((minuteOfDay - hours.from + day) % day));
}
