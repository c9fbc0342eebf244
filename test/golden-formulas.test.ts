/**
 * Our own definitions: torch's formulas in numpy, and what optax and HuggingFace print.
 *
 * Left out, because these definitions cannot give them:
 * - optax's lbfgs, whose first step is along g / ‖g‖₂ and not g / ‖g‖₁ as torch's and ours;
 * - optax's adan, which weighs the gradients' change by 1 - beta2 = 0.08 where the authors have 0.92; its nadam, which
 *   has no momentum schedule.
 *
 * optax's rprop applies the update of the step before, and none at first: its numbers are ours a step late.
 *
 * optax puts the `eps` of RMSprop and AdaGrad under the root, as Keras does, and that of RAdam after the correction,
 * where it is too small to show in these digits.
 */
import { describe, expect, test } from "vitest";
import { backends, doubled, expectDigits, expectNear, type Options, type Row, trajectory } from "./golden.ts";

/**
 * θ from 1 after steps 1, 2, 3 and 7 under the gradients below: torch's formulas in numpy, to 12 digits after the
 * point.
 */
const reference: readonly (readonly [name: string, options: Options, thetas: Row])[] = [
  ["sgd", { lr: 0.1 }, [0.95, 0.975, 0.875, 0.875]],
  ["sgd", { lr: 0.1, momentum: 0.9 }, [0.95, 0.93, 0.812, 0.4979882]],
  ["sgd", { lr: 0.1, momentum: 0.9, dampening: 0.5 }, [0.95, 0.9175, 0.83825, 0.618568325]],
  ["sgd", { lr: 0.1, momentum: 0.9, nesterov: true }, [0.905, 0.912, 0.7058, 0.42318938]],
  ["sgd", { lr: 0.1, momentum: 0.9, weightDecay: 0.1 }, [0.94, 0.9016, 0.758024, 0.307819812902]],
  ["adagrad", { lr: 0.1 }, [0.90000000002, 0.944721359562, 0.857434203475, 0.857606051931]],
  ["adagrad", { lr: 0.1, lrDecay: 0.1 }, [0.90000000002, 0.940655781422, 0.867916484683, 0.869960868289]],
  ["rmsprop", {}, [0.90000002, 0.944901337442, 0.857427378393, 0.857390693999]],
  ["rmsprop", { centered: true }, [0.899496238676, 0.944441090335, 0.856445812836, 0.856291409867]],
  ["rmsprop", { momentum: 0.9 }, [0.90000002, 0.854901355442, 0.726838598291, 0.368367976608]],
  ["adam", { lr: 0.1 }, [0.900000002, 0.873366298708, 0.807555139677, 0.671173678736]],
  ["adam", { lr: 0.1, weightDecay: 0.1 }, [0.900000001667, 0.854441367462, 0.781504399863, 0.599595211896]],
  ["adam", { lr: 0.1, beta2: 0.5, amsgrad: true }, [0.900000002, 0.874215900076, 0.819138592448, 0.718873689675]],
  ["adamw", { lr: 0.1, weightDecay: 0.1 }, [0.890000002, 0.854466298688, 0.78011047667, 0.61538361879]],
  ["adadelta", {}, [0.996837785583, 0.998922872611, 0.994616156999, 0.994222628657]],
  ["adamax", { lr: 0.1 }, [0.900000002, 0.878926297137, 0.835383862148, 0.759648357716]],
  ["nadam", { lr: 0.1 }, [0.894354824277, 0.935465796161, 0.835655586074, 0.805355007265]],
  ["radam", { lr: 0.1 }, [0.95, 0.939473684211, 0.895931248786, 0.849519829884]],
  ["rprop", { lr: 0.1 }, [0.9, 0.9, 0.85, 0.724]],
  ["asgd", { lr: 0.1 }, [0.94999, 0.974980312673, 0.87497206299, 0.87493691582]],
  ["lion", { lr: 0.01 }, [0.99, 1, 0.99, 0.97]],
];
const gradients = [0.5, -0.25, 1, 0.1, -0.6, 0.3, 0.2];

/** optax's docstrings: Σx² from [1, 2, 3], after each of five steps, to three digits. */
const optax: readonly (readonly [name: string, options: Options, objective: Row])[] = [
  ["sgd", { lr: 0.003 }, [13.8, 13.7, 13.5, 13.3, 13.2]],
  ["keras.adagrad", { lr: 1 }, [5.01, 2.4, 1.25, 0.686, 0.385]],
  ["keras.rmsprop", { lr: 0.003, eps: 1e-8 }, [13.9, 13.8, 13.7, 13.7, 13.6]],
  ["adam", { lr: 0.003 }, [14.0, 13.9, 13.9, 13.9, 13.8]],
  ["adam", { lr: 0.003, amsgrad: true }, [14.0, 13.9, 13.9, 13.9, 13.8]],
  ["adamw", { lr: 0.003, weightDecay: 1e-4 }, [14.0, 13.9, 13.9, 13.9, 13.8]],
  ["adabelief", { lr: 0.003 }, [14.0, 13.9, 13.9, 13.8, 13.8]],
  ["adadelta", { lr: 10 }, [13.6, 13.2, 12.9, 12.5, 12.1]],
  ["adamax", { lr: 0.003 }, [14.0, 13.9, 13.9, 13.9, 13.8]],
  ["radam", { lr: 0.003 }, [13.8, 13.7, 13.5, 13.3, 13.2]],
  ["lion", { lr: 0.003, weightDecay: 1e-3 }, [14.0, 13.9, 13.9, 13.9, 13.8]],
  ["signum", { lr: 0.003, momentum: 0 }, [14.0, 13.9, 13.9, 13.9, 13.8]],
  ["lamb", { lr: 0.003, weightDecay: 0, alwaysAdapt: true }, [13.9, 13.8, 13.8, 13.7, 13.6]],
  ["novograd", { lr: 0.003, beta1: 0.9, beta2: 0.25 }, [14.0, 13.9, 13.9, 13.8, 13.7]],
  ["adafactor", { lr: 0.003 }, [13.9, 13.8, 13.8, 13.7, 13.6]],
  ["sm3", { lr: 0.003 }, [14.0, 14.0, 14.0, 14.0, 14.0]],
  ["yogi", { lr: 0.002 }, [14.0, 14.0, 13.9, 13.9, 13.9]],
];

describe.each(backends)("on %s", (backend) => {
  test.each(reference)("formulas in numpy: %s %o", (name, options, thetas) => {
    const rows = trajectory(name, { ...options, backend }, [1], 7, (_, t) => [gradients[t - 1]]);
    expectDigits(
      [1, 2, 3, 7].map((t) => rows[t - 1][0]),
      thetas,
      12,
    );
  });

  test("RAdam's lengths: a constant gradient's steps of lr 1 are the rectification, from step 6 on", () => {
    const most = 2 / (1 - 0.999) - 1;
    // What torch's formula gives at beta2 0.999, to four digits after the point.
    const steps = [1, 1.9995, 2.9987, 3.9975, 4.996, 5.9942, 6.992].map((length) =>
      length > 5 ? Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length)) : 1,
    );
    const thetas = trajectory("radam", { lr: 1, eps: 0, backend }, [0], 7, () => [1]).map(([theta]) => theta);
    expectDigits(
      thetas.map((theta, i) => (thetas[i - 1] ?? 0) - theta),
      steps,
      5,
    );
  });

  const objectives = (rows: readonly Row[]) => rows.map(([x, y, z]) => Number((x * x + y * y + z * z).toPrecision(3)));

  test.each(optax)("optax: %s %o", (name, options, objective) => {
    expect(objectives(trajectory(name, { ...options, backend }, [1, 2, 3], 5, doubled))).toEqual(objective);
  });

  test("optax: rprop, a step late", () => {
    const start = [1, 2, 3];
    const rows = trajectory("rprop", { lr: 0.003, backend }, start, 4, doubled);
    expect(objectives([start, ...rows])).toEqual([14.0, 14.0, 13.9, 13.9, 13.8]);
  });

  test("optax's docstrings of dog and dowg, printed in f32", () => {
    const objective = (name: string) =>
      trajectory(name, { backend }, [1, 2, 3], 5, (x) => x.map((x) => 2 * x)).map(([x, y, z]) => x * x + y * y + z * z);
    expect(objective("dog").map((value) => Math.floor(100 * value))).toEqual([1399, 1399, 1399, 1399, 1399]);
    expectDigits(objective("dowg"), [13.925367, 13.872763, 13.775433, 13.596172, 13.268837], 5);
  });

  test("HuggingFace: adamw finds the target of a mean squared error in 100 steps", () => {
    const target = [0.4, 0.2, -0.5];
    const options = { lr: 0.2, weightDecay: 0, backend };
    const rows = trajectory("adamw", options, [0.1, -0.2, -0.1], 100, (x) =>
      x.map((x, i) => (2 / 3) * (x - target[i])),
    );
    // Their tolerance.
    expectNear(rows[99], target, 1e-2);
  });
});
