// tsx's own hooks reach no worker on Node 20.
import { register } from "tsx/esm/api";

register();
await import("./worker.ts");
