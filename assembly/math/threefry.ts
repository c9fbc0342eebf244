/** Threefry-2x32-20 on two lanes of 64 bits. The mirror of src/math/threefry.ts, where the reasons are. */
export class Threefry {
  /** 64 random bits for each lane's 64-bit counter and key, of both of which the first word is the low one. */
  @inline static of(counter: v128, key: v128): v128 {
    // A word lies in the low half of its lane; what arises in the high half never comes down and is cut off in the end.
    let k0 = key;
    let k1 = i64x2.shr_u(key, 32);
    let k2 = v128.xor(v128.xor(k0, k1), i64x2.splat(0x1bd11bda));
    let a = i32x4.add(counter, k0);
    let b = i32x4.add(i64x2.shr_u(counter, 32), k1);
    for (let group = 1; group <= 5; group++) {
      const odd = (group & 1) != 0;
      a = i32x4.add(a, b);
      b = v128.xor(Threefry.rotated(b, odd ? 13 : 17), a);
      a = i32x4.add(a, b);
      b = v128.xor(Threefry.rotated(b, odd ? 15 : 29), a);
      a = i32x4.add(a, b);
      b = v128.xor(Threefry.rotated(b, odd ? 26 : 16), a);
      a = i32x4.add(a, b);
      b = v128.xor(Threefry.rotated(b, odd ? 6 : 24), a);
      a = i32x4.add(a, k1);
      b = i32x4.add(i32x4.add(b, k2), i32x4.splat(group));
      const first = k0;
      k0 = k1;
      k1 = k2;
      k2 = first;
    }
    return v128.or(v128.and(a, i64x2.splat(0xffffffff)), i64x2.shl(b, 32));
  }

  @inline static rotated(x: v128, r: i32): v128 {
    return v128.or(i32x4.shl(x, r), i32x4.shr_u(x, 32 - r));
  }
}
