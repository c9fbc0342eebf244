import type { NamedScalars } from "../../common/named-scalars.ts";
import { showNames } from "../../common/show.ts";
import type { FloatArray } from "../../common/types.ts";
import { Group } from "../../engine/group.ts";
import {
  allocate,
  assignToGroups,
  type Block,
  blockOf,
  mapped,
  type OptionSet,
  type OptionSets,
  type Plan,
  placeAt,
  planGroup,
  setFinder,
  viewsAt,
} from "../../engine/layout.ts";
import { misfitFirstLr, misfitState } from "../../engine/load.ts";
import type { OptimizerDefinition } from "../../engine/optimizer.ts";
import { otherKeys, throwIf } from "../../engine/saved.ts";
import type { Spec } from "../../engine/spec.ts";
import type { Tensor as Parameter } from "../../memory/tensors.ts";
import type { Ground, Operands, Room } from "./block.ts";
import { groundOf } from "./storage.ts";
import type { Tensor, Tf, Variable } from "./tf.ts";
import { counterparts, type VariableState } from "./weights.ts";

/** What is kept for a variable: the group that it is by itself, and where that group's own begins. */
interface Kept {
  readonly variable: Variable;
  readonly plan: Plan;
  readonly start: number;
  group: Group;
}

/** A variable that is to be kept, with the state to go on from. */
interface Keep {
  readonly variable: Variable;
  readonly plan: Plan;
  readonly state: VariableState | undefined;
}

/** What the operands are while a variable's group is not at work, and lie elsewhere than the rest of it. */
const nowhere: Record<"p" | "g", FloatArray> = { p: new Float32Array(0), g: new Float32Array(0) };

/**
 * The state of the variables that have had a gradient. All of it lies in one room; when variables come or go or TensorFlow.js changes its
 * backend there is another room, and the state moves.
 */
export class States {
  readonly #tf: Tf;
  readonly #kind: OptimizerDefinition;
  readonly #sets: OptionSets;
  readonly #setOf: (tensor: Parameter) => OptionSet;
  readonly #clipsNorm: boolean;
  /** What all variables carry together, for an optimizer with a globalStats. */
  readonly #carry: NamedScalars<string> | undefined;
  #ground: Ground | undefined;
  #room: Room | undefined;
  /** The lengths of what the groups share, at the beginning of the room. */
  #shared: Block["shared"] = {};
  #kept: ReadonlyMap<string, Kept> = new Map();
  /** What was loaded and has not found its variable yet. */
  #loaded: ReadonlyMap<string, VariableState> = new Map();

  constructor(tf: Tf, kind: OptimizerDefinition, sets: OptionSets, clipsNorm: boolean) {
    this.#tf = tf;
    this.#kind = kind;
    this.#sets = sets;
    this.#setOf = setFinder(sets);
    this.#clipsNorm = clipsNorm;
    this.#carry = kind.spec.globalStats && kind.records.carry();
  }

  /** Whether variables are updated where TensorFlow.js has them; undefined before the first step. */
  get inPlace(): boolean | undefined {
    return this.#ground?.inPlace;
  }

  /** The variables that there is state for. */
  get variables(): readonly Variable[] {
    return [...this.#kept.values()].map(({ variable }) => variable);
  }

  /** Whether something that was loaded waits for its variable; what is frozen has no use for it. */
  get waiting(): boolean {
    const frozen = [...this.#kept.values()].filter(({ group }) => !group.trainable);
    return (
      counterparts(
        [...this.#loaded.keys()],
        frozen.map(({ variable }) => variable.name),
      ).size < this.#loaded.size
    );
  }

  /**
   * Sees to it that there is room for these variables, beside those that are left, on TensorFlow.js's present backend.
   *
   * @throws Error if that backend is out of reach or there is no room, or if loaded state does not fit; nothing has changed then
   */
  settle(variables: readonly Variable[]): Room {
    const same = this.#ground?.backend === this.#tf.backend();
    const ground = same && this.#ground ? this.#ground : groundOf(this.#owner, this.#tf);
    const fresh = variables.filter((variable) => this.#kept.get(variable.name)?.variable !== variable);
    const left = [...this.#kept.values()].filter(({ variable }) => !variable.isDisposed);
    if (this.#room && same && fresh.length === 0 && left.length === this.#kept.size) return this.#room;
    if (!this.#room) this.#checkGroups();
    const found = this.#find(fresh);
    const loaded = new Map(this.#loaded);
    const come = fresh.map((variable) => {
      const tensor = tensorOf(variable);
      const [plan] = planGroup(this.#kind.spec, [tensor], this.#setOf(tensor), this.#clipsNorm);
      // What is frozen has no use for its state, which stays to be saved again.
      const name = plan.options.trainable === true ? (found.get(variable.name) ?? "") : "";
      loaded.delete(name);
      return { variable, plan, state: this.#loaded.get(name) };
    });
    const room = this.#move(ground, [...left.map((kept) => ({ ...kept, state: this.#save(kept) })), ...come]);
    this.#loaded = loaded;
    return room;
  }

  /** Whether the options leave this variable as it is. */
  isFrozen(variable: Variable): boolean {
    return !this.#keptOf(variable).group.trainable;
  }

  /** The variable's group, bound to where the variable and its gradient are now. */
  open(variable: Variable, gradient: Tensor | undefined): Group {
    const kept = this.#keptOf(variable);
    const operands = this.#here.open(kept.group, variable, gradient);
    if (operands !== kept.group) kept.group = this.#bind(kept, operands);
    return kept.group;
  }

  /** Copies of all there is, by the variables' names. */
  save(): ReadonlyMap<string, VariableState> {
    const trained = [...this.#kept.values()].filter(({ group }) => group.trainable);
    const states = trained.map((kept) => [kept.variable.name, this.#save(kept)] as const);
    return new Map([...this.#loaded, ...states]);
  }

  /** What all variables carry together. */
  get carry(): Readonly<Record<string, number>> {
    return this.#carry ? carried(this.#kind.spec, this.#carry) : {};
  }

  /**
   * Drops what there is; these states go to their variables when they next have a gradient.
   *
   * @throws TypeError if `carry` is not what such an optimizer's variables carry together
   */
  load(states: ReadonlyMap<string, VariableState>, carry: Readonly<Record<string, number>>): void {
    throwIf(otherKeys(this.#owner, "carry", carry, Object.keys(this.carry)));
    this.release();
    this.#loaded = states;
    if (this.#carry) Object.assign(this.#carry, carry);
  }

  /** Gives the memory back. */
  release(): void {
    this.#room?.release();
    this.#room = undefined;
    this.#ground = undefined;
    this.#kept = new Map();
    this.#loaded = new Map();
  }

  get #owner(): string {
    return this.#kind.spec.name;
  }

  get #here(): Room {
    if (!this.#room) throw new Error(`${this.#owner}: there is no state yet`);
    return this.#room;
  }

  #keptOf({ name }: Variable): Kept {
    const kept = this.#kept.get(name);
    if (!kept) throw new Error(`${this.#owner}: there is no state for ${name}`);
    return kept;
  }

  /** Every group has to match one of the variables that there are: what it was written for is most likely among them. */
  #checkGroups(): void {
    const { registeredVariables } = this.#tf.engine();
    assignToGroups(this.#owner, this.#sets, Object.values(registeredVariables).map(tensorOf));
  }

  /** The names under which state for these variables was loaded. */
  #find(fresh: readonly Variable[]): ReadonlyMap<string, string> {
    const saved = [...this.#loaded.keys()];
    const names = fresh.map(({ name }) => name);
    const found = counterparts(saved, names);
    if (found.size > 0 || saved.length === 0 || this.#kept.size > 0) return found;
    throw new Error(
      `${this.#owner}: the state that was loaded is for ${showNames(saved)}, and gradients came for ${showNames(names)}`,
    );
  }

  /** Another room with these variables in the place of the one there is. */
  #move(ground: Ground, list: readonly Keep[]): Room {
    const elsewhere = ground.inPlace ? nowhere : {};
    const plans = list.map(({ plan }) => plan);
    const block = blockOf(plans, "f32", Object.keys(elsewhere));
    const room = ground.room(this.#owner, block.bytes);
    try {
      const kept = this.#furnish(room, block, elsewhere, list);
      this.#room?.release();
      this.#ground = ground;
      this.#room = room;
      this.#shared = block.shared;
      this.#kept = new Map(kept.map((one) => [one.variable.name, one]));
      return room;
    } catch (error) {
      room.release();
      throw error;
    }
  }

  #furnish({ kernels, start }: Room, block: Block, elsewhere: Partial<Operands>, list: readonly Keep[]): Kept[] {
    const { spec, records } = this.#kind;
    const plans = list.map(({ plan }) => plan);
    const places = allocate(spec, plans, block, kernels.buffer, start, "f32", { ...elsewhere });
    return list.map(({ variable, plan, state }, i) => {
      const carry = this.#carry ?? records.carry();
      const group = new Group(spec, records, plan, places[i], carry, kernels, "f32");
      if (state) restore(this.#owner, group, state, this.#carry === undefined);
      return { variable, plan, start: start + block.starts[i], group };
    });
  }

  /** The same group over other operands, or over views of what has become of the memory. */
  #bind({ plan, start, group: { carry, steps } }: Kept, { p, g }: Operands): Group {
    const { spec, records } = this.#kind;
    const { kernels, start: block } = this.#here;
    const shared = viewsAt(this.#shared, kernels.buffer, block, "f32");
    const place = placeAt(plan, kernels.buffer, start, "f32", shared, this.inPlace ? { p, g } : {});
    const group = new Group(spec, records, plan, place, carry, kernels, "f32");
    group.steps = steps;
    return group;
  }

  #save(kept: Kept): VariableState {
    const group = this.#bind(kept, nowhere);
    const [{ state }] = group.members;
    const carry = this.#carry ? {} : carried(this.#kind.spec, group.carry);
    const { shape, size } = kept.variable;
    const slots = Object.entries(state).map(([slot, values]) => {
      const own = values.length === size ? shape : [values.length];
      return [slot, { shape: own, values: Float32Array.from(values) }];
    });
    return { steps: group.steps, slots: Object.fromEntries(slots), carry, firstLr: group.hypers.firstLr };
  }
}

const tensorOf = ({ name, shape, size }: Variable): Parameter => ({ name, shape, length: size, source: undefined });

const carried = ({ carry = {} }: Spec, record: NamedScalars<string>): Readonly<Record<string, number>> =>
  mapped(carry, (_, key) => record[key]);

/**
 * @param carries whether the group has a carry of its own
 * @throws TypeError or RangeError if the state is not that of the group's variable
 */
function restore(owner: string, group: Group, loaded: VariableState, carries: boolean): void {
  const { steps, slots, carry, firstLr } = loaded;
  const [{ name, state: own }] = group.members;
  const state = mapped(slots, ({ values }) => values);
  throwIf(misfitState(owner, name, { step: steps, state }, own));
  if (carries) throwIf(otherKeys(owner, `carry of ${name}`, carry, group.carried));
  throwIf(misfitFirstLr(owner, name, firstLr, group.hypers));
  for (const [slot, x] of Object.entries(state)) own[slot].set(x);
  if (carries) Object.assign(group.carry, carry);
  group.steps = steps;
  group.hypers.firstLr = firstLr;
}
