/**
 * Where built systems lie: one place for the machine, since root builds them and every head there may use them. Head,
 * build script and the witness of a practice night have to mean the same one.
 */
export function systemCacheDir(environment: Readonly<Record<string, string | undefined>>): string {
  const chosen = environment['NIGHTSHIFT_CACHE'];
  return chosen !== undefined && chosen !== '' ? chosen : '/var/cache/nightshift';
}
