import react from "@vitejs/plugin-react";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vitest/config";

// The console sends the smallest form of a file that the browser takes, so the build
// makes all three once.
function compressed(): Plugin {
  let dir = "";
  return {
    name: "compressed",
    apply: "build",
    configResolved: (config) => void (dir = join(config.root, config.build.outDir)),
    closeBundle() {
      for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
        const file = join(dir, name);
        if (!/\.(html|js|css|svg)$/.test(name) || statSync(file).size < 512) continue;
        const plain = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(plain));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), compressed()],
  build: {
    // The console forbids inline code and data: scripts; every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
  },
  server: { proxy: { "/api": process.env["HUIYING_API"] ?? "http://127.0.0.1:8080" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
