import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { decodeSafely } from '../../../../shared/wire/decode-safely.ts';
import { ok, refuse, type Result } from '../../../../shared/base/result.ts';

/** A line of the QEMU machine protocol: greeting, answer, complaint or event. */
const lineSchema = z.looseObject({
  QMP: z.unknown().optional(),
  return: z.unknown().optional(),
  error: z.object({ desc: z.string() }).optional(),
  id: z.number().optional(),
});

export interface QmpCommand {
  readonly execute: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

const patience = 10_000;

/**
 * Gives commands to the QEMU that listens at `qmp` in the folder, one after the other, and hangs up. The way there leads
 * through an open folder, since paths of sockets may have no more than 107 bytes.
 */
export function tellQemu(folder: string, commands: readonly QmpCommand[]): Promise<Result<null>> {
  return new Promise((resolve) => {
    const handle = openSync(folder, 'r');
    const socket = connect(`/proc/self/fd/${handle}/qmp`);
    const finish = (result: Result<null>): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(
      () => finish(refuse('failed', 'the virtual PC does not answer')),
      patience,
    );
    socket.once('connect', () => closeSync(handle));
    socket.on('error', (error) => {
      if (socket.connecting) closeSync(handle);
      finish(refuse('failed', `the virtual PC cannot be told: ${error.message}`));
    });
    socket.once('close', () => finish(refuse('failed', 'the virtual PC hung up')));

    const all = [{ execute: 'qmp_capabilities' }, ...commands];
    const say = (index: number): void => {
      const command = all[index];
      if (command) socket.write(`${JSON.stringify({ ...command, id: index })}\n`);
      else finish(ok(null));
    };
    createInterface({ input: socket }).on('line', (line) => {
      const decoded = decodeSafely(lineSchema, jsonIn(line));
      if (!decoded.success) return;
      const { QMP, error, id } = decoded.data;
      if (QMP !== undefined) say(0);
      else if (error) finish(refuse('failed', `the virtual PC refused: ${error.desc}`));
      else if (id !== undefined) say(id + 1);
    });
  });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
