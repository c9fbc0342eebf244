export * from "./cautious";
export {
  dot_f32, dot_f64, dot_over_root_f32, dot_over_root_f64, dot_with_gap_f32, dot_with_gap_f64,
  largest_magnitude_f32, largest_magnitude_f64, squared_distance_f32, squared_distance_f64, sum_of_magnitudes_f32, sum_of_magnitudes_f64,
  sum_of_squares_f32, sum_of_squares_f64, within_f32, within_f64,
} from "./fold";
export * from "./gradient";
export * from "./matrix";
export * from "./noise";
export * from "./rows";
export * from "./optimizers/adabelief";
export * from "./optimizers/adadelta";
export * from "./optimizers/adafactor";
export * from "./optimizers/adagrad";
export * from "./optimizers/adam";
export * from "./optimizers/adamax";
export * from "./optimizers/adan";
export * from "./optimizers/ademamix";
export * from "./optimizers/adopt";
export * from "./optimizers/asgd";
export * from "./optimizers/ftrl";
export * from "./optimizers/lion";
export * from "./optimizers/nadam";
export * from "./optimizers/radam";
export * from "./optimizers/rmsprop";
export * from "./optimizers/rprop";
export * from "./optimizers/schedule-free-adamw";
export * from "./optimizers/schedule-free-sgd";
export * from "./optimizers/sgd";
export * from "./optimizers/signum";
export * from "./optimizers/sm3";
export * from "./optimizers/yogi";
export * from "./schedules/clamp";
export * from "./schedules/constant";
export * from "./schedules/cosine-decay";
export * from "./schedules/cosine-restarts";
export * from "./schedules/cyclic";
export * from "./schedules/exponential-decay";
export * from "./schedules/inverse-sqrt-decay";
export * from "./schedules/inverse-time-decay";
export * from "./schedules/multi-step-decay";
export * from "./schedules/noisy";
export * from "./schedules/piecewise-constant";
export * from "./schedules/piecewise-interpolate";
export * from "./schedules/polynomial-decay";
export * from "./schedules/product";
export * from "./schedules/rex";
export * from "./schedules/tanh-decay";
