/** An error as HTTP clients get it: `application/problem+json` (RFC 9457). */
export interface Problem {
  type: 'about:blank';
  title: string;
  status: number;
  /** The sentence: what, which value, and what to change. */
  detail: string;
}

export const problemMediaType = 'application/problem+json';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export function problem(status: number, detail: string): Problem {
  return { type: 'about:blank', title: titles[status] ?? 'Error', status, detail };
}
