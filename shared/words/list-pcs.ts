/** `pc-01`, `pc-01 and pc-02`, `pc-01 … pc-05` */
export function listPcs(names: readonly string[]): string {
  const [first, second, ...more] = names;
  if (first === undefined) return 'none';
  if (second === undefined) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first} … ${more.at(-1) ?? second}`;
}
