/**
 * What a second neighbour costs: processors of one PC share memory bandwidth, cache and, with SMT, the core itself. A
 * PC with all its slots taken gives each task this share less than one with a single task.
 */
const contention = 0.2;

/** Work a task gets done per second on a member where `used` of its processors are taken, itself included. */
export function rate(
  member: { readonly speed: number; readonly processors: number },
  used: number,
): number {
  const taken = Math.max(1, used);
  const share = Math.min(1, member.processors / taken);
  const crowding =
    member.processors > 1 ? contention * Math.min(1, (taken - 1) / (member.processors - 1)) : 0;
  return (member.speed / 1000) * share * (1 - crowding);
}
