import { noteWords } from '../../shared/words/machine-words.ts';
import { reasonWords } from '../../shared/words/reason-words.ts';
import { reportJson } from '../core/worded.ts';
import { formatDuration, formatSize } from '../../shared/base/units.ts';
import type { Report } from '../../shared/api/views.ts';
import { answer } from '../core/answer.ts';
import { count } from '../core/count.ts';
import { paintState, type Paint } from '../core/paint.ts';
import type { World } from '../core/ports.ts';
import { parseWhole } from '../core/environment-wish.ts';
import { must } from '../core/refused.ts';
import { formatMoment } from '../core/relative-time.ts';
import { formatPairs, formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';

export async function showReport(world: World, json: boolean, wished?: string): Promise<number> {
  const night =
    wished === undefined ? {} : { night: must(parseWhole(wished, '--night', 1, 999_999_999)) };
  const report = await withHead(world, ({ api }) => api.lab.report(night));
  const offset = new Date(report.until).getTimezoneOffset();
  answer(world, json, reportJson(report), () => reportLines(report, offset, world.terminal.paint));
  return 0;
}

export function reportLines(report: Report, zoneOffset: number, paint: Paint): readonly string[] {
  const moment = (at: number): string => formatMoment(at, zoneOffset);
  const { moves, losses, machines, failures } = report;
  if (report.night === 0) return ['No night has begun yet; the first one does when a PC arrives.'];
  const waiting =
    report.tasksSuspended === 0 ? '' : `, ${report.tasksSuspended} saved for the next night`;
  return [
    paint.strong(`Night ${report.night} of ${report.lab}`),
    ...formatPairs([
      ['From', `${moment(report.from)} to ${moment(report.until)}`],
      ['Tasks', `${report.tasksDone} done, ${report.tasksFailed} failed${waiting}`],
      ['Work', `${report.coreHours.toFixed(2)} core-hours`],
      [
        'Moves',
        `${moves.length}${moves.length === 0 ? '' : `, frozen for ${formatDuration(Math.max(...moves.map(({ freezeMs }) => freezeMs)))} at the most`}`,
      ],
      ['Checkpoints', String(report.checkpoints)],
      ['PCs', returnedText(report.returned)],
      ['Lost', count(Math.round(report.minutesLost * 10) / 10, 'minute')],
    ]),
    ...section(
      moves.length > 0,
      formatTable(
        [
          { title: 'MOVED', align: 'right', text: ({ task }) => task },
          { title: 'FROM', text: ({ from }) => from },
          { title: 'TO', text: ({ to }) => to },
          { title: 'FROZEN', align: 'right', text: ({ freezeMs }) => formatDuration(freezeMs) },
          { title: 'IN ALL', align: 'right', text: ({ totalMs }) => formatDuration(totalMs) },
          { title: 'SIZE', align: 'right', text: ({ bytes }) => formatSize(bytes) },
          {
            title: 'BECAUSE',
            text: ({ because }) => reasonWords(because),
            most: 80,
            sentence: true,
          },
        ],
        moves,
        paint,
      ),
    ),
    ...section(
      losses.length > 0,
      formatTable(
        [
          { title: 'LOST', align: 'right', text: ({ task }) => task },
          { title: 'ON', text: ({ machine }) => machine },
          { title: 'AT', text: ({ at }) => moment(at) },
          { title: 'MINUTES', align: 'right', text: ({ minutes }) => minutes.toFixed(1) },
          { title: 'BECAUSE', text: ({ reason }) => reasonWords(reason), most: 80, sentence: true },
        ],
        losses,
        paint,
      ),
    ),
    ...section(
      machines.length > 0,
      formatTable(
        [
          { title: 'MACHINE', text: ({ name }) => name },
          {
            title: 'STATE',
            text: ({ state }) => state,
            paint: (text, { state, flag }) =>
              flag === null ? paintState(paint, state)(text) : paint.bad(text),
          },
          {
            title: 'RETURNED',
            text: ({ returnedAt }) => (returnedAt === null ? '-' : moment(returnedAt)),
          },
          {
            title: 'NOTE',
            text: ({ note }) => (note ? noteWords(note) : ''),
            most: 80,
            sentence: true,
          },
        ],
        machines,
        paint,
      ),
    ),
    ...section(
      failures.length > 0,
      failures.map(({ task, held, reason }) =>
        paint.bad(
          `Task ${task} ${held ? 'is held' : 'failed'}: ${reason ? reasonWords(reason) : 'unknown'}`,
        ),
      ),
    ),
  ];
}

function returnedText({ given, confirmed }: Report['returned']): string | null {
  if (given === 0) return null;
  const gone = confirmed === given ? 'and known to have left' : `${confirmed} known to have left`;
  return `${given} given back, ${gone}`;
}

function section(wanted: boolean, lines: readonly string[]): readonly string[] {
  return wanted ? ['', ...lines] : [];
}
