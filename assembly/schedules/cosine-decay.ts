import { Cospi } from "../math/cospi";
import { Lerp } from "../math/lerp";
import { Pow } from "../math/pow";
import { Curve, Series } from "../series";

class Table {
  /** ½ − ½ cos of the sum of a block's angle, of which `cosine` and `sine` are halves, and those of the indices from byte `x` of the list on */
  @inline static fallen(list: usize, x: usize, cosine: f64, sine: f64): v128 {
    const near = f64x2.mul(f64x2.splat(cosine), v128.load(list + x));
    const far = f64x2.mul(f64x2.splat(sine), v128.load(list + x, 2056));
    const fallen = f64x2.sub(f64x2.splat(0.5), f64x2.sub(near, far));
    return v128.pmin<f64>(v128.pmax<f64>(fallen, f64x2.splat(0)), f64x2.splat(1));
  }
}

/** From init to end */
@final @unmanaged
class Cosine extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, cosine: f64, sine: f64, init: f64, end: f64, e: f64, f: f64, g: f64): v128 {
    return f64x2.sub(f64x2.splat(init), f64x2.mul(f64x2.splat(init - end), Table.fallen(list, x, cosine, sine)));
  }
}

/** The same with a power of what is left */
@final @unmanaged
class CosinePower extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, cosine: f64, sine: f64, init: f64, end: f64, power: f64, f: f64, g: f64): v128 {
    const rest = f64x2.sub(f64x2.splat(1), Table.fallen(list, x, cosine, sine));
    return Lerp.of(f64x2.splat(init), f64x2.splat(end), Pow.of(rest, f64x2.splat(power)));
  }
}

@final @unmanaged
class End extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, steps: f64, end: f64, c: f64, d: f64, e: f64, f: f64, g: f64): v128 {
    return f64x2.splat(end);
  }
}

/** The list: 257 cosines, then 257 sines, those of the angles that the indices from 0 on have. */
export function cosineDecay(
  n: usize, out: usize, start: f64, list: usize, count: usize, after: i32, steps: f64, init: f64, end: f64, power: f64
): void {
  const left = steps - start;
  const values = out;
  let inside = after == 4 ? n : <usize>Math.min(Math.max(Math.ceil(left), 0), <f64>n);
  const beyond = n - inside;
  while (inside > 0) {
    const block = 256 * Math.floor(start / 256);
    const first = <usize>(start - block);
    const m = min<usize>(inside, 256 - first);
    const turn = block / steps;
    const both = f64x2.mul(Cospi.of(f64x2.replace_lane(f64x2.splat(turn), 1, turn - 0.5)), f64x2.splat(0.5));
    const cosine = f64x2.extract_lane(both, 0), sine = f64x2.extract_lane(both, 1);
    const at = list + (first << 3);
    if (power == 1) Series.run<Cosine>(m, out, start, at, 0, cosine, sine, init, end, 0, 0, 0);
    else Series.run<CosinePower>(m, out, start, at, 0, cosine, sine, init, end, power, 0, 0);
    inside -= m;
    out += m << 3;
    start += <f64>m;
  }
  Series.until<End>(beyond, out, start, 0, 0, after, steps, end, 0, 0, 0, 0, 0);
  // Where it turns round, it is at its end exactly.
  if (after == 4 && left >= 0 && left < <f64>n && Math.floor(left) == left) store<f64>(values + (<usize>left << 3), end);
}
