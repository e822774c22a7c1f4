// Scripts that run beside the agent, each a file of its own language.
import { textBeside } from '../../../shared/node/text-beside.ts';

/** For `perl -e`; see supervisor.pl. */
export const supervisorScript =
  textBeside(import.meta.url, './interrupted-calls.pl') +
  textBeside(import.meta.url, './supervisor.pl');

/** `srun` of a task. */
export const srunScript = textBeside(import.meta.url, './srun.sh');
