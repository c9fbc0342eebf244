/**
 * cos(πx) for finite x, from IEEE operations alone. π is not multiplied into the argument before it is reduced, so that the result is
 * exact wherever 2x is whole. Within 1.2 ulp of the exact value. The mirror of assembly/math/cospi.ts.
 */
export function cospi(x: number): number {
  // All exact, from |x| on: to [0, 2) by the period, to [0, 1] and to [0, 1/2] by symmetry.
  const turn = Math.abs(x) - 2 * Math.floor(Math.abs(x) * 0.5);
  const half = turn > 1 ? 2 - turn : turn;
  const y = half > 0.5 ? 1 - half : half;
  const value = y > 0.25 ? sine(0.5 - y) : cosine(y);
  return half > 0.5 ? -value : value;
}

/** The Taylor series of cos(πy) on [0, 1/4], 1 − 4y² apart, of which it is known what it lost. The first dropped term is below 2^-58. */
function cosine(y: number): number {
  const z = y * y;
  let r = 4.303069587032947e-6;
  r = r * z - 0.0001046381049248457;
  r = r * z + 0.0019295743094039231;
  r = r * z - 0.02580689139001406;
  r = r * z + 0.2353306303588932;
  r = r * z - 1.3352627688545895;
  r = r * z + 4.0587121264167685;
  r = r * z - 0.9348022005446793;
  const most = 1 - 4 * z;
  return most + (1 - most - 4 * z + r * z);
}

/** That of sin(πy), less 4y, which is exact: so the rounding of what is added to it is small. Its first dropped term is below 2^-63. */
function sine(y: number): number {
  const z = y * y;
  let r = 7.952054001475513e-7;
  r = r * z - 0.000021915353447830217;
  r = r * z + 0.00046630280576761255;
  r = r * z - 0.0073704309457143504;
  r = r * z + 0.08214588661112823;
  r = r * z - 0.5992645293207921;
  r = r * z + 2.5501640398773455;
  r = r * z - 5.16771278004997;
  r = r * z - 0.8584073464102068;
  return r * y + 4 * y;
}
