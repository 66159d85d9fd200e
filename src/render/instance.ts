import { FairwayError } from '../domain/errors.ts';
import type { InstanceType } from '../ports/cluster-facts.ts';
import { bytesOf } from './template/byte-string.ts';
import { type BasicType, FLOAT64, INT32, INT64, STRING, structType } from './template/go-type.ts';
import { Named, Struct, type Value } from './template/go-value.ts';
import { integerOf } from './template/reflect.ts';

/** The string type of AWS's SDK; a plain string isn't one to a template function. */
export const INSTANCE_TYPE: BasicType = { kind: 'string', name: 'types.InstanceType' };

const INSTANCE = structType(
  'aws.Instance',
  [
    { name: 'InstanceType', type: INSTANCE_TYPE },
    { name: 'VCPU', type: INT32 },
    { name: 'Memory', type: INT64 },
    { name: 'InstanceStorageDevices', type: INT64 },
    { name: 'InstanceStorageDeviceSize', type: INT64 },
    { name: 'Architecture', type: STRING },
  ],
  {
    methods: {
      MemoryFraction: {
        params: [INT64],
        call: (instance, [percent]) =>
          new Named(INT64, BigInt.asIntN(64, number(percent) * number(instance.get('Memory'))) / 100n),
      },
      AvailableStorage: {
        params: [FLOAT64, INT64, FLOAT64],
        call: (instance, [factor, rootSize, rootFactor]) => {
          const size =
            number(instance.get('InstanceStorageDevices')) * number(instance.get('InstanceStorageDeviceSize'));
          const bytes =
            size === 0n && number(instance.get('InstanceStorageDevices')) === 0n
              ? Number(number(rootSize)) * Number(rootFactor)
              : Number(factor) * Number(size);
          return new Named(INT64, int64Of(bytes));
        },
      },
    },
  },
);

/** As Go converts on amd64: what doesn't fit is the smallest one. */
function int64Of(value: number): bigint {
  const fits = value > -(2 ** 63) && value < 2 ** 63;
  return fits ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

function number(value: Value): bigint {
  return integerOf(value) ?? 0n;
}

/** The `Instance` of one instance type, for the FunctionContext and for `.Values`. */
export function instanceValue(type: InstanceType): Struct {
  return new Struct(INSTANCE, [
    new Named(INSTANCE_TYPE, bytesOf(type.name)),
    new Named(INT32, BigInt(type.vcpu)),
    new Named(INT64, BigInt(type.memoryMiB) * 2n ** 20n),
    new Named(INT64, BigInt(type.disks)),
    new Named(INT64, BigInt(type.diskSizeGB) * 10n ** 9n),
    bytesOf(type.architecture),
  ]);
}

/** `.Values.InstanceInfo`: each number its minimum over the pool's types. Throws a FairwayError for an unknown one. */
export function syntheticInstance(types: readonly string[], known: ReadonlyMap<string, Struct>): Struct {
  const instances = types.map((type) => {
    const instance = known.get(type);
    if (instance === undefined) throw new FairwayError('refused', `unknown instance type: ${type}`);
    return instance;
  });
  const [first] = instances;
  if (first === undefined) throw new FairwayError('refused', 'no instance types provided');
  if (instances.length === 1) return first;
  const least = (name: string) =>
    instances
      .map((one) => number(one.get(name)))
      .reduce((smallest, size) => {
        if (size < smallest) return size;
        return smallest;
      });
  return new Struct(INSTANCE, [
    new Named(INSTANCE_TYPE, '<multiple>'),
    new Named(INT32, least('VCPU')),
    new Named(INT64, least('Memory')),
    new Named(INT64, least('InstanceStorageDevices')),
    new Named(INT64, least('InstanceStorageDeviceSize')),
    first.get('Architecture'),
  ]);
}
