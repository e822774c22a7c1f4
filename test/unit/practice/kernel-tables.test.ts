import { describe, expect, it } from 'vitest';
import { writableMounts } from '../../../src-main/platform/practice/footprint.ts';
import { hierarchiesIn } from '../../../src-main/platform/practice/hierarchies.ts';

describe('control groups of a machine', () => {
  it('are the unified hierarchy alone on a Debian of today', () => {
    const table = [
      '24 30 0:22 / /sys rw,nosuid shared:7 - sysfs sysfs rw',
      '30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate',
    ].join('\n');
    expect(hierarchiesIn(table)).toEqual([
      { mount: '/sys/fs/cgroup', version: 2, controllers: '' },
    ]);
  });

  it('are those for memory and cpu beside it where the older ones are mounted, each once', () => {
    const table = [
      '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:1 - cgroup cgroup rw,cpu,cpuacct',
      '34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset',
      '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory,clone_children',
      '35 31 0:32 / /other\\040place rw - cgroup cgroup rw,memory',
      '36 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd',
      '37 31 0:38 / /sys/fs/cgroup/frozen ro - cgroup2 cgroup2 rw',
      '38 31 0:38 / /sys/fs/my\\040cgroup rw - cgroup2 cgroup2 rw',
    ].join('\n');
    expect(hierarchiesIn(table)).toEqual([
      { mount: '/sys/fs/cgroup/cpu,cpuacct', version: 1, controllers: 'cpu,cpuacct' },
      { mount: '/sys/fs/cgroup/memory', version: 1, controllers: 'memory' },
      { mount: '/sys/fs/my cgroup', version: 2, controllers: '' },
    ]);
  });
});

describe('places a PC can write to', () => {
  const table = [
    '60 50 0:50 / / rw,relatime - overlay overlay rw,lowerdir=tree,upperdir=upper,workdir=work',
    '61 60 0:51 / /run rw - tmpfs run rw,size=1G',
    '62 60 254:0 /packs/base /packs/base ro,relatime - ext4 /dev/vda rw',
    '63 61 0:52 / /run/t/1 rw - overlay overlay rw,lowerdir=/packs/base,upperdir=/run/t/u,workdir=/run/t/w',
  ];

  it('are RAM in a practice PC as it should be', () => {
    const places = writableMounts(table.join('\n'));
    expect(places.map(({ place }) => place)).toEqual(['/', '/run', '/run/t/1']);
    expect(places.every(({ vanishes }) => vanishes)).toBe(true);
  });

  it.each([
    '64 60 254:0 /home /mnt rw,relatime - ext4 /dev/vda rw',
    '64 60 0:53 / /mnt rw - overlay overlay rw,lowerdir=/packs/base,upperdir=/home/u,workdir=/home/w',
  ])('are told when one lasts: %s', (line) => {
    const lasting = writableMounts([...table, line].join('\n')).filter(({ vanishes }) => !vanishes);
    expect(lasting.map(({ place }) => place)).toEqual(['/mnt']);
  });
});
