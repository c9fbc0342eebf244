import { mulberry32 } from "../../examples/mnist/random.ts";
import { adamw, polynomialDecay } from "../../src/index.ts";
import { bits } from "./bits.ts";

/** Steps of the library alone, on the backend that it takes here. */
export function descend() {
  const random = mulberry32(1);
  const lr = polynomialDecay({ init: 0.1, steps: 20 });
  const optimizer = adamw({ w: [24, 12], b: [24] }, { lr, clipNorm: 1 });
  for (let step = 0; step < 20; step++) {
    for (const gradient of Object.values(optimizer.grads))
      for (let i = 0; i < gradient.length; i++) gradient[i] = random() - 0.5;
    optimizer.step();
  }
  return { backend: optimizer.backend, params: Object.values(optimizer.params).map(bits) };
}
