import { bytes } from '../../../shared/base/units.ts';
import type { Drive } from '../../../shared/domain/drive.ts';

/** One that the system tells of in a way that nobody understands: it is shown, and nothing may be done with it. */
export const unclearDrive = (path: string, unclear: string): Drive => ({
  ...{ path, name: null, serial: null, size: bytes(0), readOnly: true },
  ...{ removable: false, hotplug: false, transport: null, kind: 'unknown' },
  ...{ deviceNumber: '', sequence: null, uses: [], unclear },
});
