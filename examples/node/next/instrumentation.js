// Next.js calls this once when a server starts: https://nextjs.org/docs/app/guides/instrumentation. Where an instance lives
// for one request alone, handle events in a program of its own, or in a job with `inbox.workOff()`.

export async function register() {
  // The native part needs Node; the edge runtime cannot load it.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { inbox } = await import('./lib/inbox.js')
    void inbox().work()
  }
}
