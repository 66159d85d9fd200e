import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { z } from 'zod';
import type { ArchiveEntry, S3Object } from './rendered-cluster.ts';
import { type ByteString, bufferOf } from './template/byte-string.ts';
import { YamlError } from './yaml-error.ts';
import { parseFirstYaml } from './yaml-parser.ts';
import { decodeYaml, toJson } from './yaml-value.ts';

const archiveFile = z.strictObject({
  path: z.string(),
  data: z.string().default(''),
  encrypted: z.boolean().default(false),
  permissions: z.int().default(0),
});

const filesDocument = z.strictObject({ files: z.array(archiveFile).nullish() }).nullable();

/** The entries of a rendered `files.yaml`. Throws YamlError. */
export function readArchiveEntries(text: string): ArchiveEntry[] {
  const root = parseFirstYaml(text);
  const parsed = filesDocument.safeParse(root === undefined ? null : toJson(decodeYaml(text, root)));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new YamlError(`files.yaml: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`);
  }
  return (parsed.data?.files ?? []).map((file) => ({ ...file, data: decodeData(file.path, file.data) }));
}

function decodeData(path: string, data: string): Buffer {
  const compact = data.replaceAll(/[\r\n]/g, '');
  const bytes = Buffer.from(compact, 'base64');
  if (bytes.toString('base64') !== compact) throw new YamlError(`failed to decode data for file: ${path}`);
  return bytes;
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

/** A tar.gz of the entries, the same bytes for the same entries; `encrypt` is called for the encrypted ones. */
export async function packArchive(
  entries: readonly ArchiveEntry[],
  encrypt: (data: Buffer) => Promise<Buffer>,
): Promise<Buffer> {
  const tar = pack();
  for (const { path, data, encrypted, permissions } of entries) {
    const name = encrypted ? `${path}.enc` : path;
    tar.entry({ name, mode: permissions, mtime: new Date(0) }, encrypted ? await encrypt(data) : data);
  }
  tar.finalize();
  return promisify(gzip)(await buffer(tar));
}
