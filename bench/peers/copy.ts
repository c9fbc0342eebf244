/**
 * (module
 *   (import "e" "m" (memory 1))
 *   (func (export "copy") (param $x i32) (param $end i32)
 *     (loop $turn
 *       (v128.store offset=0 (local.get $x) (v128.load offset=0 (local.get $x)))
 *       (v128.store offset=16 (local.get $x) (v128.load offset=16 (local.get $x)))
 *       (v128.store offset=32 (local.get $x) (v128.load offset=32 (local.get $x)))
 *       (v128.store offset=48 (local.get $x) (v128.load offset=48 (local.get $x)))
 *       (br_if $turn (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 64))) (local.get $end))))))
 *
 * In bytes, because a compiler that is itself WebAssembly grows its memory, and after the first detached buffer V8 checks every typed
 * array for it at every access: hand-written SGD then takes 40 % longer.
 */
const sections = [
  "0061736d 01000000", // magic, version
  "0106 01 60 02 7f7f 00", // type: (i32, i32) → ()
  "0208 01 0165 016d 02 0001", // import: memory e.m
  "0302 01 00", // function: of type 0
  "0708 01 04 636f7079 00 00", // export: copy
  "0a44 01 42 00 0340", // code: loop
  ...["00", "10", "20", "30"].map((offset) => `2000 2000 fd0004${offset} fd0b04${offset}`), // load, store
  "2000 41c000 6a 2200 2001 49 0d00 0b 0b", // x + 64 < end: once more
];
const module = new WebAssembly.Module(Buffer.from(sections.join("").replaceAll(" ", ""), "hex"));

/**
 * WebAssembly's copy of `bytes` onto themselves, vector by vector: each is read once and written once. Not `memory.copy`, which writes to
 * other memory than it reads, so that caches and buses carry more than an update in place needs.
 */
export function copyInPlace(bytes: number): () => void {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
  new Uint8Array(memory.buffer).fill(1);
  const { copy } = new WebAssembly.Instance(module, { e: { m: memory } }).exports as {
    copy: (x: number, end: number) => void;
  };
  return () => copy(0, bytes);
}
