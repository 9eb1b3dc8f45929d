// Next.js calls this once when a server starts: https://nextjs.org/docs/app/guides/instrumentation. Where an instance lives
// for one request alone, handle events in a program of its own, or in a job with `inbox.workOff()`.

import { inbox } from './inbox.mjs'

export function register() {
  void inbox.work()
}
