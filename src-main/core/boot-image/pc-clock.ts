import { formatBootHours, type BootHours } from '../../../shared/domain/boot-hours.ts';
import { hours, type EpochMillis } from '../../../shared/base/units.ts';

/** What is known of the clocks of a room's PCs when a medium is made for them. */
export interface PcClocks {
  /** `2026-11-25`: a clock that shows an earlier day was never set, or its battery is empty. */
  readonly made: string;
  /** Where they show UTC, as on PCs without Windows: the lab's zone. Null: they show what the clock on the wall shows. */
  readonly zone: LabZone | null;
}

export interface LabZone {
  /** `Europe/Berlin`. */
  readonly name: string;
  /** Minutes that it is ahead of UTC, in winter and in summer. */
  readonly offsets: readonly number[];
}

/** Years after which a medium is not in use any more, and a clock that says otherwise is wrong. */
const yearsOfUse = 30;
const day = 24 * 60;

/** The day before, since clocks may be a zone behind. */
export const madeOn = (now: EpochMillis): string =>
  new Date(now - hours(24)).toISOString().slice(0, 10);

/** Words for the kernel by which the member system judges the clock as GRUB does. */
export const clockWords = (clocks: PcClocks | undefined): string =>
  clocks === undefined
    ? ''
    : ` nightshift.made=${clocks.made}${clocks.zone === null ? '' : ` nightshift.zone=${clocks.zone.name}`}`;

/** Says that this start was decided by the PC's own clock, so that the head can look at its own. */
export const byClockWord = (hours: BootHours | null): string =>
  hours === null ? '' : ` nightshift.by-clock=${formatBootHours(hours)}`;

/**
 * GRUB's script that sets `night`, and `clock` to `good` or `bad`. A clock that is none means day: better a PC that stays out
 * for a night than one that joins in front of a class. So does a zone's hour that is night by summer time only.
 */
export function nightByClock(hours: BootHours, clocks: PcClocks | undefined): readonly string[] {
  const nights = (clocks?.zone?.offsets ?? [0]).map((offset) => nightTest(ahead(hours, -offset)));
  const lines =
    nights.length === 1
      ? (nights[0] ?? [])
      : [
          'set always=yes',
          ...nights.flatMap((night) => [...night, 'if [ "$night" = no ]; then set always=no; fi']),
          'set night=$always',
        ];
  return [...clockTest(clocks?.made), ...lines, 'if [ "$clock" = bad ]; then set night=no; fi'];
}

function ahead({ from, until }: BootHours, by: number): BootHours {
  const moved = (minute: number): number => (((minute + by) % day) + day) % day;
  return { from: moved(from), until: moved(until) };
}

/** YEAR, MONTH and DAY come from module datehook, as HOUR does; empty where there is no clock to read. */
function clockTest(made: string | undefined): readonly string[] {
  const [year = 0, month = 0, date = 0] = (made ?? earliest).split('-').map(Number);
  return [
    'set clock=good',
    'if [ -z "$YEAR" ]; then set clock=bad; else',
    `  if [ $YEAR -lt ${year} -o $YEAR -gt ${year + yearsOfUse} ]; then set clock=bad; fi`,
    `  if [ $YEAR -eq ${year} -a $MONTH -lt ${month} ]; then set clock=bad; fi`,
    `  if [ $YEAR -eq ${year} -a $MONTH -eq ${month} -a $DAY -lt ${date} ]; then set clock=bad; fi`,
    'fi',
  ];
}

/** For media that do not say when they were made. */
const earliest = '2026-01-01';

/**
 * Sets `night`. HOUR and MINUTE come from module datehook, by the PC's own clock, which a PC with Windows keeps in local
 * time. -a binds stronger than -o.
 */
export function nightTest({ from, until }: BootHours): readonly string[] {
  const since = `$HOUR -gt ${hourOf(from)} -o $HOUR -eq ${hourOf(from)} -a $MINUTE -ge ${from % 60}`;
  const before = `$HOUR -lt ${hourOf(until)} -o $HOUR -eq ${hourOf(until)} -a $MINUTE -lt ${until % 60}`;
  const lines = ['set night=no'];
  return from < until
    ? [...lines, `if [ ${since} ]; then if [ ${before} ]; then set night=yes; fi; fi`]
    : [
        ...lines,
        `if [ ${since} ]; then set night=yes; fi`,
        `if [ ${before} ]; then set night=yes; fi`,
      ];
}

const hourOf = (minute: number): number => Math.floor(minute / 60);
