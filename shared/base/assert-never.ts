/** Ends an exhaustive `switch`; reached only when a decoder let something through that no type allows. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`);
}
