import { blobHash } from '../../shared/domain/ids.ts';
import type { SimulatedProgram } from '../simulated-program.ts';

const mebi = 1024 ** 2;
const second = 1000;

/** A frame of a film: a minute and a half, a line a second, a picture. */
export function frame(index: number): SimulatedProgram {
  const samples = 1080;
  const work = 88 * second + (index % 7) * 3500;
  return {
    ...{ work, memory: 180 * mebi, share: 1, exitCode: 0 },
    writes: (ran) =>
      linesOf(ran, second, (at) => {
        const of = Math.min(samples, Math.round((at * second * samples) / work));
        return `[${at.toFixed(1).padStart(7)}] frame ${index}: sample ${of}/${samples}`;
      }),
    leaves: [picture(index)],
  };
}

const picture = (index: number): SimulatedProgram['leaves'][number] => ({
  path: `frame-${String(index).padStart(4, '0')}.png`,
  hash: blobHash(index.toString(16).padStart(64, 'a')),
  size: 1_480_000 + index * 977,
  executable: false,
});

/** A point of a parameter sweep; one of them finds nothing and ends with 3. */
export const sweepPoint = (index: number): SimulatedProgram => ({
  ...{ work: 30 * second + (index % 5) * 2000, memory: 60 * mebi, share: 1, leaves: [] },
  exitCode: index === 13 ? 3 : 0,
  writes: (ran) => linesOf(ran, 5 * second, (at) => `beta ${index / 10}: sweep ${at * 400}`),
});

/** Digits of a number, for hours. */
export const digits: SimulatedProgram = {
  ...{ work: 6 * 3600 * second, memory: 412 * mebi, share: 1, exitCode: 0, leaves: [] },
  writes: (ran) =>
    linesOf(ran, 10 * second, (at) => `${at * 250_000} digits, last ${(at * 7919) % 100_000}`),
};

/** Built with all processors of a PC. */
export const kernelBuild: SimulatedProgram = {
  ...{ work: 100 * second, memory: 700 * mebi, share: 1, exitCode: 0, leaves: [] },
  writes: (ran) => linesOf(ran, second, (at) => `  CC      drivers/net/part-${at}.o`),
};

/** Something short. */
export const errand = (work = 20 * second): SimulatedProgram => ({
  ...{ work, memory: 30 * mebi, share: 0.2, exitCode: 0, leaves: [] },
  writes: (ran) => linesOf(ran, work, () => 'done'),
});

/** The lines that were written by then, one every so many milliseconds. */
function linesOf(ran: number, every: number, line: (number: number) => string): string {
  const lines = Array.from({ length: Math.floor(ran / every) }, (_, at) => `${line(at + 1)}\n`);
  return lines.join('');
}
