/** cos(πx) on f64x2. The mirror of src/math/cospi.ts, where the reasons are. */
export class Cospi {
  @inline static of(x: v128): v128 {
    const one = f64x2.splat(1), two = f64x2.splat(2), middle = f64x2.splat(0.5);
    const size = f64x2.abs(x);
    const turn = f64x2.sub(size, f64x2.mul(two, f64x2.floor(f64x2.mul(size, middle))));
    const half = v128.bitselect(f64x2.sub(two, turn), turn, f64x2.gt(turn, one));
    const beyond = f64x2.gt(half, middle);
    const y = v128.bitselect(f64x2.sub(one, half), half, beyond);
    const steep = f64x2.gt(y, f64x2.splat(0.25));
    const value = v128.bitselect(Cospi.sine(f64x2.sub(middle, y)), Cospi.cosine(y), steep);
    return v128.bitselect(f64x2.neg(value), value, beyond);
  }

  @inline static cosine(y: v128): v128 {
    const z = f64x2.mul(y, y);
    let r = f64x2.splat(4.303069587032947e-06);
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(0.0001046381049248457));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.0019295743094039231));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(0.02580689139001406));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.2353306303588932));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(1.3352627688545895));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(4.0587121264167685));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(0.9348022005446793));
    const one = f64x2.splat(1), four = f64x2.mul(f64x2.splat(4), z);
    const most = f64x2.sub(one, four);
    return f64x2.add(most, f64x2.add(f64x2.sub(f64x2.sub(one, most), four), f64x2.mul(r, z)));
  }

  @inline static sine(y: v128): v128 {
    const z = f64x2.mul(y, y);
    let r = f64x2.splat(7.952054001475513e-07);
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(2.1915353447830217e-05));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.00046630280576761255));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(0.0073704309457143504));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.08214588661112823));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(0.5992645293207921));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(2.5501640398773455));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(5.16771278004997));
    r = f64x2.sub(f64x2.mul(r, z), f64x2.splat(0.8584073464102068));
    return f64x2.add(f64x2.mul(r, y), f64x2.mul(f64x2.splat(4), y));
  }
}
