import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { OutputFile } from '../../../shared/domain/job.ts';
import { largestTree, type TreeNode } from '../../../shared/domain/tree.ts';
import { decodeResultLine, isNode } from '../../../shared/wire/result-lines.ts';

/** Results that came as a list, line by line. A list with one bad line is none: half of the results is not the results. */
export class ToldResults {
  readonly outputs: OutputFile[] = [];
  readonly nodes: TreeNode[] = [];
  #half = '';

  /** The next piece of the list; refused as soon as it is no list. */
  read(text: string): Result<null> {
    const lines = (this.#half + text).split('\n');
    this.#half = lines.pop() ?? '';
    for (const line of lines) {
      const result = decodeResultLine(line);
      if (result === undefined)
        return refuse(
          'misuse',
          `its list of results has a line that is none: ${line.slice(0, 100)}`,
        );
      if (isNode(result)) this.nodes.push(result);
      else this.outputs.push(result);
    }
    return this.outputs.length + this.nodes.length > largestTree
      ? refuse('misuse', `its list of results has more than ${largestTree} lines`)
      : ok(null);
  }

  end(): Result<null> {
    return this.#half === '' ? ok(null) : refuse('misuse', 'its list of results breaks off');
  }
}
