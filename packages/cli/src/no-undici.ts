// Stands in for undici in the bundle: only the engine of proxmox-api that we replace would call it.

export function fetch(): never {
  throw new Error('the engine of proxmox-api is not used here')
}

export class Agent {}

export function setGlobalDispatcher(): void {}
