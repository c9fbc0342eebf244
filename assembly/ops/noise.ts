import { Random } from "../math/random";

class Scalar {
  @inline static read(c: usize, i: usize, size: usize): f64 {
    return size == 4 ? <f64>load<f32>(c + 4 * i) : load<f64>(c + 8 * i);
  }
}

/**
 * g ← g + deviation · z, two elements of `size` bytes at a time, z being a standard normal number of its own for every element and update.
 * One function for both dtypes: the numbers are f64 anyway, and making them is 1.7 KB of code.
 */
function add_noise(n: usize, g: usize, k0: u32, k1: u32, c: usize, size: usize): void {
  const deviation = f64x2.splat(Scalar.read(c, 0, size));
  const update = <u64>Scalar.read(c, 1, size) | (<u64>Scalar.read(c, 2, size) << 16);
  const key = i64x2.splat(<u64>k0 | (<u64>k1 << 32));
  // The element's index is the low word of the counter, the update's the high one.
  let counter = i64x2.add(i64x2.splat(update << 32), i64x2(0, 1));
  for (const end = g + n * size; g < end; g += 2 * size) {
    const noise = f64x2.mul(deviation, Random.gaussian(counter, key));
    const both = g + 2 * size <= end;
    if (size == 4) {
      const sum = f32x4.add(both ? v128.load64_zero(g) : v128.load32_zero(g), f32x4.demote_f64x2_zero(noise));
      if (both) v128.store64_lane(g, sum, 0);
      else v128.store32_lane(g, sum, 0);
    } else {
      const sum = f64x2.add(both ? v128.load(g) : v128.load64_zero(g), noise);
      if (both) v128.store(g, sum);
      else v128.store64_lane(g, sum, 0);
    }
    counter = i64x2.add(counter, i64x2.splat(2));
  }
}

export { add_noise as add_noise_f32, add_noise as add_noise_f64 };
