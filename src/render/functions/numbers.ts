import type { ByteString } from '../template/byte-string.ts';
import { quote } from '../template/quote.ts';
import { CallError } from '../template/template-error.ts';

/** How large each of a pool's groups is. */
export function asgSize(poolSize: bigint, groups: bigint): bigint {
  if (groups === 0n) throw new CallError('runtime error: integer divide by zero');
  if (poolSize % groups !== 0n) throw new CallError(`pool size must be an exact multiple of ${groups}`);
  return BigInt.asIntN(64, poolSize / groups);
}

/** How many nodes a pod network of /podMask has addresses for, if each node takes a /mask. */
export function nodeCIDRMaxNodes(podMask: bigint, mask: bigint, reserved: bigint): bigint {
  if (podMask < 14n || podMask > 16n) throw new CallError(`invalid for podCIDRMaskSize: ${podMask}`);
  checkMask(mask);
  return BigInt.asIntN(64, (1n << (mask - podMask)) - reserved);
}

/** How many pods a node with a /mask may run. */
export function nodeCIDRMaxPods(mask: bigint, extra: bigint): bigint {
  checkMask(mask);
  const pods = BigInt.asIntN(64, (1n << (31n - mask)) + extra);
  return pods > 110n ? 110n : pods;
}

function checkMask(mask: bigint): void {
  if (mask < 24n || mask > 28n) throw new CallError(`invalid value for maskSize: ${mask}`);
}

export function parseInt64(text: ByteString): bigint {
  const refuse = (reason: string) => new CallError(`strconv.ParseInt: parsing ${quote(text)}: ${reason}`);
  if (!/^[+-]?[0-9]+$/.test(text)) throw refuse('invalid syntax');
  const value = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, value) !== value) throw refuse('value out of range');
  return value;
}
