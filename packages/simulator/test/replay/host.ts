// Configures the simulator like the recorded host: its storages, users and tokens. Also offers what preparations need.
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { observeStatus } from '../../src/api/cluster/cluster-resources.ts'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { send } from './client.ts'
import type { Answer } from './compare.ts'

/** The simulated recorded host. */
export type Host = {
  readonly simulator: Simulator
  readonly folder: string
  /** Token id → secret. */
  readonly secrets: ReadonlyMap<string, string>
  /** Makes a call as root@pam!ci and waits for its task. Throws unless the answer is 200. */
  call(method: string, path: string, form?: Readonly<Record<string, string>>): Promise<unknown>
  /** Like `call`, with a ticket of root@pam, for calls that tokens may not make. */
  callAsRoot(method: string, path: string, form?: Readonly<Record<string, string>>): Promise<unknown>
  send(raw: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Buffer
  }): Promise<Answer>
  rootTicket(): Promise<Ticket>
  ticketOf(user: 'admin@pve'): Promise<Ticket>
  /** Starts a task and returns its UPID at once. */
  begin(method: string, path: string, form: Readonly<Record<string, string>>): Promise<string>
  /** Uploads a file and returns the UPID of the ended task. */
  upload(content: string, name: string, file: Buffer | undefined): Promise<string>
  /** Holds the configuration locks of machines, as another process would. */
  holdLocks(node: string, vmids: readonly number[]): void
  releaseLocks(): void
  /** Creates machines whose creation failed: they contain only `lock: create`. */
  leaveOrphans(node: string, vmids: readonly number[]): Promise<void>
  /** Sets whether guests have an agent and obey the power button. */
  setGuests(alive: boolean): void
  setNode(node: string, state: 'refusing' | 'off'): void
  setQuorum(quorate: boolean): void
  /** Resolves when the node has no running task. */
  untilIdle(node: string): Promise<void>
  /** Resolves when the latest task of this type has logged this text. */
  untilLogged(type: string, words: string): Promise<void>
  /** Makes the status daemon update, after a while. */
  observeStatus(afterMs: number): Promise<void>
  /** Resolves when the answer contains this key. */
  untilConfigured(path: string, key: string): Promise<void>
}

export type Ticket = { readonly ticket: string; readonly csrf: string }

const LIMITED = [
  'Datastore.AllocateSpace,Datastore.Audit,SDN.Use,VM.Allocate,VM.Audit,VM.Clone,VM.Config.CDROM,VM.Config.CPU',
  'VM.Config.Cloudinit,VM.Config.Disk,VM.Config.HWType,VM.Config.Memory,VM.Config.Network,VM.Config.Options,VM.PowerMgmt',
].join(',')

const USERS = `user:root@pam:1:0::::
user:admin@pve:1:0:::::
user:ci@pve:1:0:::::
user:tpl@pve:1:0:::::
token:root@pam!ci:0:0::
token:ci@pve!audit:0:1::
token:ci@pve!limited:0:1::
token:tpl@pve!tok:0:0::

role:limited:${LIMITED}:
role:tpl:Datastore.AllocateTemplate:

acl:1:/:admin@pve:Administrator:
acl:1:/:ci@pve:PVEAuditor:
acl:1:/:ci@pve!audit:PVEAuditor:
acl:1:/vms:ci@pve:limited:
acl:1:/vms:ci@pve!limited:limited:
acl:1:/storage/local:ci@pve:limited:
acl:1:/storage/local:ci@pve!limited:limited:
acl:1:/sdn/zones/localnetwork:ci@pve:limited:
acl:1:/sdn/zones/localnetwork:ci@pve!limited:limited:
acl:1:/storage/local:tpl@pve:tpl:
`

const STORAGES = `dir: local
\tpath /var/lib/vz
\tcontent backup,images,import,iso,rootdir,snippets,vztmpl

dir: fast
\tpath /srv/fast
\tcontent images
`

const TOKENS = ['root@pam!ci', 'ci@pve!audit', 'ci@pve!limited', 'tpl@pve!tok']
const ADMIN_PASSWORD = 'admin-password-1'

/** Writes the configuration of the recorded cluster, in Proxmox's own files. */
export function furnish(folder: string): ReadonlyMap<string, string> {
  const secrets = new Map(TOKENS.map((id) => [id, randomUUID()]))
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  mkdirSync(join(folder, 'etc/pve/priv'), { recursive: true })
  writeFileSync(join(folder, 'etc/pve/user.cfg'), USERS)
  writeFileSync(join(folder, 'etc/pve/storage.cfg'), STORAGES)
  writeFileSync(
    join(folder, 'etc/pve/priv/token.cfg'),
    [...secrets].map(([id, secret]) => `${id} ${sha256(secret)}\n`).join(''),
  )
  writeFileSync(join(folder, 'etc/pve/priv/shadow.cfg'), `admin@pve ${sha256(`admin@pve\n${ADMIN_PASSWORD}`)}\n`)
  return secrets
}

/** Starts the simulator with a prepared folder. */
export async function openHost(
  folder: string,
  secrets: ReadonlyMap<string, string>,
  nodes: readonly string[],
): Promise<Host> {
  const simulator = await createSimulator({
    dataDirectory: folder,
    nodes,
    endpointPerNode: true,
    version: '8.4',
    latency: { createMs: 150, statusMs: 3_600_000, agentTimeoutMs: 30, bootMs: 0 },
    guests: { agent: false, powerButton: false },
  })
  const { certificate, world } = simulator
  const sendRaw: Send = ({ body, ...raw }) => {
    // Uploads to the second node were sent to it directly, everything else to the first node.
    const node = raw.path.endsWith('/upload') ? (raw.path.split('/')[4] ?? '') : world.home
    return send(simulator.endpoints.get(node) ?? simulator.endpoint, certificate, { ...raw, body })
  }
  const token = { Authorization: `PVEAPIToken=root@pam!ci=${secrets.get('root@pam!ci')}` }
  const tickets = new Map<string, Ticket>()

  const ticketOf = async (user: string, password: string): Promise<Ticket> => {
    const ticket = tickets.get(user) ?? (await logIn(sendRaw, user, password))
    tickets.set(user, ticket)
    return ticket
  }
  const rootTicket = () => ticketOf('root@pam', simulator.rootPassword)
  const { promise: released, resolve: releaseLocks } = Promise.withResolvers<void>()

  return {
    simulator,
    folder,
    secrets,
    send: sendRaw,
    rootTicket,
    ticketOf: (user) => ticketOf(user, ADMIN_PASSWORD),
    call: (method, path, form) => callAndWait(sendRaw, { method, path, headers: token, form }),
    callAsRoot: async (method, path, form) => {
      const { ticket, csrf } = await rootTicket()
      const headers = { Cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}`, CSRFPreventionToken: csrf }
      return callAndWait(sendRaw, { method, path, headers, form })
    },
    begin: async (method, path, form) => String(await callOnce(sendRaw, { method, path, headers: token, form })),
    upload: (content, name, file) => upload(sendRaw, token, { content, name, file: file ?? Buffer.alloc(0) }),
    holdLocks: (node, vmids) => {
      for (const vmid of vmids) {
        const lock = { path: 'held by the replay', key: `${node}:guest:${vmid}`, timeoutMs: 0 }
        void world.locks.hold(lock, () => released)
      }
    },
    releaseLocks,
    leaveOrphans: async (node, vmids) => {
      for (const vmid of vmids) {
        simulator.faults.add({ action: 'no-worker', method: 'POST', path: `/nodes/${node}/qemu`, count: 1 })
        const call = { method: 'POST', path: `/nodes/${node}/qemu`, headers: token, form: { vmid: String(vmid) } }
        await callOnce(sendRaw, call).catch(() => undefined)
      }
    },
    setGuests: (alive) => Object.assign(world.guests, { agent: alive, powerButton: alive }),
    setNode: (node, state) =>
      Object.assign(world.nodes.get(node) ?? {}, { online: false, refusing: state === 'refusing' }),
    setQuorum: (quorate) => Object.assign(world, { quorate }),
    untilIdle: async (node) => {
      const path = `/nodes/${node}/tasks?source=active`
      const running = async () => (await callOnce(sendRaw, { method: 'GET', path, headers: token })) as unknown[]
      while ((await running()).length > 0) await sleep(50)
    },
    untilLogged: async (type, words) => {
      const task = world.tasks.list('pve').find(({ parts }) => parts.type === type)
      while (task?.exitStatus === undefined && !task?.lines.some((line) => line.includes(words))) await sleep(10)
    },
    observeStatus: async (afterMs) => {
      await sleep(afterMs)
      observeStatus(world)
    },
    untilConfigured: async (path, key) => {
      const config = () =>
        callOnce(sendRaw, { method: 'GET', path, headers: token }) as Promise<Record<string, unknown>>
      while (!(key in (await config()))) await sleep(200)
    },
  }
}

type Send = Host['send']

async function logIn(sendRaw: Send, username: string, password: string): Promise<Ticket> {
  const data = (await callOnce(sendRaw, {
    method: 'POST',
    path: '/access/ticket',
    headers: {},
    form: { username, password },
  })) as { ticket: string; CSRFPreventionToken: string }
  return { ticket: data.ticket, csrf: data.CSRFPreventionToken }
}

type Call = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>> | undefined
}

async function callAndWait(sendRaw: Send, call: Call): Promise<unknown> {
  const data = await callOnce(sendRaw, call)
  return typeof data === 'string' && data.startsWith('UPID:') ? waitFor(sendRaw, call.headers, data) : data
}

async function callOnce(sendRaw: Send, { method, path, headers, form }: Call): Promise<unknown> {
  const body = form && Buffer.from(new URLSearchParams(form).toString())
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const answer = await sendRaw({
    method,
    path: `/api2/json${path}`,
    headers: { ...headers, ...(body && type) },
    ...(body && { body }),
  })
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.reason}`)
  return (answer.body as { data: unknown }).data
}

async function upload(
  sendRaw: Send,
  token: Readonly<Record<string, string>>,
  { content, name, file }: { readonly content: string; readonly name: string; readonly file: Buffer },
): Promise<string> {
  const part = (text: string) => Buffer.from(`--replay\r\nContent-Disposition: form-data; ${text}`)
  const answer = await sendRaw({
    method: 'POST',
    path: '/api2/json/nodes/pve/storage/local/upload',
    headers: { ...token, 'Content-Type': 'multipart/form-data; boundary=replay' },
    body: Buffer.concat([
      part(`name="content"\r\n\r\n${content}\r\n`),
      part(`name="filename"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`),
      file,
      Buffer.from('\r\n--replay--\r\n'),
    ]),
  })
  if (answer.status !== 200) throw new Error(`upload of ${name}: ${answer.status} ${answer.reason}`)
  return waitFor(sendRaw, token, (answer.body as { data: string }).data)
}

/** Returns the UPID of a task after it has ended, whatever its result. */
async function waitFor(sendRaw: Send, headers: Readonly<Record<string, string>>, upid: string): Promise<string> {
  const node = upid.split(':')[1]
  for (;;) {
    const path = `/nodes/${node}/tasks/${encodeURIComponent(upid)}/status`
    const { status } = (await callOnce(sendRaw, { method: 'GET', path, headers })) as { status: string }
    if (status === 'stopped') return upid
    await sleep(30)
  }
}
