// Options by names that they have not: slips of the pen, and the names of torch, Keras, optax and TensorFlow.js.

/** What options are called elsewhere, without capitals and underscores, and here, or the other way round in a preset: those that are meant which the function at hand has. */
export const elsewhere: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    accumulationsize: ["every"],
    alpha: ["end", "decay"],
    annealstrategy: ["shape"],
    b1: ["beta1"],
    b2: ["beta2"],
    b3: ["beta3"],
    base: ["baseLr"],
    baselr: ["init", "min", "base"],
    beta: ["beta1", "momentum", "smoothing"],
    betas: ["beta1", "beta2", "beta3"],
    bytelength: ["bytes"],
    clip: ["clipNorm", "clipValue"],
    clipbyglobalnorm: ["clipNorm"],
    clipbynorm: ["clipTensorNorm"],
    clipbyvalue: ["clipValue"],
    clipgradnorm: ["clipNorm"],
    clipgradvalue: ["clipValue"],
    // Keras's is that of each tensor; here it is but for a capital that of all.
    clipnorm: ["clipTensorNorm", "clipNorm"],
    decay: ["alpha", "lrDecay", "weightDecay", "rate"],
    decayrate: ["rate", "gamma", "alpha"],
    decaysteps: ["steps", "decay"],
    device: ["backend"],
    divergeth: ["stopAt"],
    divfactor: ["div"],
    drop: ["rate"],
    ema: ["decay"],
    emamomentum: ["decay"],
    end: ["etaMin", "endLearningRate", "endValue", "lrEnd"],
    endlearningrate: ["end"],
    endlr: ["end", "to"],
    endvalue: ["end"],
    epochs: ["steps"],
    epsilon: ["eps"],
    epsroot: ["eps"],
    etamin: ["end", "min"],
    etas: ["etaMinus", "etaPlus"],
    every: ["stepSize"],
    exponent: ["power"],
    factor: ["rate", "gamma"],
    finaldivfactor: ["finalDiv"],
    finallr: ["end"],
    freeze: ["trainable"],
    from: ["init"],
    frozen: ["trainable"],
    gamma: ["rate", "factor"],
    globalclipnorm: ["clipNorm"],
    gradclip: ["clipNorm", "clipValue"],
    gradclipnorm: ["clipNorm"],
    gradientclipnorm: ["clipNorm"],
    gradientclipping: ["clipNorm", "clipValue"],
    gradientclipval: ["clipNorm"],
    high: ["max"],
    historylength: ["historySize"],
    init: ["initialLearningRate", "initValue"],
    initial: ["init"],
    initialaccumulator: ["initialAccumulatorValue"],
    initiallearningrate: ["init", "peak"],
    initiallr: ["init", "peak"],
    initialvalue: ["init"],
    initlr: ["init", "peak"],
    initvalue: ["init"],
    iterations: ["steps"],
    k: ["every"],
    l1regularizationstrength: ["l1"],
    l2: ["weightDecay"],
    l2regularization: ["weightDecay", "l2"],
    l2regularizationstrength: ["l2"],
    l2shrinkageregularizationstrength: ["l2Shrinkage"],
    lambda: ["weightDecay", "lambd"],
    lasteps: ["every"],
    learningrate: ["lr", "init", "peak", "value", "base"],
    learningratefn: ["lr"],
    learningrates: ["lrs"],
    length: ["count", "bytes"],
    linesearch: ["lineSearchFn"],
    low: ["min"],
    lower: ["min"],
    lr: ["init", "peak", "value", "base", "lrs", "initialLearningRate", "maxLr"],
    lrdecay: ["rate"],
    lrend: ["end"],
    lrmax: ["peak", "max", "to"],
    lrmin: ["end", "min", "from"],
    lrschedule: ["lr"],
    lrscheduler: ["lr"],
    m: ["historySize"],
    max: ["maxLr", "peak"],
    maxgradnorm: ["clipNorm"],
    maxiterations: ["maxIter", "steps"],
    maxlearningrate: ["peak", "max", "to"],
    maxlr: ["peak", "max", "to"],
    maxnorm: ["clipNorm"],
    maxsteps: ["steps"],
    maxvalue: ["peak", "max"],
    memory: ["bytes"],
    memorysize: ["historySize"],
    min: ["etaMin", "baseLr", "end"],
    mindelta: ["atol"],
    minlearningrate: ["end", "min", "from"],
    minlr: ["end", "min", "from"],
    minscale: ["min"],
    minvalue: ["end", "min"],
    mmul: ["peakFactor"],
    momentum: ["beta1"],
    momentumdecay: ["momentum", "beta1"],
    mu: ["momentum", "beta1"],
    n: ["count"],
    name: ["match"],
    nesterovmomentum: ["nesterov"],
    num: ["count"],
    numdecaysteps: ["decay"],
    numiter: ["steps"],
    numstablesteps: ["stable"],
    numsteps: ["steps", "count"],
    numtrainingsteps: ["steps"],
    numwarmupsteps: ["warmup"],
    output: ["out"],
    parametergroups: ["groups"],
    parameters: ["match"],
    paramgroups: ["groups"],
    params: ["match"],
    pctstart: ["warmupFraction"],
    peak: ["maxLr", "peakValue", "warmupTarget"],
    peaklearningrate: ["peak"],
    peaklr: ["peak"],
    peakvalue: ["peak"],
    precision: ["dtype"],
    radius: ["rho"],
    rate: ["gamma", "decayRate"],
    requiresgrad: ["trainable"],
    rescalegrad: ["gradScale"],
    rho: ["alpha", "beta2"],
    scalefn: ["scale"],
    scalemode: ["scaleOf"],
    schedule: ["lr"],
    scheduler: ["lr"],
    size: ["bytes", "count"],
    slowstepsize: ["alpha"],
    start: ["init", "from"],
    startfactor: ["from"],
    startlr: ["from"],
    startvalue: ["init"],
    steps: ["tMax", "totalIters", "totalSteps", "decaySteps", "transitionSteps", "numTrainingSteps", "count"],
    stepsize: ["every", "lr"],
    stepsizedown: ["down"],
    stepsizes: ["minStep", "maxStep"],
    stepsizeup: ["up"],
    stop: ["end", "to"],
    syncperiod: ["every"],
    t0: ["steps"],
    threshold: ["rtol", "atol"],
    tmax: ["steps"],
    tmul: ["stepsFactor"],
    tmult: ["stepsFactor"],
    to: ["end"],
    tol: ["toleranceGrad", "toleranceChange", "rtol"],
    tolerance: ["toleranceGrad", "toleranceChange", "rtol"],
    totaliters: ["steps"],
    totalsteps: ["steps"],
    transitionsteps: ["steps"],
    trustcoefficient: ["trustCoeff"],
    upper: ["max"],
    usenesterov: ["nesterov"],
    warmup: ["warmupSteps", "numWarmupSteps"],
    warmupepochs: ["warmup"],
    warmupratio: ["warmupFraction", "warmup"],
    warmupsteps: ["warmup", "warmupFraction", "numWarmupSteps"],
    wd: ["weightDecay"],
    weightdecayrate: ["weightDecay"],
  }),
);

const bare = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");

/** Longer ones are nobody's slip. */
const LONGEST = 40;

/** Those of the names `known` that may be meant by `name`, none if it is like none of them. */
export function meant(name: string, known: readonly string[]): readonly string[] {
  if (name.length > LONGEST) return [];
  const key = bare(name);
  const here = (names: readonly string[]) => names.filter((name) => known.includes(name));
  const theirs = here(elsewhere.get(key) ?? []);
  if (theirs.length > 0) return theirs;
  const ours = nearest(key, known);
  if (ours !== undefined) return [ours];
  const names = [...elsewhere.keys()].filter((name) => here(elsewhere.get(name) ?? []).length > 0);
  return here(elsewhere.get(nearest(key, names) ?? "") ?? []);
}

/** That of the names which is a slip of the pen away, if one is. */
function nearest(key: string, names: readonly string[]): string | undefined {
  const distances = names.map((name) => distance(key, bare(name)));
  const least = Math.min(...distances);
  return least <= Math.min(2, key.length / 3) ? names[distances.indexOf(least)] : undefined;
}

/** How many characters must be put in, left out or replaced to make one of the other (Levenshtein 1965). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[to.length];
}
