import { Slice, type Value } from '../template/go-value.ts';

/** Bytes of a Go string's header: what an element of a []string takes. */
const elementBytes = 16;

/** The sizes that Go's allocator hands out, up to 32 KiB. */
const sizeClasses = [
  16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576,
  640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144,
  6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576,
  27264, 28672, 32768,
];

/**
 * Go's append on a []string. Where the array behind the slice has room, it is written to, and seen through other slices of
 * it: `$y` and `$z`, both appended to `$x`, may share their last element. Hence the exact capacities.
 */
export function append(slice: Slice, added: readonly Value[]): Slice {
  if (added.length === 0) return slice;
  const length = slice.length + added.length;
  if (length <= slice.capacity && slice.array !== undefined) {
    for (const [index, value] of added.entries()) slice.array[slice.offset + slice.length + index] = value;
    return new Slice(slice.type, slice.array, slice.offset, length, slice.capacity);
  }
  return new Slice(slice.type, [...slice.items(), ...added], 0, length, grownCapacity(slice.capacity, length));
}

function grownCapacity(capacity: number, length: number): number {
  let wanted = length > 2 * capacity ? length : capacity < 256 ? 2 * capacity : capacity;
  while (wanted < length) wanted += Math.floor((wanted + 3 * 256) / 4);
  return Math.floor(allocated(wanted * elementBytes) / elementBytes);
}

/** Above 512 bytes a header of 8 comes on top, above 32 KiB whole pages are taken. */
function allocated(bytes: number): number {
  if (bytes > 32768 - 8) return Math.ceil(bytes / 8192) * 8192;
  const header = bytes > 512 ? 8 : 0;
  return (sizeClasses.find((size) => size >= bytes + header) ?? bytes) - header;
}
