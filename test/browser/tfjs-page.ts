/// <reference types="vite/client" />
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import one from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threaded from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import { show } from "./show.ts";
import { train } from "./tfjs.ts";

setWasmPaths({
  "tfjs-backend-wasm.wasm": one,
  "tfjs-backend-wasm-simd.wasm": simd,
  "tfjs-backend-wasm-threaded-simd.wasm": threaded,
});
// TensorFlow.js takes the build with threads where the page is cross-origin isolated, and half of the cores: here perhaps one.
setThreadsCount(2);
show(await train());
