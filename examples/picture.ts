import { parseHTML } from "linkedom";

/** A DOM to draw with. */
export const { document } = parseHTML("<html></html>");

/** A page that shows a picture and, when the pointer is over a point, its values. */
export const page = (title: string, svg: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<style>
  :root { color-scheme: light dark }
  body { display: grid; place-items: center; margin: 2rem }
</style>
${svg}
</html>
`;
