import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { contract } from '../../../shared/api/contract.ts';
import { httpPaths } from '../../../shared/api/http-paths.ts';
import { parseDuration, parseSize } from '../../../shared/base/units.ts';
import { parseApprovalCode } from '../../../shared/domain/approval-code.ts';
import { parseBootHours } from '../../../shared/domain/boot-hours.ts';
import { parseTaskId } from '../../../shared/domain/ids.ts';
import { cutNote, readCutNote } from '../../../shared/domain/log-bounds.ts';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import { isLinkTarget, pathBytes, pathTextOf } from '../../../shared/domain/path-text.ts';
import { parseSeat } from '../../../shared/domain/seat.ts';
import { parseSeatCsv } from '../../../shared/domain/seat-csv.ts';
import { parseTaskRange } from '../../../shared/domain/task-range.ts';
import {
  badReportIn,
  decodeToHead,
  decodeToMember,
  encodeToHead,
  encodeToMember,
} from '../../../shared/wire/codec.ts';
import {
  announcementSchema,
  askRequestSchema,
  bootIdentitySchema,
  challengeReplySchema,
  challengeRequestSchema,
  enrolRefusalSchema,
  enrolReplySchema,
  enrolRequestSchema,
  renewRequestSchema,
  seenReportSchema,
  waitReplySchema,
} from '../../../shared/wire/enrolment.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { decodeResultLine } from '../../../shared/wire/result-lines.ts';
import { decodeDesktopSettings } from '../../../src-main/platform/home/desktop-settings.ts';
import { rangeOf } from '../../../src-main/platform/listener/byte-range.ts';
import { ToldResults } from '../../../src-main/core/attempts/told-results.ts';
import { architectureIn } from '../../../src-main/core/netboot/client-architecture.ts';
import {
  decodeAnswer,
  decodeQuestion,
  encodeDiscover,
} from '../../../src-main/core/netboot/dhcp-packet.ts';
import { emptyProxyLog, onProxyLine } from '../../../src-main/core/netboot/dnsmasq-log.ts';
import { decodeTftpAnswer } from '../../../src-main/core/netboot/tftp-packet.ts';
import { hierarchiesIn } from '../../../src-main/platform/practice/hierarchies.ts';
import { decodeBase, encodeBase, noBase } from '../../../src-main/platform/store/log-base.ts';
import {
  decodeModuleWish,
  parseModuleDependencies,
} from '../../../src-main/platform/system-builder/kernel-modules.ts';
import { decodeRecipe } from '../../../src-main/platform/system-builder/tree-recipe.ts';
import { processorIn } from '../../../src-member/platform/pc/pc-facts.ts';
import {
  decodeImage,
  encodeImage,
  Message,
} from '../../../src-member/platform/snapshots/criu-images.ts';
import { obstacleIn } from '../../../src-member/platform/snapshots/criu-obstacles.ts';
import { callIn } from '../../../src-member/platform/snapshots/spoiled-waits.ts';
import {
  encodeFrame,
  readAnswers,
  readRequests,
} from '../../../src-main/platform/drives/drive-writer-frames.ts';
import { decodeLsblk } from '../../../src-main/platform/drives/lsblk.ts';
import { decodeWindowsDisks } from '../../../src-main/platform/drives/windows-disks.ts';
import { parseNetwork } from '../../../src-main/platform/practice/lab-subnet.ts';
import { decodeBootEntry } from '../../../src-member/core/own-system/boot-entry.ts';
import { decodeTries } from '../../../src-member/core/own-system/next-try.ts';
import { placeOf, windowsName } from '../../../src-cli/core/fetched-tree.ts';
import { parseEnvironmentWish, parseWhole } from '../../../src-cli/core/environment-wish.ts';
import { parseInputWish } from '../../../src-cli/core/input-wish.ts';
import { readScript } from '../../../src-cli/core/script-directives.ts';
import { fromHead, fromMember, request, requestsByProcedure } from './good-messages.ts';
import type { OddInputs } from './odd-inputs.ts';

/** Takes one odd input; throws only when the decoder does, or when what it let in breaks a promise. */
export type Fuzzed = readonly [name: string, once: (odd: OddInputs) => unknown];

const promise = (isKept: boolean, what: string): void => {
  if (!isKept) throw new Error(what);
};

const ofText = (
  name: string,
  good: readonly string[],
  decode: (text: string) => unknown,
): Fuzzed => [name, (odd) => decode(odd.text(good))];
const ofBytes = (
  name: string,
  good: readonly Uint8Array[],
  decode: (bytes: Uint8Array) => unknown,
): Fuzzed => [name, (odd) => decode(odd.bytes(good))];
const ofSchema = (name: string, schema: z.ZodType, good: readonly unknown[]): Fuzzed => [
  name,
  (odd) => decodeSafely(schema, odd.value(good)),
];

/** What was let in stays in: written again it is read as the same. */
function roundTrip<Message>(
  text: string,
  decode: (text: string) => { readonly ok: boolean; readonly value?: Message },
  encode: (message: Message) => string,
): void {
  const first = decode(text);
  // A heartbeat is a few rounded numbers on purpose.
  if (!first.ok || text.startsWith('[') || text.includes('"beat"')) return;
  const again = decode(encode(first.value as Message));
  promise(
    again.ok && JSON.stringify(again.value) === JSON.stringify(first.value),
    'what was understood is not understood again',
  );
}

function pathIsHarmless(path: string, escaped: true | undefined): void {
  const bytes = pathBytes({ path, escaped });
  if (bytes === undefined) return;

  promise(
    !/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\\]/.test(path),
    `${path} acts on what shows it`,
  );
  const again = pathTextOf(bytes);
  promise(again.path === path && again.escaped === escaped, `${path} is written in two ways`);
  for (const windows of [false, true]) {
    const place = placeOf(
      { into: windows ? 'C:\\x' : '/x', folder: '', windows },
      { path, escaped },
    );
    const parts = String(place?.to ?? '').split(windows ? '\\' : '/');
    promise(!parts.includes('..'), `${path} leads out`);
  }
  const name = windowsName(path.replaceAll('/', ''));
  promise(
    !/[<>:"|?*\\]|[. ]$|^(con|nul|aux|prn)(\.|$)/i.test(name),
    `${name} is a device or a stream`,
  );
}

/** What it gives, or undefined where it refuses in one of these words. */
function orRefusal<Value>(read: () => Value, refusals: readonly string[]): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && refusals.includes(error.message)) return undefined;
    throw error;
  }
}

/** An image with two entries, whose fields are of every kind. */
const imageHead = Buffer.from([0x19, 0x43, 0x56, 0x54, 1, 2, 3, 4]);
const images = [
  encodeImage({
    head: imageHead,
    entries: [
      new Message([
        { number: 1, wire: 0, value: 300n },
        { number: 2, wire: 2, value: Buffer.from('name') },
      ]),
      new Message([{ number: 900, wire: 0, value: 2n ** 63n }]),
    ],
  }),
  imageHead,
];

const dhcp = encodeDiscover({
  transaction: 7,
  mac: '52:54:00:ab:cd:ef' as MacAddress,
  architecture: 7,
  machine: Array<number>(16).fill(1),
});
const bootOption = Uint8Array.of(
  ...[1, 0, 0, 0, 42, 0, 0x55, 0, 0x45, 0, 0, 0],
  ...[
    4,
    1,
    42,
    0,
    1,
    0,
    0,
    0,
    ...Array<number>(34).fill(2),
    4,
    4,
    8,
    0,
    0x5c,
    0,
    0,
    0,
    0x7f,
    0xff,
    4,
    0,
  ],
);

const otherDisks = {
  windows: readFileSync(
    join(import.meta.dirname, '..', '..', 'fixtures', 'drives', 'windows.json'),
    'utf8',
  ),
};
const writerRequest = encodeFrame({ op: 'write', id: 1, drive: 1, at: 512 }, new Uint8Array(64));
const writerAnswer = encodeFrame({ id: 1, refused: { fault: 'busy', sentence: 'Busy.' } });

export const everyDecoder: readonly Fuzzed[] = [
  ['messages to the head', (odd) => roundTrip(odd.json(fromMember), decodeToHead, encodeToHead)],
  ['messages to a member', (odd) => roundTrip(odd.json(fromHead), decodeToMember, encodeToMember)],
  ['reports that are not understood', (odd) => badReportIn(odd.json(fromMember))],
  ['lines of results', (odd) => decodeResultLine(odd.json(request.results))],
  [
    'lists of results',
    (odd) => {
      const results = new ToldResults();
      results.read(`${odd.json(request.results)}\n${odd.json(request.results)}\n`);
      return results.end();
    },
  ],
  [
    'paths',
    (odd) => pathIsHarmless(odd.text(request.paths), odd.value([true]) === true ? true : undefined),
  ],
  [
    'names of files',
    (odd) => {
      const bytes = odd.bytes(request.paths.map((path) => Buffer.from(path)));
      const { path, escaped } = pathTextOf(bytes);
      const again = pathBytes({ path, escaped });
      const isSame = again !== undefined && Buffer.from(again).equals(Buffer.from(bytes));
      promise(isSame || bytes.includes(0), 'a name is another one after it was written');
      return isLinkTarget({ path, escaped });
    },
  ],
  ...(
    [
      ['announcements', announcementSchema, request.announcement],
      ['boot identities', bootIdentitySchema, request.identity],
      ['challenges', challengeReplySchema, request.challenge],
      ['challenges asked for', challengeRequestSchema, {}],
      ['enrolments', enrolRequestSchema, request.enrol],
      ['approvals asked for', askRequestSchema, request.ask],
      ['renewals', renewRequestSchema, request.renew],
      ['answers to enrolments', enrolReplySchema, request.reply],
      ['waiting', waitReplySchema, { waits: true }],
      ['refusals', enrolRefusalSchema, { code: 'refused', sentence: 'no' }],
      ['reports of unenrolled PCs', seenReportSchema, request.seen],
    ] as const
  ).map(([name, schema, good]) => ofSchema(name, schema, [good])),
  ...proceduresOf(contract).map(([name, schema]) =>
    ofSchema(`request ${name}`, schema, requestsByProcedure[name] ?? [{}]),
  ),
  ofText('ranges of blobs', ['bytes=0-4', 'bytes=-3', httpPaths.blob], (text) => rangeOf(text, 10)),
  ofText('settings of the app', ['{"notify":false,"updates":null}'], decodeDesktopSettings),
  ofText('sizes', ['2G', '512 MiB', '1.5T'], parseSize),
  ofText('durations', ['1-02:03:04', '90m', '00:20'], parseDuration),
  ofText('task ids', ['12.3', '1.0'], parseTaskId),
  ofText('ranges of tasks', ['1-500', '7'], parseTaskRange),
  ofText('boot hours', ['18:00-07:30', '00:00-24:00'], parseBootHours),
  ofText('approval codes', ['ABCD-EFGH', 'k7w2 9xqa'], parseApprovalCode),
  ofText('addresses of cards', ['52:54:00:ab:cd:ef', '5254.00ab.cdef'], parseMacAddress),
  ofText('seats', ['R12/3/4', 'room 12, row 3, place 4'], parseSeat),
  ofText('tables of seats', ['name,room,row,place\npc-01,12,3,4\n"a ""b""",1,2,3\n'], parseSeatCsv),
  ofText('networks', ['10.77.0.0/24', '192.168.1.1/32'], parseNetwork),
  ofText('classes of firmware', ['PXEClient:Arch:00007:UNDI:003016'], architectureIn),
  ofText(
    'lines of dnsmasq',
    [
      'dnsmasq-dhcp[7]: 443727331 vendor class: PXEClient:Arch:00007:UNDI:003000',
      'dnsmasq-dhcp[7]: 443727331 PXE(eth0) 10.77.0.9 52:54:00:00:00:04 proxy',
      'dnsmasq-tftp[7]: sent /srv/tftp/shimx64.efi to 10.77.0.9',
    ],
    (text) => onProxyLine(emptyProxyLog, text),
  ),
  ofText('disks of Windows', [otherDisks.windows], decodeWindowsDisks),
  [
    'disks of Windows, whole',
    (odd) => decodeWindowsDisks(odd.json([JSON.parse(otherDisks.windows)])),
  ],
  ofBytes('requests to the helper for drives', [writerRequest], (bytes) =>
    readRequests().push(bytes),
  ),
  ofBytes('answers of the helper for drives', [writerAnswer], (bytes) => readAnswers().push(bytes)),
  ofText('lists of drives', [JSON.stringify(request.lsblk)], decodeLsblk),
  ['lists of drives, whole', (odd) => decodeLsblk(odd.json([request.lsblk]))],
  ofText('inputs as typed', ['data/a.txt:b', 'a:b:c', 'dir'], parseInputWish),
  ofText('variables as typed', ['A=1', 'PATH'], parseEnvironmentWish),
  ofText(
    'scripts',
    [
      '#!/bin/bash\n#SBATCH --array=1-6%2\n#SBATCH --ntasks=2 --mem-per-cpu=100M\necho\n',
      '#!/bin/sh\n#PBS -l nodes=1:ppn=2,mem=200mb,walltime=00:00:20\n#PBS -N x\n',
    ],
    (text) => readScript(text, 'job.sh'),
  ),
  ofBytes('questions of firmware', [dhcp], decodeQuestion),
  ofText('notes of what a log lacks', [cutNote(7)], readCutNote),
  ofBytes('answers of DHCP servers', [dhcp], (bytes) => decodeAnswer(bytes, '10.0.0.1')),
  ofBytes(
    'answers of TFTP servers',
    [Uint8Array.of(0, 5, 0, 1, 65, 0), Uint8Array.of(0, 3, 0, 1)],
    decodeTftpAnswer,
  ),
  ofBytes('boot entries of firmware', [bootOption], (bytes) => decodeBootEntry(3, bytes)),
  ofBytes('tries of firmware', [new Uint8Array(24)], decodeTries),
  ofText('bases of logs', [encodeBase({ ...noBase, seq: 12 }), '1 2 3 4'], decodeBase),
  [
    'images of CRIU',
    (odd) => {
      const bytes = Buffer.from(odd.bytes(images));
      const image = orRefusal(
        () => decodeImage(bytes),
        [
          'it is no image of CRIU',
          'an image is cut off',
          'a number in an image has no end',
          'a field of an image is cut off',
          'a field of an image is of no known kind',
        ],
      );
      promise(
        image === undefined ||
          decodeImage(encodeImage(image)).entries.length === image.entries.length,
        'what was understood is not understood again',
      );
    },
  ],
  ofText(
    'calls that threads wait in',
    ['35 0x1 0x0 0x0 0x0 0x0 0x0 0x7ffd 0x7f1', 'running'],
    callIn,
  ),
  ofText(
    'complaints of CRIU',
    ["(00.1) Error (criu/files-ext.c:98): Can't dump file 6 of that type [20666]", ''],
    (text) => obstacleIn(text, 'it ended with 1'),
  ),
  ofText(
    'processors',
    ['processor\t: 0\nmodel name\t: AMD EPYC\nflags\t: sse avx2\n'],
    processorIn,
  ),
  ofText(
    'mounted hierarchies',
    [
      '30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n31 24 0:27 / /a\\040b rw - cgroup c rw,cpu',
    ],
    hierarchiesIn,
  ),
  ofText(
    'dependencies of modules',
    ['kernel/fs/nfs/nfs.ko.xz: kernel/net/sunrpc.ko.xz\n'],
    parseModuleDependencies,
  ),
  ['lists of modules', (odd) => decodeModuleWish(odd.value([{ wanted: ['a/**'], unwanted: [] }]))],
  [
    'recipes',
    (odd) => decodeRecipe(odd.value([{ packages: ['bash'], remove: ['/boot'] }]), 'base'),
  ],
  ofText('whole numbers as typed', ['12', '007'], (text) => parseWhole(text, '--n', 1, 64)),
];

/** Every procedure of the contract that takes something. */
function proceduresOf(part: unknown, name = ''): readonly (readonly [string, z.ZodType])[] {
  if (typeof part !== 'object' || part === null) return [];
  const own = (part as { readonly '~orpc'?: { readonly inputSchema?: unknown } })['~orpc'];
  if (own !== undefined)
    return own.inputSchema instanceof z.ZodType ? [[name, own.inputSchema]] : [];
  return Object.entries(part).flatMap(([key, below]) =>
    proceduresOf(below, name === '' ? key : `${name}.${key}`),
  );
}
