import { describe, expect, test } from "vitest";
import {
  adam,
  diagnose,
  ema,
  type Lbfgs,
  lbfgs,
  lookahead,
  lrRangeTest,
  type Optimizer,
  sam,
  swa,
} from "../src/index.ts";
import { all } from "./makers.ts";

type Call = () => unknown;

const wrappers = { ema, swa, lookahead };

/** All that reads or writes the parameters, by what a message begins with. */
function callsOf(optimizer: Optimizer): (readonly [string, Call])[] {
  const { name } = optimizer;
  const { params, grads } = optimizer;
  const state = optimizer.state("w");
  const saved = optimizer.save();
  const shadows = Object.entries(wrappers).map(([owner, wrap]) => [owner, wrap(optimizer)] as const);
  const saves = shadows.map(([, shadow]) => shadow.save());
  const around = sam(optimizer);
  const watch = diagnose(optimizer);
  const own: Call[] = [
    () => optimizer.step(),
    () => optimizer.step({ w: [1, 2] }),
    () => optimizer.eval(),
    () => optimizer.train(),
    () => optimizer.save(),
    () => optimizer.load(saved),
    () => optimizer.zeroGrad(),
    () => optimizer.lr,
    () => Object.assign(optimizer, { lr: 1 }),
    () => optimizer.hyper("lr"),
    () => optimizer.state("w"),
    () => optimizer.carried("w"),
    () => Object.assign(params, { w: [1, 2] }),
    () => Object.assign(grads, { w: [1, 2] }),
    ...Object.keys(state).map((slot) => () => Object.assign(state, { [slot]: [1, 2] })),
    () => lrRangeTest(optimizer, () => 1),
  ];
  return [
    ...own.map((call) => [name, call] as const),
    ...shadows.flatMap(([owner, shadow], i): (readonly [string, Call])[] => [
      [owner, () => shadow.update()],
      [owner, () => shadow.save()],
      [owner, () => shadow.load(saves[i])],
      [owner, () => ("swap" in shadow ? shadow.swap() : shadow.update())],
      [owner, () => wrappers[owner as keyof typeof wrappers](optimizer)],
    ]),
    ["sam", () => around.step(() => 1)],
    ["sam", () => sam(optimizer)],
    ["diagnose", () => watch.update(1)],
    ["diagnose", () => diagnose(optimizer)],
  ];
}

describe("after dispose()", () => {
  test.each(all.map((factory) => [factory.spec.name, factory] as const))(
    "%s: all that would read or write says so",
    (_, factory) => {
      const optimizer = (factory as unknown as typeof adam)({ w: [2] }) as unknown as Optimizer;
      const calls = callsOf(optimizer);
      optimizer.step();
      optimizer.dispose();
      for (const [owner, call] of calls) expect(call).toThrow(new Error(`${owner}: this optimizer is disposed`));
    },
  );

  test("lbfgs", () => {
    const optimizer = lbfgs({ w: [2] });
    const { params, grads } = optimizer;
    const saved = optimizer.save();
    const average = ema(optimizer);
    optimizer.dispose();
    const calls: Call[] = [
      () => optimizer.step(() => 1),
      () => optimizer.save(),
      () => optimizer.load(saved),
      () => optimizer.zeroGrad(),
      () => optimizer.lr,
      () => Object.assign(optimizer, { lr: 1 }),
      () => Object.assign(params, { w: [1, 2] }),
      () => Object.assign(grads, { w: [1, 2] }),
    ];
    for (const call of calls) expect(call).toThrow(new Error("lbfgs: this optimizer is disposed"));
    expect(() => average.update()).toThrow(new Error("ema: this optimizer is disposed"));
    expect(() => ema(optimizer)).toThrow(new Error("ema: this optimizer is disposed"));
  });
});

describe("while a step of promises is under way", () => {
  const pause = async () => {
    await Promise.resolve();
    return 1;
  };
  type Either = Optimizer<{ w: [2] }> | Lbfgs<{ w: [2] }>;
  const make = () => adam({ w: [2] }) as unknown as Optimizer<{ w: [2] }>;
  const runs: readonly (readonly [string, () => readonly [Either, () => Promise<unknown>]])[] = [
    [
      "lrRangeTest",
      () => ((optimizer) => [optimizer, () => lrRangeTest(optimizer as never, pause, { steps: 5 })])(make()),
    ],
    ["sam", () => ((optimizer) => [optimizer, () => sam(optimizer as never).step(pause)])(make())],
    [
      "lbfgs",
      () =>
        ((optimizer) => [optimizer, () => optimizer.step(pause)])(lbfgs({ w: [2] }) as unknown as Lbfgs<{ w: [2] }>),
    ],
  ];

  test.each(runs)(
    "%s: nobody else steps, loads, turns or disposes, and it ends as if nobody had tried",
    async (name, run) => {
      const [alone, start] = run();
      const [optimizer, again] = run();
      const saved = optimizer.save();
      const average = ema(optimizer);
      const before = average.save();
      const expected = await start();
      const calls: Call[] = [
        () => optimizer.step((() => 1) as never),
        () => optimizer.load(saved as never),
        () => optimizer.save(),
        () => optimizer.dispose(),
        () => Object.assign(optimizer.params, { w: [1, 2] }),
        () => average.update(),
        () => average.swap(),
        () => average.load(before),
        () => ema(optimizer),
        ...("eval" in optimizer
          ? [
              () => optimizer.eval(),
              () => optimizer.train(),
              () => lrRangeTest(optimizer as never, () => 1),
              () => sam(optimizer as never).step(() => 1),
            ]
          : []),
      ];
      const pending = again();
      // It would be put back at the end; other steps have taken theirs.
      if (name === "lrRangeTest") expect(() => Object.assign(optimizer, { lr: 1 })).toThrow(/: a step is under way/);
      for (const call of calls) expect(call).toThrow(/: a step is under way/);
      expect(await pending).toEqual(expected);
      expect(optimizer.save()).toEqual(alone.save());
      average.update();
    },
  );
});
