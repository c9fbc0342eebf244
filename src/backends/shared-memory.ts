const IMPORTS = 2;

/** The content of a section with one import, env.memory: shared, of no matter how many pages. */
const sharedMemory = Uint8Array.of(1, 3, ...codes("env"), 6, ...codes("memory"), 2, 3, 0, 0x80, 0x80, 4);

/**
 * The kernels' module for a memory that threads share. What it imports is all that differs: WebAssembly takes such a memory only where the
 * import says so, and loads and stores are the same.
 *
 * @param module a binary whose only import is env.memory
 */
export function forSharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  // After the magic number and the version come sections: a number, a length, the content.
  let section = 8;
  while (module[section] !== IMPORTS) section = endOf(module, section);
  const rest = module.subarray(endOf(module, section));
  const made = new Uint8Array(section + 2 + sharedMemory.length + rest.length);
  made.set(module.subarray(0, section));
  made.set([IMPORTS, sharedMemory.length, ...sharedMemory], section);
  made.set(rest, made.length - rest.length);
  return made;
}

/** Where a section ends. The length of its content comes in sevens of bits, the low ones first. */
function endOf(module: Uint8Array, section: number): number {
  let start = section + 1;
  let length = 0;
  let shift = 0;
  do {
    length += (module[start] & 127) << shift;
    shift += 7;
  } while (module[start++] >= 128);
  return start + length;
}

function codes(text: string): number[] {
  return [...text].map((char) => char.charCodeAt(0));
}
