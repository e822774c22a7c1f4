/**
 * Where built systems lie: one place for the machine, since root builds them and every head there
 * may use them.
 */
export function systemCacheDir(environment: NodeJS.ProcessEnv): string {
  const chosen = environment['NIGHTSHIFT_CACHE'];
  return chosen !== undefined && chosen !== '' ? chosen : '/var/cache/nightshift';
}
