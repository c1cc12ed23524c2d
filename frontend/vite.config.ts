import { defineConfig } from "vite";

// Relative base: the built files find each other under any static prefix a city chooses.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/anlan/web/static/web/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    // The office's pages, the phone's own page, and its service worker (which imports nothing).
    rollupOptions: { input: ["src/main.ts", "src/phone/app.ts", "src/phone/sw.ts"] },
  },
  worker: { format: "es" },
});
