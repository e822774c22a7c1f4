import { z } from 'zod';
import { mostPlaces } from '../domain/seat.ts';

export const seatField = z.object({
  room: z.string().min(1).max(60),
  row: z.number().int().min(1).max(mostPlaces),
  place: z.number().int().min(1).max(mostPlaces),
});

/** A PC the lab knows, or is to know by its network card when it first comes. */
export const seatViewSchema = z.object({
  mac: z.string(),
  /** Null until it has enrolled. */
  name: z.string().nullable(),
  seat: seatField.nullable(),
});
export type SeatView = z.infer<typeof seatViewSchema>;
