import { extent, isDrawn, type Point } from "./figure.ts";

/**
 * Leaves out of a long line what does not show: of the points that follow one another within one of `columns` columns, the first, the last, the
 * lowest and the highest stay (M4, Jugel et al. 2014).
 */
export function thin(points: readonly Point[], columns: number, logX: boolean): readonly Point[] {
  if (points.length <= 4 * columns) return points;
  const place = logX ? Math.log : (x: number) => x;
  const [from, to] = extent(points.filter(isDrawn).map(({ x }) => x)).map(place);
  const column = (point: Point) =>
    isDrawn(point) ? Math.floor(((place(point.x) - from) / (to - from || 1)) * columns) : -1;
  const kept: Point[] = [];
  for (let start = 0, end = 0; start < points.length; start = end) {
    const own = column(points[start]);
    while (end < points.length && column(points[end]) === own) end++;
    kept.push(...outline(points.slice(start, end)));
  }
  return kept;
}

function outline(run: readonly Point[]): readonly Point[] {
  let [lowest, highest] = [0, 0];
  for (let i = 1; i < run.length; i++) {
    if (run[i].y < run[lowest].y) lowest = i;
    if (run[i].y > run[highest].y) highest = i;
  }
  return [...new Set([0, lowest, highest, run.length - 1])].sort((a, b) => a - b).map((i) => run[i]);
}
