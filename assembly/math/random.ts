import { Cospi } from "./cospi";
import { Ln } from "./ln";
import { Threefry } from "./threefry";

/** Random numbers on f64x2, one for each lane's 64-bit counter and key. The mirror of src/math/random.ts, where the reasons are. */
export class Random {
  /** Standard normal. */
  @inline static gaussian(counter: v128, key: v128): v128 {
    return Random.normal(Threefry.of(counter, key));
  }

  /** Standard normal, of each lane's 64 random bits. */
  @inline static normal(bits: v128): v128 {
    const length = f64x2.sqrt(f64x2.mul(f64x2.splat(-2), Ln.of(Random.uniform(bits))));
    return f64x2.mul(length, Cospi.of(f64x2.mul(Random.word(i64x2.shr_u(bits, 32)), f64x2.splat(4.656612873077393e-10))));
  }

  /** A whole number below 2^53 as the two words of a counter or a key. */
  @inline static words(x: v128): v128 {
    const magic = f64x2.splat(4503599627370496);
    const high = f64x2.floor(f64x2.mul(x, f64x2.splat(2.3283064365386963e-10)));
    const low = f64x2.add(f64x2.sub(x, f64x2.mul(high, f64x2.splat(4294967296))), magic);
    return v128.or(v128.and(low, i64x2.splat(0xffffffff)), i64x2.shl(f64x2.add(high, magic), 32));
  }

  /** Over (0, 1), of each lane's low word. */
  @inline static uniform(bits: v128): v128 {
    return f64x2.mul(f64x2.add(Random.word(v128.and(bits, i64x2.splat(0xffffffff))), f64x2.splat(0.5)), f64x2.splat(2.3283064365386963e-10));
  }

  /** An integer below 2^32 as a double: added to the last bits of 2^52. */
  @inline static word(bits: v128): v128 {
    return f64x2.sub(v128.or(bits, i64x2.splat(0x4330000000000000)), f64x2.splat(4503599627370496));
  }
}
