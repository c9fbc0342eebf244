import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: mode === "long" ? 600_000 : 60_000,
    // One fewer by default: one of two cores.
    maxWorkers: "100%",
  },
}));
