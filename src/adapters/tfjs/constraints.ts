import { show } from "../../common/options.ts";
import { elementsOf, propertyOf } from "../../common/realm.ts";

/** As much of a model of tf.layers as its constraints are found by. */
interface Model<R> {
  readonly weights: readonly {
    readonly name: string;
    readonly constraint: { apply(value: never): R } | null | undefined;
  }[];
}

/**
 * The constraints of a model's layers (`kernelConstraint` and the like) as a `project` hook. TensorFlow.js's own optimizers leave them out
 * in `fit`.
 */
export function layerConstraints<R>(model: Model<R>): (variable: { readonly name: string }) => R | undefined {
  const weights = elementsOf(propertyOf(model, "weights"));
  if (!weights?.every((weight) => typeof propertyOf(weight, "name") === "string"))
    throw new TypeError(`layerConstraints: model must be one of tf.layers, got ${show(model)}`);
  const constraints = new Map(model.weights.map(({ name, constraint }) => [name, constraint]));
  return (variable) => constraints.get(variable.name)?.apply(variable as never);
}
