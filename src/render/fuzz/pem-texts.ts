import { generateKeyPairSync } from 'node:crypto';

/** Of an elliptic curve, until 2036. */
const certificate = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBczCCARmgAwIBAgIUe/Ew1/CqBFSDShu/sibXB+Bpx44wCgYIKoZIzj0EAwIw',
  'DzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjUxMDM4MDBaFw0zNjExMjIxMDM4MDBa',
  'MA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASjhTvx',
  '2KHM49L5+DFVpuB9Dv7vnD1e9/MXOGlycNoCF/LaiW8aF64EVGkdFH4dP/s8gvsL',
  'sg4Fd9vY7HHzh+/ao1MwUTAdBgNVHQ4EFgQUDNO7TqS/zgiLL3K/kIm5D5fNJAEw',
  'HwYDVR0jBBgwFoAUDNO7TqS/zgiLL3K/kIm5D5fNJAEwDwYDVR0TAQH/BAUwAwEB',
  '/zAKBggqhkjOPQQDAgNIADBFAiBkIgrB/1AMKuigxVZwBxZyJDeW9ZIAITSVig3U',
  'tVBAxwIhAJGq3boS1sMIzDoK0WpQGPNe25TTP72eyXxy97unxvT/',
  '-----END CERTIFICATE-----',
  '',
].join('\n');

/** Of RSA, and until 2062, which a certificate writes in another way. */
const longCertificate = [
  '-----BEGIN CERTIFICATE-----',
  'MIIB/DCCAWWgAwIBAgIULmSQW2T+gY9pBUKjrWWc98mkQgswDQYJKoZIhvcNAQEL',
  'BQAwDzENMAsGA1UEAwwEbG9uZzAgFw0yNjExMjUxMDM4MjdaGA8yMDYyMDYyOTEw',
  'MzgyN1owDzENMAsGA1UEAwwEbG9uZzCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkC',
  'gYEAvFey6HVqgZGvyt/7YOPw/oMdSsuduYDg12eb0/iy8H12+QiiH1pnZQCZqLRT',
  'KBQ6JIVUp2Fw2H3gONq9bk19whUBiuNm67Z6jhImcooiSmbZDRnbmuWbyu0xD9t0',
  '9Y6CPgnuUIpTj3DNysMWKSbpX0BjeRKcx3qX1orhD7p7sQcCAwEAAaNTMFEwHQYD',
  'VR0OBBYEFBqPyaEM8/ne+qO8TJ9BmQfmvJRcMB8GA1UdIwQYMBaAFBqPyaEM8/ne',
  '+qO8TJ9BmQfmvJRcMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADgYEA',
  'Z5Rom6wpBRo6U0JOQCZHI40TvF3MyMVFdBwm6N5txwotAi5pdzbciNHOiBWTwSZU',
  'mZjR5Wtiubd1x8kmwxIWqaBZHaeCoY/bksed1g7CQDU4mlRoj/mnFCVrlCTDEoDf',
  'f/jrFT6j0hzVRU5iIlU+Y7Gk8DmaO0lPyH2ZB2zj83I=',
  '-----END CERTIFICATE-----',
  '',
].join('\n');

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const curve = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** What PEM functions may be given: of the right kind, and of others. */
export const pemTexts: readonly [string, ...string[]] = [
  certificate,
  longCertificate,
  rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  curve.privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  curve.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  '-----BEGIN X-----\n-----END X-----\n',
  '-----BEGIN X-----\nYWJj\n-----END Y-----\n',
  '-----BEGIN X-----\nA: b\n\nYWJj\n-----END X-----',
];
