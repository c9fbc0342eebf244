import { parentPort, workerData } from "node:worker_threads";
import type { Mnist } from "./data.ts";
import { type Outcome, type Progress, type Task, train } from "./train.ts";

/** What a worker says. */
export type Message = { readonly progress: Progress } | { readonly outcome: Outcome };

const data = workerData as Mnist;
const say = (message: Message) => parentPort?.postMessage(message);

parentPort?.on("message", (task: Task) => say({ outcome: train(task, data, (progress) => say({ progress })) }));
