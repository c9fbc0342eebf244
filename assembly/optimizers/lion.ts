import { Lanes, Sign } from "../elementwise";

/** p ← shrink · p − rate · sign(beta1 · m + keep1 · g); then m ← beta2 · m + keep2 · g */
@final @unmanaged
class Lion<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = Lanes.read<T>(exp_avg, full);
    const direction = Sign.of<T>(v128.add<T>(v128.mul<T>(beta1, mean), v128.mul<T>(keep1, grad)));
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.mul<T>(rate, direction)), full);
    Lanes.write<T>(exp_avg, v128.add<T>(v128.mul<T>(beta2, mean), v128.mul<T>(keep2, grad)), full);
  }
}

export type lion<T extends number> = Lion<T>;
