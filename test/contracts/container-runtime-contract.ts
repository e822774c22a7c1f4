import { describe, expect, test } from 'vitest';
import { mebibytes } from '../../shared/base/units.ts';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import { epoch, jobId, taskIdOf } from '../../shared/domain/ids.ts';
import type { ContainerRuntime, ProgramEnd } from '../../src-member/ports/container-runtime.ts';
import type { TaskSpec } from '../../shared/wire/task-spec.ts';

/** A runtime under test and how time passes around it. */
export interface RuntimeUnderTest {
  readonly runtime: ContainerRuntime;
  /** Resolves when this holds; lets time pass meanwhile. */
  readonly until: (what: string, holds: () => Promise<boolean> | boolean) => Promise<void>;
  /** Lets an operation run to its end. */
  readonly during: <Value>(operation: Promise<Value>) => Promise<Value>;
  /** Lets so many milliseconds pass, to see that something does not happen. */
  readonly pass: (span: number) => Promise<void>;
}

let nextTask = 1;
export const anAttempt = (): AttemptKey => {
  nextTask += 1;
  return { task: taskIdOf(jobId(String(nextTask)), 0), epoch: epoch(1) };
};
const later = (of: AttemptKey): AttemptKey => ({ ...of, epoch: epoch(of.epoch + 1) });

export const programSpec = (
  of: AttemptKey,
  command: readonly string[],
  wish: Partial<TaskSpec> = {},
): TaskSpec => ({
  task: of.task,
  name: 'program',
  index: 0,
  command: [...command],
  environment: {},
  cpus: 1,
  memory: mebibytes(256),
  wallTimeLeft: null,
  inputs: [],
  outputs: [],
  pack: 'base',
  portable: false,
  ...wish,
});

/** What `ContainerRuntime` promises, for the simulated and for the real one. */
export function containerRuntimeContract(
  name: string,
  open: () => Promise<RuntimeUnderTest> | RuntimeUnderTest,
): void {
  describe(name, () => {
    const story = async (
      tell: (
        under: RuntimeUnderTest & {
          readonly endOf: (of: AttemptKey) => ProgramEnd | undefined;
          readonly ends: () => number;
        },
      ) => Promise<void>,
    ): Promise<void> => {
      const under = await open();
      const ends = new Map<string, ProgramEnd>();
      let count = 0;
      under.runtime.listen((of, end) => {
        count += 1;
        ends.set(`${of.task}.${of.epoch}`, end);
      });
      await tell({
        ...under,
        endOf: (of) => ends.get(`${of.task}.${of.epoch}`),
        ends: () => count,
      });
    };
    const sleeps = (of: AttemptKey, seconds: number): TaskSpec =>
      programSpec(of, ['sleep', String(seconds)]);

    test('tells the end of a program once, with its exit code', () =>
      story(async ({ runtime, until, during, pass, endOf, ends: told }) => {
        const of = anAttempt();
        expect(await during(runtime.start(of, sleeps(of, 0.3)))).toEqual({ ok: true, value: null });
        await until('the end is told', () => endOf(of) !== undefined);
        expect(endOf(of)).toEqual({ exitCode: 0, because: null });
        await pass(300);
        expect(told()).toBe(1);
        await during(runtime.remove(of));
      }));

    test('kills so that nothing is told afterwards', () =>
      story(async ({ runtime, during, pass, endOf }) => {
        const of = anAttempt();
        await during(runtime.start(of, sleeps(of, 0.4)));
        await during(runtime.kill(of));
        await pass(700);
        expect(endOf(of)).toBeUndefined();
        await during(runtime.remove(of));
      }));

    test('makes a start that is killed meanwhile a fault', () =>
      story(async ({ runtime, during, pass, endOf }) => {
        const of = anAttempt();
        const starting = runtime.start(of, sleeps(of, 0.3));
        const killed = runtime.kill(of);
        const [started] = await during(Promise.all([starting, killed]));
        if (started.ok) {
          // The kill came before there was anything to kill, or the start was quicker: then it has to end by another.
          await during(runtime.kill(of));
        } else expect(started.error.cause).toBe('machine');
        await pass(600);
        expect(endOf(of)).toBeUndefined();
        await during(runtime.remove(of));
      }));

    test('freezes so that a program does not come to its end before it is thawed', () =>
      story(async ({ runtime, until, during, pass, endOf }) => {
        const of = anAttempt();
        await during(runtime.start(of, programSpec(of, ['sh', '-c', 'sleep 0.3; exit 0'])));
        await during(runtime.freeze(of));
        await pass(900);
        expect(endOf(of)).toBeUndefined();
        await during(runtime.thaw(of));
        await until('the end is told', () => endOf(of) !== undefined);
        await during(runtime.remove(of));
      }));

    for (const apart of [false, true]) {
      test(`${apart ? 'copies' : 'streams'} a frozen program's state, which goes on as another attempt`, () =>
        story(async ({ runtime, until, during, endOf }) => {
          const of = anAttempt();
          const next = later(of);
          const spec = programSpec(of, ['sh', '-c', 'sleep 1; exit 7'], {
            environment: { EXIT: '7' },
          });
          await during(runtime.start(of, spec));
          await during(runtime.freeze(of));
          const carried = { cpuSeconds: 3, wallTimeLeft: 60_000 };
          const taken = await during(runtime.snapshot(of, carried, apart));
          if (!taken.ok) throw new Error(taken.error.reason);
          const bytes: Uint8Array[] = [];
          const read = async (): Promise<void> => {
            for await (const chunk of taken.value.bytes()) bytes.push(chunk);
          };
          await during(read());
          await during(taken.value.drop());
          expect(endOf(of)).toBeUndefined();
          await during(runtime.remove(of));
          const source = async function* (): AsyncGenerator<Uint8Array> {
            yield* bytes;
          };
          expect(await during(runtime.unpack(next, spec, source()))).toMatchObject({
            ok: true,
            value: { carried },
          });
          expect(await during(runtime.restore(next))).toEqual({ ok: true, value: null });
          await until('the end is told', () => endOf(next) !== undefined);
          expect(endOf(next)?.exitCode).toBe(7);
          await during(runtime.remove(next));
        }));
    }

    test('does not restore what never arrived', () =>
      story(async ({ runtime, during }) => {
        const of = anAttempt();
        const broken = async function* (): AsyncGenerator<Uint8Array> {
          yield new Uint8Array([123, 34]);
          throw new Error('the connection broke');
        };
        expect((await during(runtime.unpack(of, sleeps(of, 1), broken()))).ok).toBe(false);
        expect((await during(runtime.restore(of))).ok).toBe(false);
        await during(runtime.remove(of));
      }));
  });
}
