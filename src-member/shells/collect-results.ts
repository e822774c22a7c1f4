import type { ContainerRuntime } from '../ports/container-runtime.ts';
import type { TaskFiles } from '../ports/task-files.ts';
import type { Outcome } from '../core/attempts/outcomes.ts';
import type { Directive } from '../core/attempts/turn.ts';

/** Outputs and log of a program that ended go to the head; only then its end is told. */
export async function collectResults(
  { runtime, files }: { readonly runtime: ContainerRuntime; readonly files: TaskFiles },
  { of, ending, patterns }: Extract<Directive, { readonly d: 'collect' }>,
): Promise<Outcome> {
  const log = await files.storeLog(of);
  if (!log.ok) return { o: 'collect-failed', of, fault: log.error };
  const { cpuSeconds } = runtime.usage(of);
  const told = { o: 'collected', of, log: log.value, cpuSeconds } as const;
  if (patterns.length === 0) return { ...told, ending, outputs: [] };
  const outputs = await files.collect(of, patterns);
  if (!outputs.ok) return { o: 'collect-failed', of, fault: outputs.error };
  const { missed, ...found } = outputs.value;
  // Of a program that failed, what it left is worth having and what it did not leave is no news.
  if (missed === null || ending.cause !== 'exit' || ending.exitCode !== 0)
    return { ...told, ...found, ending };
  return { ...told, ...found, ending: { cause: 'no-output', exitCode: 0, reason: missed } };
}
