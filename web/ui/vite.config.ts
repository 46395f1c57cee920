/// <reference types="vitest/config" />
// Three builds of the wall: `client` for browsers, `arrange` to run before the first paint, `ssr` to render the page in a
// bare V8; and one of the desk, by itself, because a shared chunk would make the wall load what only the desk uses.
// BACKCHANNEL_STATIC names their folder.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type UserConfig } from 'vite'

declare const process: { env: Record<string, string | undefined> }

const outDir = process.env.BACKCHANNEL_STATIC ?? '../static'

const builds: Record<string, UserConfig> = {
  client: { build: { ...page('wall'), emptyOutDir: true, manifest: 'manifest.json' } },
  desk: { publicDir: false, build: { ...page('desk'), emptyOutDir: false, manifest: 'desk.manifest.json' } },
  arrange: program('wall/first_paint.ts', 'arrange'),
  ssr: {
    ...program('ssr/pages.ts', 'pages'),
    // `worker` comes before `browser` in Svelte's exports: the icons must find the same server-side Svelte as the page.
    ssr: {
      noExternal: true,
      target: 'webworker',
      resolve: { conditions: ['worker', 'svelte', 'module', 'import'] },
    },
  },
}

/** One page for browsers, with its files below `assets/`. */
function page(name: string) {
  return {
    outDir,
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    rolldownOptions: { input: { [name]: `${name}/main.ts` } },
  } as const
}

/** One classic script without imports, at `ssr/NAME.js`. */
function program(entry: string, name: string): UserConfig {
  return {
    publicDir: false,
    build: {
      outDir: `${outDir}/ssr`,
      emptyOutDir: false,
      ssr: name === 'pages',
      rolldownOptions: {
        input: entry,
        output: { format: 'iife', entryFileNames: `${name}.js`, codeSplitting: false },
      },
    },
  }
}

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
  ...builds[mode],
}))
