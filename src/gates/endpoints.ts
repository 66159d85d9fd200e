import { describeRef } from '../domain/manifest.ts';
import type { Gate } from '../ports/gate.ts';
import { openUnless } from './gate.ts';

/** Every Service with a selector that Fairway applied has somebody who answers. */
export const endpointsGate: Gate = async (cluster, signal) => {
  const services = await cluster.serviceEndpoints(signal);
  const unanswered = services.filter(({ ready }) => ready === 0);
  return openUnless(
    unanswered.map(({ ref, notReady }) => {
      const why = notReady === 0 ? 'its selector matches no running pod' : `${notReady} pods are not ready`;
      return `${describeRef(ref)} has no ready endpoint: ${why}`;
    }),
  );
};
