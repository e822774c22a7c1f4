/** What a PC is called that nobody named: `pc-07`, and `pc-100` after `pc-99`. `number`: from 1. */
export const pcName = (number: number): string => `pc-${String(number).padStart(2, '0')}`;
