export * from "./adam.ts";
export * from "./matrices.ts";
export * from "./moments.ts";
export * from "./per-tensor.ts";
export * from "./product.ts";
export * from "./sgd.ts";
export * from "./sign.ts";
export * from "./squares.ts";
export { type Own, options, type Update } from "./update.ts";
