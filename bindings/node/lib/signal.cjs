'use strict'

// Signals that stop calls. A signal gets one listener however many calls share it: Node warns of a leak where
// there are more than ten.

/** @type {WeakMap<object, { stops: Set<() => void>, listener: () => void }>} */
const heard = new WeakMap()

/**
 * Calls `stop` when the signal comes.
 *
 * @param {AbortSignal} signal
 * @param {() => void} stop
 * @returns {() => void} ends that
 */
function onAbort(signal, stop) {
  const { stops } = heard.get(signal) ?? listen(signal)
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
  heard.set(signal, entry)
  signal.addEventListener('abort', listener)
  return entry
}

function forget(signal) {
  const entry = heard.get(signal)
  if (entry !== undefined) {
    heard.delete(signal)
    signal.removeEventListener('abort', entry.listener)
  }
}

module.exports = { onAbort }
