/**
 * What `p`, the rounded product of `a` and `b`, lost: a · b − p exactly, by Dekker's method, since no fused multiply-add
 * exists in JavaScript. For |a|, |b| < 2^970.
 */
export function lost(a: number, b: number, p: number): number {
  const ah = upper(a);
  const bh = upper(b);
  const al = a - ah;
  const bl = b - bh;
  return ah * bh - p + ah * bl + al * bh + al * bl;
}

/** The upper 26 bits of `a`, by Veltkamp's split. */
function upper(a: number): number {
  const c = a * 134217729;
  return c - (c - a);
}
