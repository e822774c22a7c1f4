// A very small agent: shows what it hears, and does what the head's end of a TCP connection tells it, a word a line.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

const port = 7999;
const group = '224.0.0.251';
const [card] = networkInterfaces()['eth0'].filter(({ family }) => family === 'IPv4');
const head = card.address.replace(/\.\d+$/, '.1');
const heard = new Set();
let keys = 0;

function draw() {
  const lines = [
    `hello from ${hostname()}`,
    `heard ${[...heard].sort().join(' ')}`,
    `keys ${keys}`,
  ];
  console.log(['=== screen ===', ...lines, '=== end ==='].join('\n'));
}

process.stdin.on('data', (bytes) => {
  keys += bytes.length;
  draw();
});

const socket = createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (message) => {
  const before = heard.size;
  heard.add(message.toString());
  if (heard.size > before) draw();
});
socket.bind(port, () => {
  socket.addMembership(group);
  setInterval(() => socket.send(hostname(), port, group), 50);
});

const facts = {
  name: hostname(),
  card: card.mac,
  address: card.address,
  cpus: process.env['NIGHTSHIFT_CPUS'],
  memory: process.env['NIGHTSHIFT_MEMORY'],
  identity: JSON.parse(readFileSync('/etc/nightshift/identity.json', 'utf8')),
  packs: readFileSync('/packs/base/etc/debian_version', 'utf8').trim() !== '',
};

const acts = {
  crash: () => process.exit(7),
  leave: () => process.exit(42),
  // Both shells end at once; their grandchild loses its parent and ends a moment later.
  orphan: () => spawn('sh', ['-c', 'sh -c "sleep 0.1 &" &']),
  zombies: () => say({ zombies: zombies() }),
  eat: () =>
    spawn('/usr/lib/nightshift/node', [
      '-e',
      'for (const all = []; ; ) all.push(Buffer.alloc(1 << 24, 1))',
    ]).on('exit', (code, signal) => say({ eater: signal ?? code })),
  disk: () =>
    spawn('sh', ['-c', 'mknod /run/disk b 254 0 && dd if=/run/disk of=/dev/null count=1']).on(
      'exit',
      (code) => say({ disk: code }),
    ),
};

const line = connect(port, head, () => say({ hello: facts }));
line.setEncoding('utf8').on('data', (text) => {
  for (const word of text.trim().split('\n')) acts[word]?.();
});
line.on('error', () => process.exit(1));
draw();

function say(what) {
  line.write(`${JSON.stringify(what)}\n`);
}

function zombies() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        return false;
      }
    }).length;
}
