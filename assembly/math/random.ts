import { Cospi } from "./cospi";
import { Ln } from "./ln";
import { Threefry } from "./threefry";

/** Random numbers on f64x2, one for each lane's 64-bit counter and key. The mirror of src/math/random.ts, where the reasons are. */
export class Random {
  /** Over (0, 1). */
  @inline static uniform(counter: v128, key: v128): v128 {
    return Random.open(Threefry.of(counter, key));
  }

  /** Standard normal. */
  @inline static gaussian(counter: v128, key: v128): v128 {
    const bits = Threefry.of(counter, key);
    const length = f64x2.sqrt(f64x2.mul(f64x2.splat(-2), Ln.of(Random.open(bits))));
    return f64x2.mul(length, Cospi.of(f64x2.mul(Random.word(i64x2.shr_u(bits, 32)), f64x2.splat(4.656612873077393e-10))));
  }

  /** Each lane's low word as a number strictly between 0 and 1. */
  @inline static open(bits: v128): v128 {
    return f64x2.mul(f64x2.add(Random.word(v128.and(bits, i64x2.splat(0xffffffff))), f64x2.splat(0.5)), f64x2.splat(2.3283064365386963e-10));
  }

  /** An integer below 2^32 as a double: added to the last bits of 2^52. */
  @inline static word(bits: v128): v128 {
    return f64x2.sub(v128.or(bits, i64x2.splat(0x4330000000000000)), f64x2.splat(4503599627370496));
  }
}
