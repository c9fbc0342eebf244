/** cos(πx) on f64x2. The mirror of src/math/cospi.ts, where the reasons are. */
export class Cospi {
  @inline static of(x: v128): v128 {
    const two = f64x2.splat(2), half = f64x2.splat(0.5);
    const size = f64x2.abs(x);
    const turn = f64x2.sub(size, f64x2.mul(two, f64x2.floor(f64x2.mul(size, half))));
    const t = f64x2.sub(half, v128.pmin<f64>(turn, f64x2.sub(two, turn)));
    const z = f64x2.mul(t, t);
    let r = f64x2.splat(7.69472715744174e-07);
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(2.1903185407119565e-05));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.00046629968877016405));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(0.007370430478762746));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.08214588656989281));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(0.5992645293187382));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(2.5501640398772945));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(1.1677127800499703));
    r = f64x2.add(f64x2.mul(r, z), f64x2.sub(f64x2.splat(1.1415926535897933), f64x2.mul(f64x2.splat(4), z)));
    return f64x2.add(f64x2.mul(r, t), f64x2.mul(two, t));
  }
}
