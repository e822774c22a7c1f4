import { ManualClock } from '../../../src-sim/manual-clock.ts';
import { SimulatedContainerRuntime } from '../../sim/simulated-container-runtime.ts';
import {
  containerRuntimeContract,
  type RuntimeUnderTest,
} from '../../contracts/container-runtime-contract.ts';

const number = (pattern: RegExp, command: readonly string[]): number =>
  Number(pattern.exec(command.join(' '))?.[1] ?? 0);

function open(): RuntimeUnderTest {
  const clock = new ManualClock();
  const runtime = new SimulatedContainerRuntime(clock, {
    work: ({ command }) => 1000 * number(/sleep ([\d.]+)/, command),
    exitCode: ({ command }) => number(/exit (\d+)/, command),
    fails: () => false,
    runs: () => undefined,
    standsStill: () => undefined,
    ended: () => undefined,
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const step = async (): Promise<void> => {
    await settled();
    clock.advance(1);
    await settled();
  };
  return {
    runtime,
    async until(_what, holds) {
      while (!(await holds())) await step();
    },
    async during(operation) {
      let over = false;
      const done = (): void => void (over = true);
      operation.then(done, done);
      await settled();
      while (!over) await step();
      return operation;
    },
    async pass(span) {
      for (let passed = 0; passed < span; passed += 1) await step();
    },
  };
}

containerRuntimeContract('simulated containers', open);
