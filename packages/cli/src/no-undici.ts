// Replaces undici in the bundle. Only the request engine of proxmox-api, which is not used here, would call it.

export function fetch(): never {
  throw new Error('the engine of proxmox-api is not used here')
}

export class Agent {}

export function setGlobalDispatcher(): void {}
