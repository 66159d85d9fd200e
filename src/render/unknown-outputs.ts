import type { ByteString } from './template/byte-string.ts';

/** Outputs of a main stack that was refused: any name is answered, so that its faults aren't told twice. */
export class UnknownOutputs extends Map<ByteString, ByteString> {
  override get(name: ByteString): ByteString {
    return super.get(name) ?? '';
  }

  override has(_name: ByteString): boolean {
    return true;
  }
}
