import { optimizers, type Run } from "./recipes.ts";

export interface Row {
  readonly label: string;
  readonly run: Run;
}

/** Runs that are shown together. */
export interface Section {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly Row[];
  readonly charts: readonly ("loss" | "lr")[];
}

const { lr } = optimizers.momentum;
const fixed = (lr: number): Run => ({ optimizer: "momentum", lr, schedule: "constant" });
const right = fixed(lr);
const scheduled = (schedule: Run["schedule"]): Row => ({ label: schedule, run: { ...right, schedule } });
const optimized = (optimizer: Run["optimizer"]): Row => ({
  label: optimizer,
  run: { optimizer, lr: optimizers[optimizer].lr, schedule: "constant" },
});

/** What `npm start` shows. A run that stands in several sections is trained once. */
export const tour: readonly Section[] = [
  {
    title: "The learning rate",
    about: "SGD with momentum 0.9 and a learning rate that never changes.",
    rows: [
      { label: "too low", run: fixed(lr / 600) },
      { label: "about right", run: right },
      { label: "too high", run: fixed(lr * 50) },
    ],
    charts: ["loss"],
  },
  {
    title: "The schedules",
    about: "The same, starting from (cyclic: rising to) the learning rate that is about right.",
    rows: [
      { label: "constant", run: right },
      scheduled("stepDecay"),
      scheduled("multiStepDecay"),
      scheduled("exponentialDecay"),
      scheduled("polynomialDecay"),
      scheduled("inverseTimeDecay"),
      scheduled("cyclic"),
    ],
    charts: ["lr"],
  },
  {
    title: "The optimizers",
    about: "Each with a fixed learning rate that is about right for it.",
    rows: [
      optimized("sgd"),
      { label: "momentum", run: right },
      optimized("adagrad"),
      optimized("rmsprop"),
      optimized("adam"),
      optimized("adamw"),
    ],
    charts: ["loss"],
  },
];

/** One configuration on its own. */
export const alone = (run: Run): Section => ({
  title: `${run.optimizer}, ${run.schedule} learning rate`,
  about: "One configuration, trained on its own.",
  rows: [{ label: run.optimizer, run }],
  charts: ["lr", "loss"],
});
