// What is used of TensorFlow.js, so that the published types need none of its packages. Written as methods, whose parameters TypeScript
// compares both ways, so that the namespace `tf` fits whatever more its own types ask for.

export interface Tensor {
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly size: number;
  readonly dtype: string;
  readonly isDisposed: boolean;
  data(): Promise<unknown>;
  dataSync(): unknown;
  dispose(): void;
}

export interface Variable extends Tensor {
  readonly name: string;
  assign(value: Tensor): void;
}

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** Gradients by the variables' names, or a list of them; null and undefined are none. */
export type NamedGradients =
  | Readonly<Record<string, Tensor | null | undefined>>
  | readonly { readonly name: string; readonly tensor: Tensor | null | undefined }[];

/** The namespace of `@tensorflow/tfjs` or `@tensorflow/tfjs-core`. */
export interface Tf {
  getBackend(): string;
  backend(): object;
  engine(): { readonly registeredVariables: Readonly<Record<string, Variable>> };
  tensor(values: Float32Array | Int32Array, shape: number[], dtype: "float32" | "int32"): Tensor;
  tidy(f: () => void): unknown;
  variableGrads(f: () => Tensor, variables?: Variable[]): { value: Tensor; grads: Record<string, Tensor | null> };
  readonly serialization: { registerClass(type: never): unknown };
  readonly Optimizer: abstract new (...args: never[]) => object;
  readonly Tensor: abstract new (...args: never[]) => object;
  readonly Variable: abstract new (...args: never[]) => object;
}
