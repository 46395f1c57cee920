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
function page(name: string): UserConfig['build'] {
  return {
    outDir,
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    rolldownOptions: {
      input: { [name]: `${name}/main.ts` },
      // The framework is of the page's own script: two files would compress worse, and cost one more request.
      output: { codeSplitting: { groups: [{ name, tags: ['$initial'] }] } },
    },
  }
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

const RAW = '{@html set}'
const MARKUP = "import Markup from '../desk/markup/Markup.svelte'"

/** The desk's Trusted Types refuse raw HTML: there, a post's words are built from nodes. */
const fromNodes = {
  markup({ content, filename }: { content: string; filename?: string }) {
    if (!filename?.endsWith('/card/Words.svelte')) return undefined
    if (!content.includes(RAW)) throw new Error(`${filename} has no ${RAW}: how does the desk draw words?`)
    const imported = content.replace('<script lang="ts">', `$&\n  ${MARKUP}`)
    return { code: imported.replace(RAW, '<Markup html={set} />') }
  },
}

/** All styles are in one file, so that a script loaded later needs no help with its styles. */
const plainImports = {
  name: 'plain-imports',
  load: (id: string) =>
    id.endsWith('vite/preload-helper.js') ? 'export const __vitePreload = (load) => load()' : undefined,
}

export default defineConfig(({ mode }) => ({
  plugins: [plainImports, svelte(mode === 'desk' ? { preprocess: [fromNodes] } : {})],
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
  ...builds[mode],
}))
