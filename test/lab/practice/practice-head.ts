// A head of nothing but a practice lab, to be killed: `node practice-head.ts HOME PCS`.
import { openPracticeLab } from './practice-bench.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

const [home = '', pcs = '3'] = process.argv.slice(2);
const up = await openPracticeLab(home).up({
  pcs: Number(pcs),
  driver: 'container',
  cpus: 2,
  memory: null,
});
console.log(up.ok ? 'up' : refusalWords(up.error));
