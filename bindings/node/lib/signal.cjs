'use strict'

// Abort signals that stop calls. A signal gets one listener however many calls share it: Node warns of a leak when
// there are more than ten.

/** @type {WeakMap<object, { stops: Set<() => void>, listener: () => void }>} */
const listeners = new WeakMap()

/**
 * Calls `stop` when the signal aborts.
 *
 * @param {AbortSignal} signal
 * @param {() => void} stop
 * @returns {() => void} unsubscribes
 */
function onAbort(signal, stop) {
  const { stops } = listeners.get(signal) ?? listen(signal)
  stops.add(stop)
  return () => {
    if (stops.delete(stop) && stops.size === 0) {
      forget(signal)
    }
  }
}

function listen(signal) {
  const stops = new Set()
  const listener = () => {
    forget(signal)
    stops.forEach((stop) => stop())
  }
  const entry = { stops, listener }
  signal.addEventListener('abort', listener)
  listeners.set(signal, entry)
  return entry
}

function forget(signal) {
  const entry = listeners.get(signal)
  if (entry !== undefined) {
    listeners.delete(signal)
    signal.removeEventListener('abort', entry.listener)
  }
}

module.exports = { onAbort }
