// The only element-wise loop of the library. A rule says what happens to one vector; the loop is written once, here.

/** Loads and stores of a whole vector or, for the last few elements, of lane 0 alone. `T` is f32 or f64. */
export class Lanes {
  @inline static read<T extends number>(at: usize, full: bool): v128 {
    if (full) return v128.load(at);
    return sizeof<T>() == 4 ? v128.load32_zero(at) : v128.load64_zero(at);
  }

  @inline static write<T extends number>(at: usize, value: v128, full: bool): void {
    if (full) v128.store(at, value);
    else if (sizeof<T>() == 4) v128.store32_lane(at, value, 0);
    else v128.store64_lane(at, value, 0);
  }

  /** The `i`th number from `at` on, in all lanes. */
  @inline static splat<T extends number>(at: usize, i: usize): v128 {
    return sizeof<T>() == 4 ? v128.load32_splat(at + 4 * i) : v128.load64_splat(at + 8 * i);
  }
}

export class Sign {
  /** 1, −1, or x itself where it is neither > 0 nor < 0: a zero, or a NaN, which so comes through. */
  @inline static of<T extends number>(x: v128): v128 {
    const zero = i64x2.splat(0);
    const one = v128.splat<T>(<T>1);
    return v128.bitselect(one, v128.bitselect(v128.neg<T>(one), x, v128.lt<T>(x, zero)), v128.gt<T>(x, zero));
  }
}

/**
 * What a loop asks of a rule: the arithmetic on one vector of parameters at `p` and gradients at `g`, with state at `s` to `v` and per-step
 * scalars `a` to `l`. The widths are the widest of the catalogue (Adan, AdEMAMix); what a rule does not use leaves nothing in its loop.
 *
 * A rule itself is a class with an `update(full, p, g, …addresses, …scalars)` of just what it uses, and `export type name<T> = …` makes a
 * kernel of it: scripts/entry.ts writes the exports for f32 and f64, each with an adapter that has all these parameters. The names of the
 * addresses are those of the state's slots, the names of the scalars those of the spec, and a test compares them. Every rule is
 * `@final @unmanaged` and none extends another: a subclassed rule compiles with a warning and then traps.
 */
@unmanaged
export class Rule<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {}
}

/**
 * Extended by rules that take four vectors a turn in f32 instead of two: those that do little beside loading and storing, or use all
 * addresses, are 3 to 5 % faster so; the others, and all in f64, only larger.
 */
@unmanaged
export class Wide {}

export class Elementwise {
  /** Runs rule `R` over `n` elements, two vectors a turn. */
  @inline static run<R extends Rule<T>, T extends number>(
    n: usize, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize, c: usize
  ): void {
    Elementwise.loop<R, T>(32, n, p, g, s, t, u, v, c);
  }

  /** The same, four vectors a turn. */
  @inline static wide<R extends Rule<T>, T extends number>(
    n: usize, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize, c: usize
  ): void {
    Elementwise.loop<R, T>(64, n, p, g, s, t, u, v, c);
  }

  /**
   * `turn` bytes a turn, then single vectors, then single elements. The scalars are read from address `c` once, before the loop: as
   * arguments each would be boxed at the boundary, inside the loop they cost 40 %. `changetype<R>(0)` is how AssemblyScript
   * dispatches on a type parameter without a call: `R.update` does not compile and a function argument stays an indirect call.
   */
  @inline static loop<R extends Rule<T>, T extends number>(
    turn: usize, n: usize, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize, c: usize
  ): void {
    const va = Lanes.splat<T>(c, 0), vb = Lanes.splat<T>(c, 1), vc = Lanes.splat<T>(c, 2), vd = Lanes.splat<T>(c, 3);
    const ve = Lanes.splat<T>(c, 4), vf = Lanes.splat<T>(c, 5), vh = Lanes.splat<T>(c, 6), vi = Lanes.splat<T>(c, 7);
    const vj = Lanes.splat<T>(c, 8), vk = Lanes.splat<T>(c, 9), vl = Lanes.splat<T>(c, 10);
    const end = n * sizeof<T>();
    let x: usize = 0;
    for (; x + turn <= end; x += turn) {
      // Sums of a pointer and a constant become the constant offset of the load; other sums are an addition each.
      const px = p + x, gx = g + x, sx = s + x, tx = t + x, ux = u + x, vx = v + x;
      changetype<R>(0).update(true, px, gx, sx, tx, ux, vx, va, vb, vc, vd, ve, vf, vh, vi, vj, vk, vl);
      changetype<R>(0).update(true, px + 16, gx + 16, sx + 16, tx + 16, ux + 16, vx + 16, va, vb, vc, vd, ve, vf, vh, vi, vj, vk, vl);
      if (turn == 32) continue;
      changetype<R>(0).update(true, px + 32, gx + 32, sx + 32, tx + 32, ux + 32, vx + 32, va, vb, vc, vd, ve, vf, vh, vi, vj, vk, vl);
      changetype<R>(0).update(true, px + 48, gx + 48, sx + 48, tx + 48, ux + 48, vx + 48, va, vb, vc, vd, ve, vf, vh, vi, vj, vk, vl);
    }
    for (; x + 16 <= end; x += 16)
      changetype<R>(0).update(true, p + x, g + x, s + x, t + x, u + x, v + x, va, vb, vc, vd, ve, vf, vh, vi, vj, vk, vl);
    for (; x < end; x += sizeof<T>())
      changetype<R>(0).update(false, p + x, g + x, s + x, t + x, u + x, v + x, va, vb, vc, vd, ve, vf, vh, vi, vj, vk, vl);
  }
}
