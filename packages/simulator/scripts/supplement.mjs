// Methods that the schema files leave out and clients nevertheless call, in the schema's own shape; alike in 8.4 and 9.x.

const node = { type: 'string', format: 'pve-node' }
const vmid = { type: 'integer', format: 'pve-vmid', minimum: 100, maximum: 999_999_999 }
const snapname = { type: 'string', format: 'pve-configid', maxLength: 40 }
const text = { type: 'string', optional: 1 }
const flag = { type: 'boolean', optional: 1 }
const vm = '/nodes/{node}/qemu/{vmid}'

const onVm = (privileges, properties, rest = {}) => ({
  parameters: { additionalProperties: 0, properties: { node, vmid, ...properties } },
  permissions: { check: ['perm', '/vms/{vmid}', ...privileges] },
  proxyto: 'node',
  allowtoken: 1,
  protected: 1,
  ...rest,
})

const forAll = (properties, rest = {}) => ({
  parameters: { additionalProperties: 0, properties },
  permissions: { user: 'all' },
  allowtoken: 1,
  ...rest,
})

export const supplement = {
  [`${vm}/feature`]: {
    GET: onVm([['VM.Audit']], {
      feature: { type: 'string', enum: ['snapshot', 'clone', 'copy'] },
      snapname: { ...snapname, optional: 1 },
    }),
  },
  [`${vm}/snapshot`]: {
    GET: onVm([['VM.Audit']], {}),
    POST: onVm([['VM.Snapshot']], { snapname, vmstate: flag, description: text }),
  },
  [`${vm}/snapshot/{snapname}`]: {
    GET: forAll({ node, vmid, snapname }),
    DELETE: onVm([['VM.Snapshot']], { snapname, force: flag }),
  },
  [`${vm}/snapshot/{snapname}/config`]: {
    GET: onVm([['VM.Snapshot', 'VM.Snapshot.Rollback', 'VM.Audit'], 'any', 1], { snapname }, { protected: 0 }),
    PUT: onVm([['VM.Snapshot']], { snapname, description: text }),
  },
  [`${vm}/snapshot/{snapname}/rollback`]: {
    POST: onVm([['VM.Snapshot', 'VM.Snapshot.Rollback'], 'any', 1], { snapname, start: flag }),
  },
  [`${vm}/migrate`]: {
    GET: onVm([['VM.Migrate']], { target: { ...node, optional: 1 } }),
    POST: onVm([['VM.Migrate']], {
      target: node,
      online: flag,
      force: flag,
      migration_type: { type: 'string', optional: 1, enum: ['secure', 'insecure'] },
      migration_network: { type: 'string', optional: 1, format: 'CIDR' },
      'with-local-disks': flag,
      targetstorage: { type: 'string', optional: 1, format: 'storage-pair-list' },
      bwlimit: { type: 'integer', optional: 1, minimum: 0 },
    }),
  },
  '/nodes/{node}/lxc': { GET: forAll({ node }, { proxyto: 'node', protected: 1 }) },
  '/access/domains': { GET: forAll({}, { permissions: { user: 'world' } }) },
  '/access/groups': { GET: forAll({}) },
}
