import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSeat, seatText } from '../../../shared/domain/seat.ts';
import { parseSeatCsv, seatCsv, type SeatRow } from '../../../shared/domain/seat-csv.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

const mac = (last: number): string => `52:54:00:00:00:${last.toString(16).padStart(2, '0')}`;
const read = (text: string) => {
  const lines = parseSeatCsv(text);
  return lines.ok
    ? lines.value.map(({ machine, seat }) => `${machine} ${seat ? seatText(seat) : '-'}`)
    : refusalWords(lines.error);
};

describe('a table of seats', () => {
  const rows: SeatRow[] = [
    { mac: mac(3), name: null, seat: null },
    { mac: mac(2), name: 'pc-02', seat: { room: 'Room 12', row: 1, place: 10 } },
    { mac: mac(1), name: 'pc-01', seat: { room: 'Room 12', row: 1, place: 2 } },
    { mac: mac(4), name: 'pc-04', seat: { room: 'A "B", C', row: 2, place: 1 } },
  ];

  it('is written for spreadsheets, in the order in which one walks the rows', () => {
    expect(seatCsv(rows)).toBe(
      [
        'mac,room,row,place,name',
        '52:54:00:00:00:04,"A ""B"", C",2,1,pc-04',
        '52:54:00:00:00:01,Room 12,1,2,pc-01',
        '52:54:00:00:00:02,Room 12,1,10,pc-02',
        '52:54:00:00:00:03,,,,',
        '',
      ].join('\r\n'),
    );
  });

  it('says the same when it is read again, whatever the rooms are called', () => {
    const room = fc.string({ maxLength: 30 }).map((text) => `R${text.replaceAll(/\p{Cc}/gu, '')}`);
    const rowOf = fc.record({
      mac: fc.integer({ min: 1, max: 255 }).map(mac),
      name: fc.constant(null),
      seat: fc.option(
        fc.record({ room, row: fc.integer({ min: 1, max: 99 }), place: fc.constant(7) }),
      ),
    });
    fc.assert(
      fc.property(fc.uniqueArray(rowOf, { selector: (row) => row.mac, minLength: 1 }), (table) => {
        const again = parseSeatCsv(seatCsv(table));
        const tidy = table.map(({ mac: machine, seat }) => ({
          machine,
          seat: seat && { ...seat, room: seat.room.trim().replaceAll(/\s+/g, ' ') },
        }));
        expect(again.ok && [...again.value].sort(byMachine)).toEqual([...tidy].sort(byMachine));
      }),
    );
  });

  it.each([
    ['of a German spreadsheet', '\uFEFFmac;room;row;place;name\r\n52-54-00-00-00-01;12;1;4;\r\n'],
    ['of tabs, in another order', 'place\trow\troom\tMAC\n4\t1\t12\t5254.0000.0001\n'],
    ['without titles', '52:54:00:00:00:01,12,1,4\n\n,,,\n'],
    [
      'with quotes around everything',
      '"mac","room","row","place"\n"52:54:00:00:00:01","12","1","4"',
    ],
  ])('is understood %s', (_how, text) => {
    expect(read(text)).toEqual(['52:54:00:00:00:01 12/1/4']);
  });

  it('names a PC by its name where its card is not known, and takes a seat away where none is written', () => {
    expect(read('mac,room,row,place,name\n,12,1,4,pc-07\n52:54:00:00:00:01,,,,\n')).toEqual([
      'pc-07 12/1/4',
      '52:54:00:00:00:01 -',
    ]);
  });

  it.each([
    ['', 'the table is empty.'],
    ['mac,room,row,place\n', 'the table names no PC.'],
    ['mac,place,room\n52:54:00:00:00:01,1,12', 'the table has no column "row".'],
    ['room,row,place\n12,1,4', 'the table has neither a column "mac" nor a column "name".'],
    ['mac,room,row,place\nffff,12,1,4', 'line 2: "ffff" is no address of a network card.'],
    ['mac,room,row,place\n,12,1,4', 'line 2: it names no PC: mac and name are empty.'],
    [
      'mac,room,row,place\n\n52:54:00:00:00:01,12,A,4',
      'line 3: the row "A" is none; rows and places are numbers from 1 to 999.',
    ],
    [
      'mac,room,row,place\n52:54:00:00:00:01,=HYPERLINK(1),1,4',
      'line 2: "=HYPERLINK(1)" is no name for a room; take up to 60 characters that begin with a letter or a digit.',
    ],
    [
      'mac,room,row,place\n52:54:00:00:00:01,\uFFFD,1,4',
      'the table is not UTF-8; save it as "CSV UTF-8".',
    ],
  ])('is refused with what is wrong in which line: %j', (text, sentence) => {
    expect(read(text)).toBe(sentence);
  });

  it('of whatever bytes is read or refused, and never a surprise', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc
            .array(
              fc.constantFrom('"', ',', ';', '\n', '\r', 'mac', 'room', 'row', 'place', '1', 'é'),
            )
            .map((pieces) => pieces.join('')),
        ),
        (text) => {
          expect(typeof parseSeatCsv(text).ok).toBe('boolean');
        },
      ),
    );
  });
});

describe('a seat as people write it', () => {
  it.each(['Room 12/1/4', '2/14/1/4', 'Aula/999/1'])('%s is one', (text) => {
    const seat = parseSeat(text);
    expect(seat.ok && seatText(seat.value)).toBe(text);
  });

  it.each(['', '12', '12/4', '/1/4', '12/0/4', '12/1/1000', '12/1/-4', '12/1/', '=1+1/1/4'])(
    '%j is none',
    (text) => expect(parseSeat(text).ok).toBe(false),
  );
});

const byMachine = (a: { readonly machine: string }, b: { readonly machine: string }): number =>
  a.machine < b.machine ? -1 : 1;
