/** TensorFlow.js on its wasm backend. With the package `@tensorflow/tfjs` it is `import * as tf` and its last line here. */
import "@tensorflow/tfjs-backend-wasm";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";

export const tf = { ...core, ...layers };

await core.setBackend("wasm");
