/** What is drawn in the browser and in Node. Names that HTML and XML write differently. */
export const title = 'a\u00a0& "b" <c>';
export const curves = {
  "one\u00a0<two>": { x: [1, 2, 3, 4, 5], y: [1, 3, NaN, 5, 4] },
  "&nbsp;": { x: [1, 5], y: [2, 2] },
};
