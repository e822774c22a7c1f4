import { parseArgs } from 'node:util';
import type { Result } from '../../shared/base/result.ts';
import { ok } from '../../shared/base/result.ts';
import { portOf, textOf } from '../platform/home/head-arguments.ts';

export interface DesktopOptions {
  readonly home: string | undefined;
  readonly port: number | undefined;
  readonly lab: string | undefined;
  readonly practice: boolean;
  /** Only the icon in the tray, as when the computer starts. */
  readonly hidden: boolean;
}

/** Others are Chromium's own, such as `--no-sandbox`, and are left to it. */
export function desktopOptions(args: readonly string[]): Result<DesktopOptions> {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      home: { type: 'string' },
      port: { type: 'string' },
      lab: { type: 'string' },
      practice: { type: 'boolean' },
      hidden: { type: 'boolean' },
    },
  });
  const port = portOf(values.port);
  if (!port.ok) return port;
  return ok({
    home: textOf(values.home),
    port: port.value,
    lab: textOf(values.lab),
    practice: values.practice === true,
    hidden: values.hidden === true,
  });
}
