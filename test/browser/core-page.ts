import { descend } from "./core.ts";
import { show } from "./show.ts";

show(descend());
