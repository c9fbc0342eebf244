// Where `eps` stands under a gradient. A class, and not two scalars of which one is 0: an addition of 0 costs adagrad 1 %, rmsprop up to 4 %.

@unmanaged
export class EpsPlacement<T extends number> {
  @inline of(square: v128, eps: v128): v128 { return square; }
}

/** √x + eps, as in PyTorch. */
@final @unmanaged
export class EpsOutside<T extends number> extends EpsPlacement<T> {
  @inline of(square: v128, eps: v128): v128 { return v128.add<T>(v128.sqrt<T>(square), eps); }
}

/** √(x + eps), as in Keras, TensorFlow.js and optax. */
@final @unmanaged
export class EpsInside<T extends number> extends EpsPlacement<T> {
  @inline of(square: v128, eps: v128): v128 { return v128.sqrt<T>(v128.add<T>(square, eps)); }
}
