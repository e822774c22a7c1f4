// The head has the last word on whether it is night, by the real clock: so the night of these tests is when they run.
const hour = 3_600_000;

const localTime = (at: number): string => {
  const zoned = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return zoned.toISOString().slice(0, 19);
};
const now = Date.now();

/** What a PC's clock shows. A day before its medium was made would be no clock. */
export const night = localTime(now);
export const day = localTime(now + 12 * hour);

/** From two hours ago until in six, as `--hours` takes them. */
export const nightHours = [now - 2 * hour, now + 6 * hour]
  .map((at) => localTime(at).slice(11, 16))
  .join('-');
