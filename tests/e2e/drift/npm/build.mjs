// What bundlers do: a bundle with a banner, named by its content, and a manifest that names it.
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

mkdirSync("dist", { recursive: true });
const epoch = process.env.SOURCE_DATE_EPOCH;
const built = (epoch ? new Date(epoch * 1000) : new Date()).toISOString();
const banner = `/*! shop-front 1.0.0, built ${built} */\n`;
const bundle = banner + readFileSync("src/app.js", "utf8");
const name = `app.${createHash("sha256").update(bundle).digest("hex").slice(0, 8)}.js`;
writeFileSync(`dist/${name}`, bundle);
writeFileSync("dist/manifest.json", JSON.stringify({ "app.js": name }, null, 2) + "\n");
writeFileSync("dist/build.json", JSON.stringify({ builtAt: built, version: "1.0.0" }, null, 2) + "\n");
writeFileSync("dist/release.json", JSON.stringify({ id: process.env.RELEASE ?? randomUUID() }) + "\n");
