import lib from './lib/testing.cjs'

export const { Sandbox, SandboxError, crashLab } = lib
