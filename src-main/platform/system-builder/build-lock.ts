import { createHash } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * One process at a time for what `path` names. The lock is a listening abstract socket: the kernel
 * lets only one process have the name and frees it however that process ends, so a lock cannot be
 * left behind; whoever waits is connected to the holder and wakes when it goes. It reaches as far
 * as the network namespace. Linux only.
 */
export async function withBuildLock<Value>(
  path: string,
  onWait: () => void,
  work: () => Promise<Value>,
): Promise<Value> {
  const name = `\0nightshift-build-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
  let lock = await tryLock(name);
  if (lock === undefined) onWait();
  while (lock === undefined) {
    await holderGone(name);
    lock = await tryLock(name);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function tryLock(name: string): Promise<{ release(): void } | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    const server: Server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => undefined); // a waiter that was killed
      socket.on('close', () => waiting.delete(socket));
    });
    const release = (): void => {
      server.close();
      for (const socket of waiting) socket.destroy();
    };
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve({ release }));
  });
}

function holderGone(name: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(name);
    socket.on('error', () => undefined); // gone before we came: close follows
    socket.on('close', () => resolve());
    socket.resume();
  });
}
