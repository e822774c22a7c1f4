// `npm run bench [-- SECTION…] [--json]`: figures, each beside a reference measured in the same run. Nothing here is a test.
import { endWith, scriptWords } from '../../scripts/script-words.ts';
import { benchBoot } from './boot.ts';
import { measureControlTraffic } from './control-traffic.ts';
import type { Section } from './figure.ts';
import { benchHead } from './head.ts';
import { benchMigrate } from './migrate.ts';
import { benchPage } from './page.ts';
import { benchPlan } from './plan.ts';
import { benchQueue } from './queue.ts';

const sections: Readonly<Record<string, () => Promise<Section>>> = {
  boot: benchBoot,
  queue: benchQueue,
  migrate: benchMigrate,
  plan: benchPlan,
  head: benchHead,
  page: benchPage,
  traffic: async () => {
    const traffic = await measureControlTraffic();
    return {
      figures: [
        {
          what: `control traffic of ${traffic.members} idle members, whole frames both ways`,
          value: `${Math.round(traffic.bitsPerSecond)} bit/s (${traffic.bytesPerMemberAndSecond.toFixed(1)} B/s each)`,
          reference: 'CID 25,000 bit/s; HTCondor 53 B/s each',
          goal: '≤ 5,000 bit/s',
        },
      ],
      json: { bitsPerSecond: traffic.bitsPerSecond, members: traffic.members },
    };
  },
};

const usage = `npm run bench [-- SECTION…] [--json]
  SECTION   ${Object.keys(sections).join(', ')} (default: all)
  --json    figures for programs`;
const { options, words } = scriptWords(usage, { json: { type: 'boolean' } }, Infinity);
const unknown = words.find((name) => !Object.hasOwn(sections, name));
if (unknown !== undefined) endWith(`There is no section "${unknown}"`, usage);
const results: Record<string, unknown> = {};
for (const name of words.length > 0 ? words : Object.keys(sections)) {
  const run = sections[name];
  if (!run) continue;
  if (!options['json'] === true) console.log(`\n${name}`);
  const { figures, json } = await run();
  results[name] = json;
  if (options['json'] === true) continue;
  for (const { what, value, reference, goal } of figures) {
    console.log(`  ${what}\n      ${value}   (reference: ${reference}; goal: ${goal})`);
  }
}
if (options['json'] === true) console.log(JSON.stringify(results, undefined, 2));
