import type { Dtype } from "./backend.ts";
import { drive } from "./drive.ts";
import type { Optimizer } from "./optimizer.ts";
import { check, checkKeys, fixed, nonNegative } from "./options.ts";
import type { Params } from "./params.ts";
import { gather, Shadow, type Shadowed, scatter, viewsIn } from "./shadow.ts";

/** What `sam` makes. */
export interface Sam {
  /**
   * One step of two gradients. The closure fills `optimizer.grads` for the parameters as they are, and returns the loss or whatever it
   * likes, or a promise of it.
   *
   * @returns what the closure's first call, at the parameters themselves, returned
   */
  step<T>(closure: () => Promise<T>): Promise<T>;
  step<T>(closure: () => T): T;
}

/**
 * Sharpness-aware minimisation (Foret et al. 2020) around any optimizer: it steps with the gradient found `rho` uphill of the
 * parameters, which are restored bit for bit before.
 *
 * @param options `rho`, the distance, ≥ 0, default 0.05
 */
export function sam<P extends Params>(
  optimizer: Shadowed<P> & Pick<Optimizer<P, Dtype>, "grads" | "step">,
  options: { readonly rho?: number | undefined } = {},
): Sam {
  checkKeys("sam", options, ["rho"]);
  const { rho = 0.05 } = options;
  check("sam", "rho", fixed(nonNegative(0.05)), rho);
  const shadow = new Shadow(optimizer);
  const [params, grads] = [viewsIn(optimizer.params), viewsIn(optimizer.grads)];

  const climb = () => {
    gather(shadow.other, params);
    gather(shadow.own, grads);
    shadow.mix(rho / (shadow.norm() + 1e-12), 1);
    scatter(shadow.own, params);
  };
  const descend = () => {
    scatter(shadow.other, params);
    optimizer.step();
  };

  function* ascendAndStep(closure: () => unknown): Generator<unknown, unknown> {
    const loss = yield closure();
    climb();
    try {
      yield closure();
    } catch (error) {
      scatter(shadow.other, params);
      throw error;
    }
    descend();
    return loss;
  }

  return { step: (closure: () => unknown) => drive(ascendAndStep(closure)) as never };
}
