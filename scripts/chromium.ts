const usualPlaces = [
  '/usr/bin/chromium', // Debian; the same major version as our Electron
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser the ui tests drive; NIGHTSHIFT_CHROMIUM names one in another place. */
export function findChromium(exists: (path: string) => boolean): string | undefined {
  const named = process.env['NIGHTSHIFT_CHROMIUM'];
  return named ?? usualPlaces.find(exists);
}
