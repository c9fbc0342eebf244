import type { KernelExports } from "./generated.ts";

/** A kernel without its dtype, of those that come for both. */
export type KernelName = keyof { [K in keyof KernelExports as K extends `${infer Name}_f32` ? Name : never]: K };

/** The kernels that are of no dtype: schedules, all f64. */
export type ScheduleName = Exclude<keyof KernelExports, `${string}_${"f32" | "f64"}`>;
