/** A PC's place on the floor, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
type Point = readonly [number, number];

/** How far a track bends to its left, as a share of its length: two PCs that exchange tasks show two tracks. */
const bend = 0.16;

/** SVG path from the edge of one PC to the edge of another, so that it crosses neither's words. */
export function trackBetween(from: Box, to: Box): string {
  const [x1, y1] = edgePoint(from, centreOf(to));
  const [x2, y2] = edgePoint(to, centreOf(from));
  const middle = [(x1 + x2) / 2 + (y2 - y1) * bend, (y1 + y2) / 2 - (x2 - x1) * bend];
  return `M${[x1, y1].map(Math.round).join(' ')}Q${[...middle, x2, y2].map(Math.round).join(' ')}`;
}

const centreOf = ({ x, y, width, height }: Box): Point => [x + width / 2, y + height / 2];

/** Where the line from the box's centre to `towards` leaves the box. */
function edgePoint(box: Box, towards: Point): Point {
  const [cx, cy] = centreOf(box);
  const [dx, dy] = [towards[0] - cx, towards[1] - cy];
  const reach = Math.min(
    dx === 0 ? Infinity : box.width / 2 / Math.abs(dx),
    dy === 0 ? Infinity : box.height / 2 / Math.abs(dy),
  );
  return reach === Infinity ? [cx, cy] : [cx + dx * reach, cy + dy * reach];
}
