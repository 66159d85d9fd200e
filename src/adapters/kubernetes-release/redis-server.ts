import type { PackageOptions } from './os-packages.ts';
import { type FoundProgram, findPackagedProgram } from './packaged-program.ts';

export type RedisServer = FoundProgram;

/** redis-server; never an installed package, since installing it would start a service of the system's own. */
export function findRedisServer(options: PackageOptions & { env?: NodeJS.ProcessEnv }): Promise<RedisServer> {
  return findPackagedProgram({ name: 'redis-server', packages: ['redis-server', 'redis-tools'] }, options);
}
