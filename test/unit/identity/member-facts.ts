import { bytes } from '../../../shared/base/units.ts';
import type { MemberFacts } from '../../../shared/domain/member.ts';

/** A plain PC. */
export function factsOf(machineKey: string, change: Partial<MemberFacts> = {}): MemberFacts {
  return {
    machineKey,
    processors: 2,
    memory: bytes(2 ** 31),
    speed: 1000,
    cpuModel: 'Practice CPU',
    cpuFeatures: ['sse2'],
    architecture: 'x86_64',
    kernel: '6.12.0',
    systemVersion: '1',
    packs: ['base'],
    preDump: false,
    address: '127.0.0.1',
    transferPort: 0,
    firmware: 'container',
    ...change,
  };
}
