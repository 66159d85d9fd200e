/** As much of a channel as its place among the others needs. */
export interface Promoting {
  channel: string;
  /** The channel that it promotes to. */
  promotion?: { to: string } | undefined;
}

/**
 * Channels in the order in which a change passes them: each before the one that it promotes to, chain after chain. Where nothing says
 * which comes first, as in a circle, the alphabet does.
 */
export function inPromotionOrder<T extends Promoting>(channels: readonly T[]): T[] {
  const left = channels.toSorted((one, other) => (one.channel < other.channel ? -1 : 1));
  const hasEarlier = ({ channel }: T): boolean =>
    left.some((other) => other.channel !== channel && other.promotion?.to === channel);
  const ordered: T[] = [];
  let next: T | undefined;
  while (left.length > 0) {
    const chosen = next ?? left.find((one) => !hasEarlier(one)) ?? left[0];
    if (!chosen) break;
    left.splice(left.indexOf(chosen), 1);
    ordered.push(chosen);
    next = left.find((one) => one.channel === chosen.promotion?.to && !hasEarlier(one));
  }
  return ordered;
}
