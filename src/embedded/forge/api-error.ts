import { FairwayError } from '../../domain/errors.ts';

export interface FieldError {
  resource: string;
  field: string;
  code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'custom';
  message?: string;
}

/** An answer of the API that is not the wished one, in GitHub's words. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, errors: FieldError[] = [], headers: Record<string, string> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

/** GitHub answers 404 also to those who may not know that it exists. */
export function notFound(): ApiError {
  return new ApiError(404, 'Not Found');
}

export function validationFailed(...errors: FieldError[]): ApiError {
  return new ApiError(422, 'Validation Failed', errors);
}

/** A rule that no single field breaks, in a sentence. */
export function invalid(resource: string, message: string): ApiError {
  return validationFailed({ resource, field: 'base', code: 'custom', message });
}

/** Whatever was thrown, as an answer; the unexpected is a 500 that says nothing more. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof FairwayError) return new ApiError(error.kind === 'unavailable' ? 503 : 422, error.message);
  if (!(error instanceof Error)) return new ApiError(500, 'Server Error');
  // A path that its schema refuses names nothing that could exist.
  if (error.name === 'ZodError') return notFound();
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return new ApiError(status, status >= 500 ? 'Server Error' : error.message);
}
