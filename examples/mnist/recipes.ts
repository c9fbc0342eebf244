import {
  adagrad,
  adam,
  adamw,
  type BackendChoice,
  constant,
  cyclic,
  exponentialDecay,
  inverseTimeDecay,
  multiStepDecay,
  polynomialDecay,
  rmsprop,
  type Schedule,
  sgd,
  stepDecay,
} from "../../src/index.ts";
import { shapes } from "./network.ts";

interface Setting {
  readonly lr: Schedule;
  readonly backend: BackendChoice;
}

/** The optimizers by name, each with a learning rate that is about right for this network. */
export const optimizers = {
  sgd: { lr: 0.3, make: (setting: Setting) => sgd(shapes, setting) },
  momentum: { lr: 0.06, make: (setting: Setting) => sgd(shapes, { ...setting, momentum: 0.9 }) },
  adagrad: { lr: 0.04, make: (setting: Setting) => adagrad(shapes, setting) },
  rmsprop: { lr: 0.003, make: (setting: Setting) => rmsprop(shapes, setting) },
  adam: { lr: 0.003, make: (setting: Setting) => adam(shapes, setting) },
  adamw: { lr: 0.003, make: (setting: Setting) => adamw(shapes, setting) },
};

/** The library's schedules by name, each over a run of so many steps. */
export const schedules = {
  constant: (lr: number) => constant({ value: lr }),
  stepDecay: (lr: number, steps: number) => stepDecay({ init: lr, rate: 0.5, every: Math.ceil(steps / 5) }),
  multiStepDecay: (lr: number, steps: number) =>
    multiStepDecay({ init: lr, rate: 0.2, milestones: [Math.ceil(0.6 * steps), Math.ceil(0.85 * steps)] }),
  exponentialDecay: (lr: number, steps: number) => exponentialDecay({ init: lr, rate: 0.1, steps }),
  polynomialDecay: (lr: number, steps: number) => polynomialDecay({ init: lr, steps }),
  inverseTimeDecay: (lr: number, steps: number) => inverseTimeDecay({ init: lr, rate: 4, steps }),
  cyclic: (lr: number, steps: number) =>
    cyclic({ min: lr / 10, max: lr, up: Math.ceil(steps / 8), mode: "triangular2" }),
};

export type OptimizerName = keyof typeof optimizers;
export type ScheduleName = keyof typeof schedules;

/** What is trained. */
export interface Run {
  readonly optimizer: OptimizerName;
  readonly lr: number;
  readonly schedule: ScheduleName;
}

export const scheduleOf = ({ schedule, lr }: Run, steps: number): Schedule => schedules[schedule](lr, steps);
