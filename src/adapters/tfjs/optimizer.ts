import { readOptions } from "../../common/given.ts";
import { resolve, type ScheduleFunction, show } from "../../common/options.ts";
import { elementsOf, isFunction, isPlainObject, isReadable, propertyOf } from "../../common/realm.ts";
import { showName } from "../../common/show.ts";
import { checkTurn } from "../../engine/group.ts";
import { optionSets } from "../../engine/layout.ts";
import type { OptimizerDefinition } from "../../engine/optimizer.ts";
import { savedLr } from "../../engine/saved-lr.ts";
import { Stepper, stepperOptions } from "../../engine/stepper.ts";
import { encode } from "./config.ts";
import { States } from "./states.ts";
import type { NamedGradients, NamedTensor, Tensor, Tf, Variable } from "./tf.ts";
import { fromTensors, toTensors } from "./weights.ts";

/** Gives a new value for a variable that a step has changed, or nothing to leave it. */
export type Project = (variable: Variable) => Tensor | undefined;

interface Pair {
  readonly variable: Variable;
  readonly gradient: Tensor;
}

export const classNameOf = (name: string): string => `thalweg.${name}`;

export const readTfOptions = ({ spec, hypers }: OptimizerDefinition, given: Readonly<Record<string, unknown>>) =>
  readOptions(spec.name, given, [...Object.keys(hypers.options), ...Object.keys(stepperOptions), "groups", "project"]);

/** An optimizer as TensorFlow.js wants one: it asks for these members, not for a class of its own (tfjs-core#1463). */
export class TfOptimizer {
  readonly name: string;
  readonly #tf: Tf;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #descent: Stepper;
  readonly #states: States;
  #project: Project | undefined;
  /** Whether it was saved with a hook, which no file holds, and has been told nothing of it since. */
  #lacksProject: boolean;
  /** What `getWeights` gave last. */
  #weights: readonly NamedTensor[] = [];
  #evaluating = false;
  /** Whether functions of the caller's are running that it has called. */
  #within = false;
  #disposed = false;

  constructor(tf: Tf, kind: OptimizerDefinition, given: Readonly<Record<string, unknown>>, lacksProject = false) {
    const { spec, hypers, records } = kind;
    const { name } = spec;
    const options = readTfOptions(kind, given);
    const whole = resolve(name, stepperOptions, options);
    const sets = optionSets(spec, hypers, options, "f32");
    this.name = name;
    this.#tf = tf;
    this.#options = options;
    this.#descent = new Stepper(
      spec,
      records,
      sets.map(({ hypers }) => hypers),
      whole,
    );
    this.#states = new States(tf, kind, sets, whole.clipNorm !== Infinity);
    this.project = options.project as Project | undefined;
    this.#lacksProject = lacksProject && options.project === undefined;
  }

  /** Updates made so far. Schedules are evaluated at it. */
  get iterations(): number {
    return this.#descent.stepCount;
  }

  /** Steps left out because a gradient was not finite. */
  get skipped(): number {
    return this.#descent.skipped;
  }

  /** The learning rate of the last step, or of the first before it. */
  get lr(): number {
    this.#live();
    return this.#descent.hyper("lr") as number;
  }

  set lr(lr: number | ScheduleFunction | undefined) {
    this.#idle();
    this.#shut(() => this.#descent.setLr(lr));
  }

  /** The same as `lr`, under the name that TensorFlow.js's own optimizers have for it. */
  get learningRate(): number {
    return this.lr;
  }

  set learningRate(lr: number | ScheduleFunction | undefined) {
    this.lr = lr;
  }

  get inPlace(): boolean | undefined {
    return this.#states.inPlace;
  }

  get project(): Project | undefined {
    return this.#project;
  }

  set project(project: Project | undefined) {
    if (project !== undefined && !isFunction(project))
      throw new TypeError(`${this.name}: project must be a function, got ${show(project)}`);
    this.#project = project;
    this.#lacksProject = false;
  }

  minimize(f: () => Tensor, returnCost = false, variables?: Variable[]): Tensor | null {
    this.#idle();
    const { value, grads } = this.computeGradients(f, variables);
    try {
      this.applyGradients(variables ? variables.map(({ name }) => ({ name, tensor: grads[name] })) : grads);
    } catch (error) {
      value.dispose();
      throw error;
    } finally {
      for (const gradient of Object.values(grads)) gradient?.dispose();
    }
    if (returnCost) return value;
    value.dispose();
    return null;
  }

  computeGradients(f: () => Tensor, variables?: Variable[]): { value: Tensor; grads: Record<string, Tensor | null> } {
    if (!isFunction(f)) throw new TypeError(`${this.name}: f must be a function, got ${show(f)}`);
    const list = variables === undefined ? undefined : elementsOf(variables);
    if (variables !== undefined && !list?.every((one) => isReadable(one) && one instanceof this.#tf.Variable))
      throw new TypeError(`${this.name}: variables must be an array of variables, got ${show(variables)}`);
    return this.#tf.variableGrads(f, variables);
  }

  applyGradients(gradients: NamedGradients): void {
    this.#idle();
    if (this.#evaluating) throw new Error(`${this.name}: a step needs the weights to train: call train() first`);
    if (this.#lacksProject)
      throw new Error(`${this.name}: the project hook was not saved: set project, to undefined if there is to be none`);
    this.#shut(() => this.#step(gradients));
  }

  #step(gradients: NamedGradients): void {
    const pairs = pairsOf(this.name, this.#tf, gradients);
    this.#descent.evaluate();
    const room = this.#states.settle(pairs.map(({ variable }) => variable));
    // Schedules, and what says which group a variable is of, are functions of the caller's.
    checkAlive(this.name, pairs);
    const trained = pairs.filter(({ variable }) => !this.#states.isFrozen(variable));
    // To claim one can move what was opened before it.
    for (const { variable, gradient } of trained) room.claim(variable, gradient);
    const groups = trained.map(({ variable, gradient }) => this.#states.open(variable, gradient));
    const before = this.iterations;
    this.#descent.step(groups, room.kernels);
    if (this.iterations === before) return;
    trained.forEach(({ variable }, i) => {
      room.close(variable, groups[i].p);
    });
    if (this.#project) for (const { variable } of trained) this.#correct(variable, this.#project);
  }

  #correct(variable: Variable, project: Project): void {
    this.#tf.tidy(() => {
      const value = project(variable);
      if (value) variable.assign(value);
    });
  }

  /** Turns the variables into the weights to evaluate with. They are others only for schedule-free optimizers. */
  eval(): void {
    this.#turn("eval");
  }

  /** Turns the variables back into the weights to train. */
  train(): void {
    this.#turn("train");
  }

  #turn(to: "eval" | "train"): void {
    this.#idle();
    if (this.#states.waiting)
      throw new Error(
        `${this.name}: ${to}() has to wait for the first step after loading, which tells whose the state is`,
      );
    if (this.#evaluating === (to === "eval") || this.#states.variables.length === 0) return;
    const room = this.#states.settle([]);
    const { variables } = this.#states;
    for (const variable of variables) room.claim(variable, undefined);
    const opened = variables.map((variable) => ({ variable, group: this.#states.open(variable, undefined) }));
    const turning = opened.filter(({ group }) => group.turns);
    if (turning.length === 0) return;
    this.#descent.recall();
    checkTurn(
      this.name,
      turning.map(({ group }) => group),
      to,
      this.iterations,
    );
    this.#evaluating = to === "eval";
    for (const { variable, group } of turning) {
      group.turn(to);
      room.close(variable, group.p);
    }
  }

  /**
   * What `setWeights` takes to go on from here to the bit: `iter`, then `<variable>/<slot>` and the like.
   *
   * @returns tensors that stay until the next call or `dispose`, as `model.save` disposes of none
   */
  async getWeights(): Promise<NamedTensor[]> {
    this.#idle();
    if (this.#evaluating) throw new Error(`${this.name}: to save needs the weights to train: call train() first`);
    for (const { tensor } of this.#weights) tensor.dispose();
    const { iterations, skipped } = this;
    const states = this.#states;
    const lr = savedLr(this.#descent.lr);
    const weights = toTensors(this.#tf, { iterations, skipped, lr, carry: states.carry, variables: states.save() });
    this.#weights = weights;
    return [...weights];
  }

  /** @throws TypeError or RangeError if these are no weights of such an optimizer; at the first step, if they are not for its variables */
  async setWeights(weights: readonly NamedTensor[]): Promise<void> {
    this.#idle();
    const { iterations, skipped, lr: saved, carry, variables } = await fromTensors(this.name, weights);
    this.#idle();
    const lr = this.#descent.lrFrom(saved);
    this.#states.load(variables, carry);
    this.#descent.restore({ stepCount: iterations, skipped, lr });
    this.#evaluating = false;
  }

  getClassName(): string {
    return classNameOf(this.name);
  }

  getConfig(): { options: string; lr: string; project: boolean } {
    const { project, ...options } = this.#options;
    const { lr } = this.#descent;
    return {
      options: encode(options),
      // What it was set to, apart from the option: weight decay can be relative to the first of that.
      lr: encode(lr === undefined ? {} : { lr }),
      project: this.#project !== undefined || this.#lacksProject,
    };
  }

  /** Gives all memory back. Every method that would use it throws from then on. */
  dispose(): void {
    if (!this.#disposed) this.#idle();
    for (const { tensor } of this.#weights) tensor.dispose();
    this.#weights = [];
    this.#states.release();
    this.#disposed = true;
  }

  #live(): void {
    if (this.#disposed) throw new Error(`${this.name}: this optimizer is disposed`);
  }

  /** @throws Error if it is disposed, or if this comes from a function that it has called itself */
  #idle(): void {
    this.#live();
    if (this.#within)
      throw new Error(
        `${this.name}: a step is under way, and this call comes out of it: from a schedule, project or match`,
      );
  }

  /** Runs what may call functions of the caller's, and keeps those from changing the optimizer meanwhile. */
  #shut<R>(work: () => R): R {
    this.#within = true;
    try {
      return work();
    } finally {
      this.#within = false;
    }
  }
}

/** The variables that have a gradient, with it. All is read, and then looked at. */
function pairsOf(owner: string, tf: Tf, gradients: unknown): Pair[] {
  const { registeredVariables } = tf.engine();
  const names = new Set<string>();
  const pairs: Pair[] = [];
  for (const { name, tensor } of namedOf(owner, gradients)) {
    if (tensor === null || tensor === undefined) continue;
    if (names.has(name)) throw new TypeError(`${owner}: two gradients came for ${showName(name)}`);
    names.add(name);
    const variable = Object.hasOwn(registeredVariables, name) ? registeredVariables[name] : undefined;
    if (!isTensor(tf, tensor))
      throw new TypeError(`${owner}: the gradient of ${showName(name)} must be a tensor, got ${show(tensor)}`);
    pairs.push({ variable: checked(owner, name, variable, tensor), gradient: tensor });
  }
  checkApart(owner, pairs);
  return pairs;
}

function checkAlive(owner: string, pairs: readonly Pair[]): void {
  for (const { variable, gradient } of pairs) {
    if (variable.isDisposed) throw new Error(`${owner}: the variable ${variable.name} is disposed`);
    if (gradient.isDisposed) throw new Error(`${owner}: the gradient of ${variable.name} is disposed`);
  }
}

const isTensor = (tf: Tf, value: unknown): value is Tensor => isReadable(value) && value instanceof tf.Tensor;

/** Gradients, or what came for some, with their variables' names. */
function namedOf(owner: string, gradients: unknown): { readonly name: string; readonly tensor: unknown }[] {
  if (isPlainObject(gradients)) return Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  const list = elementsOf(gradients);
  if (list === undefined)
    throw new TypeError(`${owner}: gradients must be a record or an array, got ${show(gradients)}`);
  return list.map((one, i) => {
    const name = propertyOf(one, "name");
    if (typeof name === "string") return { name, tensor: propertyOf(one, "tensor") };
    throw new TypeError(`${owner}: gradients[${i}] must have a name and a tensor, got ${show(one)}`);
  });
}

/** In place, a gradient that another pair changes would be read when it has changed; where there are copies, as it was. */
function checkApart(owner: string, pairs: readonly Pair[]): void {
  const names = new Map(pairs.map(({ variable }): [Tensor, string] => [variable, variable.name]));
  for (const { variable, gradient } of pairs) {
    const source = names.get(gradient);
    if (source !== undefined && gradient !== variable)
      throw new TypeError(
        `${owner}: the gradient of ${variable.name} is the variable ${source}, which changes too: give a clone`,
      );
  }
}

function checked(owner: string, name: string, variable: Variable | undefined, gradient: Tensor): Variable {
  if (!variable) throw new Error(`${owner}: a gradient came for ${name}, which is no variable or a disposed one`);
  if (variable.dtype !== "float32")
    throw new TypeError(`${owner}: the variable ${name} must be float32, got ${variable.dtype}`);
  if (gradient.isDisposed) throw new Error(`${owner}: the gradient of ${name} is disposed`);
  if (gradient.dtype !== "float32")
    throw new TypeError(`${owner}: the gradient of ${name} must be float32, got ${gradient.dtype}`);
  if (String(gradient.shape) !== String(variable.shape))
    throw new RangeError(
      `${owner}: the gradient of ${name} must have the shape ${show(variable.shape)}, got ${show(gradient.shape)}`,
    );
  return variable;
}
