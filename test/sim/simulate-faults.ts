// `npm run simulate:faults -- --seeds N [--from S] [--agents]`: plays nights of random misfortune and says which broke a promise.
import { endWith, scriptWords } from '../../scripts/script-words.ts';
import { playNight } from './fault-nights.ts';

const usage = `npm run simulate:faults -- --seeds N [--from S] [--agents]
  --seeds N   nights to play
  --from S    seed of the first one (default: the time, in seconds)
  --agents    the real agent on every PC, over simulated containers
Ends with 0 when every promise held, with 1 when one was broken, with 2 when this is what it says.`;

/** Of what a broken night is told with. */
const mostFaults = 5;

process.exitCode = await play(readArguments());

interface Asked {
  readonly seeds: number;
  readonly from: number;
  readonly agents: boolean;
}

function readArguments(): Asked {
  const { options } = scriptWords(usage, {
    seeds: { type: 'string' },
    from: { type: 'string' },
    agents: { type: 'boolean' },
  });
  const whole = (name: string, least: number, otherwise = NaN): number => {
    const said = options[name];
    const number = said === undefined ? otherwise : said === '' ? NaN : Number(said);
    if (Number.isSafeInteger(number) && number >= least) return number;
    return endWith(`--${name} takes a whole number of at least ${least}`, usage);
  };
  return {
    seeds: whole('seeds', 1),
    from: whole('from', 0, Math.floor(Date.now() / 1000)),
    agents: options['agents'] === true,
  };
}

async function play({ seeds, from, agents }: Asked): Promise<number> {
  const out = (line: string): void => void process.stdout.write(`${line}\n`);
  const began = Date.now();
  const seconds = (): number => Math.round((Date.now() - began) / 1000);
  let broken = 0;
  let toldAt = began;
  out(`${seeds} nights from seed ${from}${agents ? ', with the real agent' : ''}`);
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { faults, story } = await playNight(seed, agents);
    if (faults.length > 0) {
      broken += 1;
      out(`seed ${seed} broke ${faults.length === 1 ? 'a promise' : `${faults.length} promises`}:`);
      for (const fault of faults.slice(0, mostFaults)) out(`  ${fault.replaceAll('\n', '\n  ')}`);
      out(`  the night: ${story.join(' ')}`);
      out(
        `  again: npm run simulate:faults -- --seeds 1 --from ${seed}${agents ? ' --agents' : ''}`,
      );
    }
    const played = seed - from + 1;
    if (Date.now() - toldAt > 10_000 && played < seeds) {
      toldAt = Date.now();
      out(`${played} of ${seeds} nights, ${broken} broken, ${seconds()} s`);
    }
  }
  out(
    broken === 0
      ? `${seeds} nights, every promise held: no task lost, none twice at once, and the log told the whole lab each time (${seconds()} s)`
      : `${broken} of ${seeds} nights broke a promise (${seconds()} s)`,
  );
  return broken === 0 ? 0 : 1;
}
