import { createHmac } from 'node:crypto';
import { messageOf } from '../../domain/errors.ts';
import type { Row } from './forge-tables.ts';

export interface DeliveryResult {
  outcome: 'delivered' | 'failed';
  /** GitHub's word for it: `OK`, or what went wrong. */
  status: string;
  /** 0 when nothing was answered. */
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  seconds: number;
}

const LONGEST_STORED_ANSWER = 64 * 1024;

/** POSTs a stored delivery to its hook once. */
export async function deliver(
  hook: Row<'hooks'>,
  delivery: Row<'deliveries'>,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const started = performance.now();
  const seconds = () => Math.round(performance.now() - started) / 1000;
  try {
    const response = await fetch(hook.url, {
      method: 'POST',
      headers: requestHeaders(hook, delivery),
      body: requestBody(hook, delivery),
      redirect: 'manual',
      signal,
    });
    const body = (await response.text()).slice(0, LONGEST_STORED_ANSWER);
    const headers = Object.fromEntries(response.headers);
    const status = response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`;
    return {
      outcome: response.ok ? 'delivered' : 'failed',
      status,
      statusCode: response.status,
      headers,
      body,
      seconds: seconds(),
    };
  } catch (error) {
    return { outcome: 'failed', status: failureOf(error), statusCode: 0, headers: {}, body: '', seconds: seconds() };
  }
}

/** The headers of the POST, signed with the hook's secret where it has one. */
export function requestHeaders(hook: Row<'hooks'>, delivery: Row<'deliveries'>): Record<string, string> {
  const body = requestBody(hook, delivery);
  return {
    accept: '*/*',
    'user-agent': 'GitHub-Hookshot/fairway',
    'content-type': hook.contentType === 'form' ? 'application/x-www-form-urlencoded' : 'application/json',
    'x-github-delivery': delivery.guid,
    'x-github-event': delivery.event,
    'x-github-hook-id': String(hook.id),
    'x-github-hook-installation-target-id': String(hook.repositoryId),
    'x-github-hook-installation-target-type': 'repository',
    ...(hook.secret
      ? { 'x-hub-signature-256': `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}` }
      : {}),
  };
}

function requestBody(hook: Row<'hooks'>, delivery: Row<'deliveries'>): string {
  return hook.contentType === 'form' ? new URLSearchParams({ payload: delivery.payload }).toString() : delivery.payload;
}

function failureOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'timed out';
  const cause = error instanceof Error ? error.cause : undefined;
  return `failed to connect to host: ${messageOf(cause ?? error)}`;
}
