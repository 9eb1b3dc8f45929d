export default {
  build: { ssr: 'call.mjs', outDir: 'out/vite', rollupOptions: { external: ['payglot'] } },
  ssr: { noExternal: true },
}
