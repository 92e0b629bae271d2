// Bundles entry.js into one module, and writes the licences of the packages that are in it.
// Called by build.py with the folder to write to.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const [folder] = process.argv.slice(2);

// style-mod puts a <style> element into a document, which the content security policy of the page forbids. It has
// another way, style sheets made by script, and takes it in shadow roots only: here it takes it everywhere.
const DOCUMENT_SKIPS = "if (!root.head && root.adoptedStyleSheets";
const adoptStyleSheets = {
  name: "adopt-style-sheets",
  setup(bundler) {
    bundler.onLoad({ filter: /style-mod\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      if (source.split(DOCUMENT_SKIPS).length !== 2) throw new Error(`${path}: has changed, look at StyleSet again`);
      return { contents: source.replace(DOCUMENT_SKIPS, "if (root.adoptedStyleSheets"), loader: "js" };
    });
  },
};

const { metafile } = await build({
  bundle: true,
  entryPoints: ["entry.js"],
  format: "esm",
  legalComments: "none",
  metafile: true,
  minify: true,
  outfile: join(folder, "codemirror.js"),
  plugins: [adoptStyleSheets],
  target: "es2022",
});

const used = new Set();
for (const path of Object.keys(metafile.inputs)) {
  const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
  if (found) used.add(found[1]);
}
const packages = [...used].sort().map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  return { name, version, license, text: readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim() };
});
const rule = "-".repeat(100);
writeFileSync(
  join(folder, "LICENSES.txt"),
  [
    "codemirror.js is a bundle of these packages. One condition of style-mod is changed, so that it uses style sheets",
    "that a content security policy allows. The licence of each package follows.",
    "",
    ...packages.map(({ name, version, license }) => `${name} ${version} (${license})`),
    ...packages.flatMap(({ name, text }) => ["", rule, name, "", text]),
    "",
  ].join("\n"),
);
