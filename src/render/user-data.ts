import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { decodeBase64 } from './functions/base64.ts';
import type { ArchiveEntry, S3Object } from './rendered-cluster.ts';
import { type ByteString, bufferOf, bytesOf } from './template/byte-string.ts';
import { CallError } from './template/template-error.ts';
import { YamlError } from './yaml/error.ts';
import { YamlFields } from './yaml/fields.ts';
import { placeOf } from './yaml/node.ts';
import { parseFirstYaml } from './yaml/parser.ts';

const fileType =
  'struct { Path string "yaml:\\"path\\" json:\\"path\\""; Data string "yaml:\\"data\\" json:\\"data\\""; Encrypted bool "yaml:\\"encrypted\\" json:\\"encrypted\\""; Permissions int64 "yaml:\\"permissions\\" json:\\"permissions\\"" }';

/** The entries of a rendered `files.yaml`, which may have no other fields. Throws YamlError. */
export function readArchiveEntries(text: string): ArchiveEntry[] {
  const reader = new YamlFields(text, { strict: true });
  const document = reader.fields(parseFirstYaml(text), 'provisioner.remoteData', ['files']);
  const files = reader.items(document.get('files'), `[]${fileType}`).map((node) => {
    const file = reader.fields(node, fileType, ['path', 'data', 'encrypted', 'permissions']);
    return {
      path: reader.string(file.get('path')),
      data: reader.string(file.get('data')),
      encrypted: reader.boolean(file.get('encrypted')) ?? false,
      permissions: reader.integer(file.get('permissions'), 'int64') ?? 0,
      place: placeOf(text, file.get('data') ?? node),
    };
  });
  reader.finish();
  return files.map(({ place, data, ...file }) => ({ ...file, data: decodeData(file.path, data, place) }));
}

function decodeData(path: string, data: string, place: { line: number; column: number }): Buffer {
  try {
    return bufferOf(decodeBase64(bytesOf(data)));
  } catch (error) {
    if (error instanceof CallError) throw new YamlError(`failed to decode data for file: ${path}`, place);
    throw error;
  }
}

/** The key below the cluster's bucket under which the archive of a rendered `files.yaml` is kept. */
export function archiveKey(localId: string, kind: 'etcd' | 'master' | 'worker', rendered: ByteString): string {
  return `${localId}/${kind}/${createHash('sha512').update(bufferOf(rendered)).digest('hex')}.userdata`;
}

export function s3Url(object: S3Object): string {
  return `s3://${object.bucket}/${object.key}`;
}

/** What stands for the user data in a pool's stack, as long as it isn't sent to AWS. */
export function userDataPlaceholder(userData: ByteString): ByteString {
  return `USERDATA-SHA256-${createHash('sha256').update(bufferOf(userData)).digest('hex')}`;
}

/** User data as EC2 takes it: base64 of the gzipped text. */
export async function compressUserData(userData: ByteString): Promise<ByteString> {
  return (await promisify(gzip)(bufferOf(userData))).toString('base64');
}

/** Not kept in the header; without it, permissions of 0 would be taken for none given. */
const regularFile = 0o100000;

/** A tar.gz of the entries, the same bytes for the same entries; `encrypt` is called for the encrypted ones. */
export async function packArchive(
  entries: readonly ArchiveEntry[],
  encrypt: (data: Buffer) => Promise<Buffer>,
): Promise<Buffer> {
  const tar = pack();
  for (const { path, data, encrypted, permissions } of entries) {
    const name = encrypted ? `${path}.enc` : path;
    const header = { name, type: 'file', mode: regularFile | permissions, mtime: new Date(0) } as const;
    tar.entry(header, encrypted ? await encrypt(data) : data);
  }
  tar.finalize();
  return promisify(gzip)(await buffer(tar));
}
